import { describe, expect, test } from 'vitest';
import type { ServerSnapshot } from '../../../src/core/model/snapshot.ts';
import { decide, RULE_NAMES, ruling } from '../../../src/core/server/decide.ts';
import { ANNOTATION } from '../../../src/resources/names.ts';
import {
  aLedger,
  aMemory,
  anEntry,
  anObject,
  aServer,
  aSnapshot,
  ATTEMPT,
  deleting,
  maybeSent,
  NOW,
  OPEN,
  seeing,
  uuid,
  withSpec,
} from '../../support/builders.ts';
import type { Expected } from './expectations.ts';
import { acts, blocks, next, STILL, waits, writes } from './expectations.ts';

test('a paused object with one server says what the pause does, and no more', () => {
  const object = anObject({ annotations: { [ANNOTATION.paused]: 'true' } });
  const message = `Nothing is ordered, changed or released until the annotation ${ANNOTATION.paused} is removed.`;
  expect(decide(aSnapshot({ object }))).toMatchObject({ reason: 'Paused', message });
});

/** Each case is in the situations of two rules at least: the earlier one speaks. */
describe('in the chain', () => {
  const paused = { [ANNOTATION.paused]: 'true' };
  const two = aServer({ uuid: uuid(2) });
  const inStatusOnly = { kind: 'entry', entry: anEntry(), inAnnotation: false, inStatus: true } as const;
  test.each<[string, ServerSnapshot, Expected]>([
    [
      'record stands before paused',
      aSnapshot({ ledger: inStatusOnly, object: anObject({ annotations: paused }) }),
      writes(anEntry()),
    ],
    [
      'paused stands before an unreadable ledger',
      aSnapshot({ ledger: { kind: 'unreadable' }, object: anObject({ annotations: paused }) }),
      waits('Paused', 'Nothing is ordered', STILL),
    ],
    [
      'paused stands before duplicates, and names them',
      aSnapshot({ object: anObject({ annotations: paused }), view: seeing(aServer(), two) }),
      waits('Paused', `2 live servers: ${uuid(1)}, ${uuid(2)}.`, STILL),
    ],
    [
      'an unreadable ledger stands before answers and release',
      aSnapshot({
        ledger: { kind: 'unreadable' },
        object: deleting({ annotations: { [ANNOTATION.resolve]: `forget=${uuid(1)}` } }),
      }),
      blocks('OrderUnclear', 'cannot be read', { kind: 'onChange' }),
    ],
    [
      'answers stand before settling',
      aSnapshot({
        ledger: aLedger({ outcome: OPEN }),
        memory: aMemory({ intent: maybeSent(0) }),
        view: seeing(),
        object: anObject({ annotations: { [ANNOTATION.resolve]: `forget=${ATTEMPT}` } }),
      }),
      writes(next(anEntry(), { kind: 'forgotten', at: NOW }, { answered: [`forget=${ATTEMPT}`], everUnclear: true })),
    ],
    [
      'force-forget stands before release',
      aSnapshot({ object: deleting({ annotations: { [ANNOTATION.forceForget]: uuid(1) } }) }),
      acts({ kind: 'dropFinalizer', because: { kind: 'forgotten', what: uuid(1) } }),
    ],
    [
      'settling stands before duplicates',
      aSnapshot({
        ledger: aLedger({ outcome: OPEN }),
        memory: aMemory({ intent: maybeSent(0) }),
        view: seeing(aServer(), two),
      }),
      blocks('DuplicateServers', 'has no clear answer'),
    ],
    [
      'release stands before duplicates',
      aSnapshot({ object: deleting(), view: seeing(aServer(), two) }),
      acts({ kind: 'releaseServer', server: uuid(1), cause: 'deleted' }),
    ],
    [
      'duplicates stand before tags',
      aSnapshot({ spec: withSpec({ tags: ['web'] }), view: seeing(aServer(), two) }),
      blocks('DuplicateServers', '2 live'),
    ],
    [
      'adoption stands before a new order',
      aSnapshot({ ledger: aLedger({ outcome: { kind: 'absent', at: NOW } }) }),
      writes(next(anEntry(), { kind: 'created', server: uuid(1), proof: 'found', at: NOW })),
    ],
    [
      'a lost server stands before tags',
      aSnapshot({ spec: withSpec({ tags: ['web'] }), view: seeing(aServer({ status: 'released' })) }),
      writes(next(anEntry(), { kind: 'lost', server: uuid(1), at: NOW })),
    ],
    ['at its end everything is as wanted', aSnapshot(), waits('Ready', 'as wanted', STILL)],
  ])('%s', (_name, snapshot, expected) => {
    expect(decide(snapshot)).toEqual(expected);
  });
});

test('every rule has its name, and the last is of what remains', () => {
  expect(RULE_NAMES).toEqual([
    'record',
    'paused',
    'unreadableLedger',
    'resolve',
    'forceForget',
    'settle',
    'release',
    'duplicate',
    'adopt',
    'lookFirst',
    'order',
    'lost',
    'tags',
    'follow',
  ]);
  expect(ruling(aSnapshot()).rule).toBe('follow');
  expect(ruling(aSnapshot({ object: deleting() })).rule).toBe('release');
});
