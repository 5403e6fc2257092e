import { describe, expect, test } from 'vitest';
import type { HappeningKind } from '../../src/observability/happening.ts';
import { TELLINGS } from '../../src/observability/telling.ts';
import { CONDITION_TYPES, REASONS } from '../../src/resources/names.ts';
import { inBackticks, readPage, tableRows } from './markdown.ts';

const PAGE = readPage('docs/behaviour.md');

/** Rows of the tables of situations: situation, what the operator does, reason, way out. */
const SITUATIONS = tableRows(PAGE).filter((cells) => cells.length === 4);

/** Told of the operator or of a server without an object: these are no Events of an object. */
const ABOUT_NO_OBJECT: ReadonlySet<string> = new Set<HappeningKind>([
  'orphanSeen',
  'listingIncomplete',
  'credentialsInvalid',
  'credentialsRecovered',
  'leadershipAcquired',
  'leadershipLost',
]);

describe('docs/behaviour.md', () => {
  test('has a situation for every reason, and no other reasons', () => {
    const named = SITUATIONS.flatMap(([, , reason = '']) => inBackticks(reason));
    expect(new Set(named)).toEqual(new Set(REASONS));
  });

  test('leaves no cell of a situation empty', () => {
    expect(SITUATIONS.filter((cells) => cells.some((cell) => cell === ''))).toEqual([]);
  });

  test('names every condition', () => {
    expect(inBackticks(PAGE.text)).toEqual(expect.arrayContaining([...CONDITION_TYPES]));
  });

  test('lists the Events that objects get, and no others', () => {
    const [, list = ''] = /\n## Events\n([\s\S]*?)\n## /.exec(PAGE.text) ?? [];
    const reasons = Object.entries(TELLINGS).flatMap(([kind, telling]) =>
      'event' in telling && !ABOUT_NO_OBJECT.has(kind) ? [telling.event.reason] : [],
    );
    expect(new Set(inBackticks(list).filter((word) => /^[A-Z]\w+$/.test(word)))).toEqual(new Set(reasons));
  });
});
