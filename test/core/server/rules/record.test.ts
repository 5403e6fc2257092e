import { describe, expect, test } from 'vitest';
import { seconds } from '../../../../src/base/time.ts';
import type { Ledger } from '../../../../src/core/model/ledger.ts';
import type { CreateOutcome } from '../../../../src/core/model/outcomes.ts';
import type { ServerSnapshot } from '../../../../src/core/model/snapshot.ts';
import { decide } from '../../../../src/core/server/decide.ts';
import { ANNOTATION } from '../../../../src/resources/names.ts';
import {
  aMemory,
  anEntry,
  anObject,
  aServer,
  aSnapshot,
  ago,
  deleting,
  maybeSent,
  NEXT_ATTEMPT,
  NOW,
  OPEN,
  seeing,
  uuid,
} from '../../../support/builders.ts';
import type { Expected } from '../expectations.ts';
import { after, next, STILL, waits, writes } from '../expectations.ts';

const open = anEntry({ outcome: OPEN });
const inBoth = (entry = anEntry()): Ledger => ({ kind: 'entry', entry, inAnnotation: true, inStatus: true });
const inStatusOnly = (entry = anEntry()): Ledger => ({ kind: 'entry', entry, inAnnotation: false, inStatus: true });
const created = { kind: 'created', server: aServer() } as const;
const refusal = { class: 'quota', message: 'no' } as const;
const retries = { ledger: { failures: 1, notBefore: ago(-2_000), message: 'no answer' } };
const answered = (outcome: CreateOutcome): ServerSnapshot =>
  aSnapshot({ ledger: inBoth(open), memory: aMemory({ intent: { ...maybeSent(0), outcome } }), view: seeing() });
const uuidKnown = writes(next(open, { kind: 'created', server: uuid(1), proof: 'reply', at: NOW }));
const paused = { annotations: { [ANNOTATION.paused]: 'true' } };

describe('what was done is written down first', () => {
  test.each<[string, ServerSnapshot, Expected]>([
    ['the uuid of a created server', answered(created), uuidKnown],
    ['also while paused', { ...answered(created), object: anObject(paused) }, uuidKnown],
    ['also while being deleted', { ...answered(created), object: deleting() }, uuidKnown],
    ['a refusal', answered({ kind: 'refused', refusal }), writes(next(open, { kind: 'refused', refusal, at: NOW }))],
    [
      'an unclear answer is nothing to write: the open intent says it already',
      answered({ kind: 'unclear', cause: 'timeout' }),
      waits('OrderUnclear', 'no clear answer'),
    ],
    [
      'nothing else happens while it cannot be written',
      aSnapshot({
        ledger: inBoth(open),
        memory: aMemory({ intent: { ...maybeSent(0), outcome: created }, retries }),
      }),
      waits('Ordering', 'no answer', after(seconds(2))),
    ],
    ['an annotation that was dropped', aSnapshot({ ledger: inStatusOnly() }), writes(anEntry())],
    [
      'an annotation that was dropped from a paused object',
      aSnapshot({ ledger: inStatusOnly(), object: anObject(paused) }),
      writes(anEntry()),
    ],
    ['a finalizer that was removed', aSnapshot({ object: anObject({ finalizers: [] }) }), writes(anEntry())],
    [
      'a finalizer is not put back on an object that is being deleted: the API server would refuse it',
      aSnapshot({ object: deleting({ finalizers: [] }) }),
      waits('Releasing', 'going', { kind: 'onChange' }),
    ],
    [
      'a copy that cannot be put back holds nothing up',
      aSnapshot({ ledger: inStatusOnly(), memory: aMemory({ retries }) }),
      waits('Ready', 'delivered', STILL),
    ],
  ])('%s', (_name, snapshot, expected) => {
    expect(decide(snapshot)).toEqual(expected);
  });

  test('an answer that stands in the ledger already is not written again', () => {
    const remembered = aMemory({ intent: { ...maybeSent(0), outcome: created } });
    expect(decide(aSnapshot({ memory: remembered }))).toEqual(waits('Ready', 'delivered', STILL));
  });

  test('an outcome of another attempt is not taken for this one', () => {
    const former = { ...maybeSent(0), attempt: NEXT_ATTEMPT, outcome: created };
    expect(decide(aSnapshot({ ledger: inBoth(open), memory: aMemory({ intent: former }), view: seeing() }))).toEqual(
      waits('OrderUnclear', 'may have ordered'),
    );
  });
});
