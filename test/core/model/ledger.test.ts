import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { instant } from '../../../src/base/time.ts';
import type { Entry, Ledger, Outcome, Proof, StoredEntry } from '../../../src/core/model/ledger.ts';
import { formatEntry, parseEntry, readLedger } from '../../../src/core/model/ledger.ts';
import type { RefusalClass } from '../../../src/core/model/outcomes.ts';
import { LedgerEntry } from '../../../src/resources/flexmetalserver/schema.ts';
import { anEntry, attemptId, before, objectUid, OPEN, STRANGER, UID, uuid } from '../../support/builders.ts';

const none: StoredEntry = { kind: 'none' };
const unreadable: StoredEntry = { kind: 'unreadable' };
const stored = (entry: Entry): StoredEntry => ({ kind: 'entry', entry: formatEntry(entry) });
const older = anEntry({ outcome: OPEN });
const newer = anEntry({ revision: older.revision + 1 });
const foreign = stored(anEntry({ objectUid: STRANGER }));
const broken: StoredEntry = { kind: 'entry', entry: { ...formatEntry(older), requestedAt: 'yesterday' } };
const brokenForeign: StoredEntry = {
  kind: 'entry',
  entry: { ...formatEntry(older), objectUid: STRANGER, requestedAt: 'yesterday' },
};
const is = (entry: Entry, inAnnotation: boolean, inStatus: boolean): Ledger => ({
  kind: 'entry',
  entry,
  inAnnotation,
  inStatus,
});

describe('two copies of a ledger', () => {
  test.each<[string, StoredEntry, StoredEntry, Ledger]>([
    ['that are not there', none, none, { kind: 'none' }],
    ['that agree', stored(older), stored(older), is(older, true, true)],
    ['of which status was dropped', stored(older), none, is(older, true, false)],
    ['of which the annotation was dropped', none, stored(older), is(older, false, true)],
    ['of which the annotation is newer', stored(newer), stored(older), is(newer, true, false)],
    ['of which status is newer: an old manifest was applied', stored(older), stored(newer), is(newer, false, true)],
    [
      'that differ under one revision: the annotation is written first',
      stored(older),
      stored({ ...older, holder: 'another' }),
      is(older, true, false),
    ],
    ['of another object are history', foreign, foreign, { kind: 'none' }],
    ['of which one is of another object', foreign, stored(older), is(older, false, true)],
    ['of which one is unreadable', unreadable, stored(older), is(older, false, true)],
    ['of which the only one is unreadable', unreadable, none, { kind: 'unreadable' }],
    ['of which one is unreadable and one of another object', foreign, unreadable, { kind: 'unreadable' }],
    ['of which one is ours with a part that cannot be read', broken, none, { kind: 'unreadable' }],
    ["of which one is another object's with a part that cannot be read", brokenForeign, none, { kind: 'none' }],
  ])('%s', (_name, annotation, status, expected) => {
    expect(readLedger(UID, annotation, status)).toEqual(expected);
  });
});

describe('an entry that lacks what its outcome needs is none', () => {
  const created = formatEntry(anEntry());
  const refused = formatEntry(
    anEntry({ outcome: { kind: 'refused', refusal: { class: 'quota', message: 'no' }, at: before(0) } }),
  );
  const lost = formatEntry(anEntry({ outcome: { kind: 'lost', server: uuid(1), at: before(0) } }));
  test.each<[string, LedgerEntry]>([
    ['an attempt that is no id', { ...created, attempt: 'A'.repeat(16) }],
    ['an outcome of a later version', { ...created, outcome: 'parked' }],
    ['no time of its outcome', { ...created, settledAt: undefined }],
    ['created without a server', { ...created, serverUuid: undefined }],
    ['created with a server that is none', { ...created, serverUuid: 'abc' }],
    ['created without proof', { ...created, proof: undefined }],
    ['created by a proof of a later version', { ...created, proof: 'guessed' }],
    ['lost without a server', { ...lost, serverUuid: undefined }],
    ['refused without why', { ...refused, refusal: undefined }],
    ['refused by a class of a later version', { ...refused, refusal: { class: 'moon', message: '' } }],
    ['a release that names no server', { ...created, releases: ['abc'] }],
    ['a forgotten server that is none', { ...created, forgotten: ['abc'] }],
  ])('%s', (_name, wire) => {
    expect(parseEntry(wire)).toBeUndefined();
  });
});

const times = fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => instant(seconds * 1_000));
const uuids = fc.integer({ min: 0, max: 999 }).map(uuid);
const refusalClasses = fc.constantFrom<RefusalClass>(
  'credentials',
  'invalid',
  'notFound',
  'quota',
  'inTransition',
  'notConnected',
);
const outcomes: fc.Arbitrary<Outcome> = fc.oneof(
  fc.constant(OPEN),
  fc.record({
    kind: fc.constant('created' as const),
    server: uuids,
    proof: fc.constantFrom<Proof>('reply', 'settled', 'found', 'adopted'),
    at: times,
  }),
  fc.record({
    kind: fc.constant('refused' as const),
    refusal: fc.record({ class: refusalClasses, message: fc.string({ maxLength: 200 }) }),
    at: times,
  }),
  fc.record({ kind: fc.constant('lost' as const), server: uuids, at: times }),
  fc.record({ kind: fc.constantFrom('withdrawn' as const, 'absent' as const, 'forgotten' as const), at: times }),
);
const entries: fc.Arbitrary<Entry> = fc.record({
  objectUid: fc.uuid().map(objectUid),
  attempt: fc.integer({ min: 0, max: 0xffff }).map((n) => attemptId(n.toString(16).padStart(16, '0'))),
  attempts: fc.nat(1_000),
  revision: fc.nat(1_000_000),
  specHash: fc.string({ maxLength: 16 }),
  requestedAt: times,
  holder: fc.string({ maxLength: 50 }),
  account: fc.record({ baseUrl: fc.webUrl(), tokenFingerprint: fc.string({ maxLength: 16 }) }),
  outcome: outcomes,
  everUnclear: fc.boolean(),
  releases: fc.array(uuids, { maxLength: 20 }),
  forgotten: fc.array(uuids, { maxLength: 20 }),
  answered: fc.array(fc.string({ maxLength: 60 }), { maxLength: 20 }),
});

test('an entry comes back from JSON as it was, and fits the schema', () => {
  fc.assert(
    fc.property(entries, (entry) => {
      const wire: unknown = JSON.parse(JSON.stringify(formatEntry(entry)));
      expect(parseEntry(LedgerEntry.parse(wire))).toEqual(entry);
    }),
  );
});

test('of two copies the higher revision counts, wherever it stands', () => {
  fc.assert(
    fc.property(entries, entries, (left, right) => {
      fc.pre(left.revision !== right.revision);
      const one = { ...left, objectUid: UID };
      const other = { ...right, objectUid: UID };
      const expected = { kind: 'entry', entry: one.revision > other.revision ? one : other };
      expect(readLedger(UID, stored(one), stored(other))).toMatchObject(expected);
      expect(readLedger(UID, stored(other), stored(one))).toMatchObject(expected);
    }),
  );
});

test('the wire form has no key for what is empty', () => {
  expect(Object.keys(formatEntry(anEntry({ outcome: { kind: 'open' } })))).toEqual([
    'objectUid',
    'attempt',
    'attempts',
    'revision',
    'specHash',
    'requestedAt',
    'holder',
    'account',
    'outcome',
  ]);
});
