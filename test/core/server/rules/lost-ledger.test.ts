import { describe, expect, test } from 'vitest';
import { minutes, seconds } from '../../../../src/base/time.ts';
import type { ServerSnapshot } from '../../../../src/core/model/snapshot.ts';
import { decide } from '../../../../src/core/server/decide.ts';
import { refresh } from '../../../../src/core/server/refresh.ts';
import {
  ACCOUNT,
  ago,
  aListing,
  aMemory,
  anEntry,
  aNewSnapshot,
  anObject,
  aRequest,
  aServer,
  aView,
  MONO,
  NEXT_ATTEMPT,
  NOW,
  OPEN,
  OTHER_ACCOUNT,
  seeing,
  uuid,
} from '../../../support/builders.ts';
import type { Expected } from '../expectations.ts';
import { next, waits, writes } from '../expectations.ts';

/** With our finalizer and without a ledger, which this process saw so long ago. Order time-out 2 min, settle window 5 min. */
const lostFor = (ms: number, differing: Partial<ServerSnapshot> = {}): ServerSnapshot =>
  aNewSnapshot({
    object: anObject(),
    memory: aMemory({ ledgerLostAt: ago(ms) }),
    inputs: { kind: 'ready', request: aRequest() },
    ...differing,
  });
const waiting = waits('OrderUnclear', 'ledger of this object was removed');
const ordered = writes({
  ...anEntry({ attempt: NEXT_ATTEMPT, revision: 1, requestedAt: NOW, account: ACCOUNT }),
  outcome: OPEN,
});

describe('an object whose ledger was removed from both places', () => {
  test.each<[string, ServerSnapshot, Expected]>([
    ['orders nothing when it is first seen', aNewSnapshot({ object: anObject() }), waiting],
    ['orders nothing within the settle window', lostFor(minutes(6)), waiting],
    [
      'orders nothing after it until two listings were begun after its end',
      lostFor(minutes(7), { view: aView([aListing([], seconds(20)), aListing([])]) }),
      waiting,
    ],
    ['orders nothing on one listing alone', lostFor(minutes(20), { view: aView([aListing([])]) }), waiting],
    [
      'orders nothing by the listings of another account',
      lostFor(minutes(20), { view: aView([aListing([], seconds(20)), aListing([])], { account: OTHER_ACCOUNT }) }),
      { kind: 'ask', query: { kind: 'list', begunAfter: MONO } },
    ],
    ['is ordered for when two listings after the window do not show a server', lostFor(minutes(20)), ordered],
    [
      'takes up its server as soon as a listing shows it',
      lostFor(seconds(5), { view: seeing(aServer()) }),
      writes(
        next(
          { ...anEntry({ attempt: NEXT_ATTEMPT, attempts: 0, revision: 0, requestedAt: NOW }), outcome: OPEN },
          { kind: 'created', server: uuid(1), proof: 'found', at: NOW },
        ),
      ),
    ],
  ])('%s', (_name, snapshot, expected) => {
    expect(decide(snapshot)).toEqual(expected);
  });
});

test('the wait runs from when this process first saw the loss, and ends with it', () => {
  const first = refresh(aNewSnapshot({ object: anObject() }));
  expect(first.memory.ledgerLostAt).toBe(MONO);
  expect(refresh(lostFor(minutes(3))).memory.ledgerLostAt).toBe(ago(minutes(3)));
  expect(refresh(lostFor(minutes(3), { object: anObject({ finalizers: [] }) })).memory.ledgerLostAt).toBeUndefined();
});
