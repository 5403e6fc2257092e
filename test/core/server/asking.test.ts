import { describe, expect, test } from 'vitest';
import { monotonic, seconds } from '../../../src/base/time.ts';
import { lookFor, needListing } from '../../../src/core/server/asking.ts';
import { learn } from '../../../src/core/server/learn.ts';
import { refresh } from '../../../src/core/server/refresh.ts';
import { countsAsAbsent, listUuids } from '../../../src/core/server/wording.ts';
import {
  ago,
  aListing,
  aMemory,
  aServer,
  aSnapshot,
  aView,
  MONO,
  notFoundAt,
  seeing,
  uuid,
} from '../../support/builders.ts';
import { asks } from './expectations.ts';

describe('a listing is needed', () => {
  const s = aSnapshot({ view: aView([aListing([], seconds(5))]) });
  test.each([
    ['begun a moment before it', 5_001, undefined],
    ['begun with it', 5_000, asks({ kind: 'list', begunAfter: ago(5_000) })],
    ['begun a moment after it', 4_999, asks({ kind: 'list', begunAfter: ago(4_999) })],
  ])('since a time %s', (_name, agoMs, expected) => {
    expect(needListing(s, ago(agoMs))).toEqual(expected);
  });
});

describe('a server that a single read showed', () => {
  const server = aServer();
  const readAgo = (ms: number, view = aView([aListing([], seconds(5))])) =>
    lookFor(
      aSnapshot({ view, memory: aMemory({ reads: { [uuid(1)]: { server, at: ago(ms), notFoundAt: [] } } }) }),
      uuid(1),
    );
  test('is there while no listing begun later misses it', () => {
    expect(readAgo(4_999)).toEqual({ kind: 'present', server, at: ago(4_999) });
    expect(readAgo(5_000)).toEqual({ kind: 'present', server, at: ago(5_000) });
    expect(readAgo(5_000, aView([]))).toEqual({ kind: 'present', server, at: ago(5_000) });
  });

  test('is asked for again when a listing begun later misses it', () => {
    expect(readAgo(5_001)).toEqual({ kind: 'proving', decision: asks({ kind: 'getServer', server: uuid(1) }) });
  });
});

describe('a failed listing', () => {
  const view = aView([]);
  test('has its next time, and the newest view is learned', () => {
    const after = learn(aSnapshot(), { kind: 'list', view, failed: 'HTTP 500' });
    expect(after.view).toBe(view);
    expect(after.memory.retries).toEqual({
      list: { failures: 1, notBefore: monotonic(MONO + 2_000), message: 'HTTP 500' },
    });
  });

  test('is forgotten with the next one that comes', () => {
    const retries = { list: { failures: 3, notBefore: ago(-1), message: 'HTTP 500' } };
    const after = learn(aSnapshot({ memory: aMemory({ retries }) }), { kind: 'list', view, failed: undefined });
    expect(after.memory.retries).toEqual({});
  });
});

describe('with a listing', () => {
  const release = { firstSentAt: ago(5_000), lastSentAt: ago(5_000), failedSince: undefined };
  const failedSince = (firstSentAgo: number) =>
    refresh(
      aSnapshot({
        view: seeing(aServer({ status: 'failed' })),
        memory: aMemory({ releases: { [uuid(1)]: { ...release, firstSentAt: ago(firstSentAgo) } } }),
      }),
    ).memory.releases[uuid(1)]?.failedSince;
  test('begun with a single read, the read stays', () => {
    const reads = { [uuid(1)]: notFoundAt(5_000) };
    expect(refresh(aSnapshot({ memory: aMemory({ reads }) })).memory.reads).toEqual(reads);
  });

  test('that does not show the server of a release, the release stays as it was', () => {
    const releases = { [uuid(1)]: release };
    expect(refresh(aSnapshot({ view: seeing(), memory: aMemory({ releases }) })).memory.releases).toEqual(releases);
  });

  test('begun with a release, nothing is known of how it ended', () => {
    expect(failedSince(5_000)).toBeUndefined();
    expect(failedSince(5_001)).toBe(ago(5_000));
  });
});

describe('a message', () => {
  test('says when an order counts as absent, and stops there', () => {
    const s = aSnapshot();
    expect(countsAsAbsent(s, ago(-1))).toBe('it counts as not ordered not before 2026-11-24T20:01:00Z.');
    expect(countsAsAbsent(s, ago(0))).toBe(
      'it counts as not ordered once two complete listings in a row do not show it.',
    );
  });

  test.each([
    [1, uuid(1)],
    [5, [1, 2, 3, 4, 5].map(uuid).join(', ')],
    [6, `${[1, 2, 3, 4, 5].map(uuid).join(', ')} and 1 more`],
  ])('names %s servers', (count, text) => {
    expect(listUuids(Array.from({ length: count }, (_, index) => uuid(index + 1)))).toBe(text);
  });
});
