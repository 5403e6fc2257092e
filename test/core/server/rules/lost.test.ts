import { describe, expect, test } from 'vitest';
import { minutes, seconds } from '../../../../src/base/time.ts';
import type { Outcome } from '../../../../src/core/model/ledger.ts';
import type { ServerSnapshot } from '../../../../src/core/model/snapshot.ts';
import { decide } from '../../../../src/core/server/decide.ts';
import {
  aLedger,
  aListing,
  aMemory,
  anEntry,
  aServer,
  aSnapshot,
  ATTEMPT,
  aView,
  ago,
  before,
  NOW,
  notFoundAt,
  OTHER_ACCOUNT,
  seeing,
  uuid,
} from '../../../support/builders.ts';
import type { Expected } from '../expectations.ts';
import { after, asks, blocks, next, STILL, waits, writes } from '../expectations.ts';

const lost: Outcome = { kind: 'lost', server: uuid(1), at: NOW };
const ordered = (agoMs: number): Outcome => ({ kind: 'created', server: uuid(1), proof: 'reply', at: before(agoMs) });
const goes = writes(next(anEntry(), lost));

/** The list does not show the object's server; the single reads said not found, that long ago. */
const missing = (notFoundAgo: readonly number[], differing: Partial<ServerSnapshot> = {}): ServerSnapshot =>
  aSnapshot({
    view: seeing(),
    memory: aMemory(notFoundAgo.length === 0 ? {} : { reads: { [uuid(1)]: notFoundAt(...notFoundAgo) } }),
    ...differing,
  });

/** Three, at least 15 s apart, the last one before the listings of 20 and 5 s ago. */
const THREE = [seconds(60), seconds(45), seconds(30)];

describe('a server that is not seen', () => {
  test.each<[string, ServerSnapshot, Expected]>([
    ['by a listing is asked for by itself', missing([]), asks({ kind: 'getServer', server: uuid(1) })],
    [
      'once proves nothing',
      missing([seconds(10)]),
      waits('ObservationStale', '1 of 3 times', { kind: 'onListing', atMost: seconds(5) }),
    ],
    ['is asked for again after 15 s', missing([seconds(15)]), asks({ kind: 'getServer', server: uuid(1) })],
    [
      'three times, but with no two listings since, proves nothing',
      missing([seconds(45), seconds(30), seconds(20)]),
      waits('ObservationStale', '3 of 3 times'),
    ],
    ['three times 15 s apart and in two listings since is lost', missing(THREE), goes],
    [
      'but shown by the first of those listings proves nothing',
      missing(THREE, { view: aView([aListing([aServer()], seconds(20)), aListing()]) }),
      waits('ObservationStale', '3 of 3 times'),
    ],
    [
      'proves nothing when a listing between failed',
      missing(THREE, { view: aView([aListing()], { run: [aListing()] }) }),
      waits('ObservationStale', '3 of 3 times'),
    ],
    [
      "proves nothing by another account's listings",
      missing(THREE, { ledger: aLedger({ account: OTHER_ACCOUNT }) }),
      blocks('AccountChanged', `reorder=${ATTEMPT}`),
    ],
    [
      'while single reads fail, waits for them',
      missing([], {
        memory: aMemory({
          retries: { [`get:${uuid(1)}`]: { failures: 1, notBefore: ago(-4_000), message: 'HTTP 503' } },
        }),
      }),
      waits('ApiUnavailable', 'HTTP 503', { kind: 'onListing', atMost: seconds(4) }),
    ],
    [
      'so soon after its order is not lost yet',
      missing(THREE, {
        ledger: aLedger({ outcome: { kind: 'created', server: uuid(1), proof: 'reply', at: before(minutes(4)) } }),
      }),
      waits('ObservationStale', 'ordered a short time ago'),
    ],
    [
      'when the settle window since its order ends this very moment is lost',
      missing(THREE, { ledger: aLedger({ outcome: ordered(minutes(5)) }) }),
      writes(next(anEntry({ outcome: ordered(minutes(5)) }), lost)),
    ],
    [
      'a moment before the settle window since its order ends is not lost yet',
      missing(THREE, { ledger: aLedger({ outcome: ordered(minutes(5) - 1) }) }),
      waits('ObservationStale', 'ordered a short time ago'),
    ],
    [
      'waits for its own time when the ledger could not be written',
      missing(THREE, {
        memory: aMemory({
          reads: { [uuid(1)]: notFoundAt(...THREE) },
          retries: { ledger: { failures: 1, notBefore: ago(-1_000), message: 'no answer' } },
        }),
      }),
      waits('Lost', 'no answer', after(seconds(1))),
    ],
    [
      'but read by itself is there',
      aSnapshot({ view: seeing(), memory: readJustNow() }),
      waits('Ready', 'delivered', STILL),
    ],
  ])('%s', (_name, snapshot, expected) => {
    expect(decide(snapshot)).toEqual(expected);
  });

  function readJustNow() {
    return aMemory({ reads: { [uuid(1)]: { server: aServer(), at: ago(seconds(1)), notFoundAt: [] } } });
  }
});

describe('what is told and never ordered again by itself', () => {
  test.each<[string, ServerSnapshot, Expected]>([
    ['a server that somebody released', aSnapshot({ view: seeing(aServer({ status: 'released' })) }), goes],
    ['a lost server', missing([], { ledger: aLedger({ outcome: lost }) }), blocks('Lost', `reorder=${ATTEMPT}`, STILL)],
    [
      'a lost server of which the same was asked before',
      missing([], { ledger: aLedger({ outcome: lost, answered: [`reorder=${ATTEMPT}`, `reorder=${ATTEMPT}/2`] }) }),
      blocks('Lost', `reorder=${ATTEMPT}/3;`, STILL),
    ],
    [
      'a forgotten server',
      missing([], { ledger: aLedger({ outcome: { kind: 'forgotten', at: NOW }, forgotten: [uuid(1)] }) }),
      blocks('Forgotten', `reorder=${ATTEMPT}`, STILL),
    ],
    [
      'a forgotten server that is still seen',
      aSnapshot({ ledger: aLedger({ outcome: { kind: 'forgotten', at: NOW }, forgotten: [uuid(1)] }) }),
      blocks('Forgotten', 'forget', STILL),
    ],
  ])('%s', (_name, snapshot, expected) => {
    expect(decide(snapshot)).toEqual(expected);
  });
});

test('while listings are too old to speak, the last look is reported and not a loss', () => {
  const view = aView([aListing([], minutes(6))]);
  const reads = { [uuid(1)]: notFoundAt(seconds(3)) };
  expect(decide(aSnapshot({ view, memory: aMemory({ reads }) }))).toEqual(
    waits('ObservationStale', 'was not seen recently'),
  );
});

test('while listings are too old to speak, the server is asked for by itself', () => {
  const view = aView([aListing([], minutes(6))]);
  expect(decide(aSnapshot({ view }))).toEqual(asks({ kind: 'getServer', server: uuid(1) }));
});

test('a listing of five minutes ago is not too old to speak', () => {
  const view = aView([aListing([], minutes(5))]);
  const reads = { [uuid(1)]: notFoundAt(seconds(3)) };
  expect(decide(aSnapshot({ view, memory: aMemory({ reads }) }))).toEqual(
    waits('ObservationStale', '1 of 3 times', { kind: 'onListing', atMost: seconds(12) }),
  );
});
