import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { minutes, monotonic, seconds } from '../../../src/base/time.ts';
import type { Decision } from '../../../src/core/model/decision.ts';
import type { Entry, Ledger, Outcome, Proof } from '../../../src/core/model/ledger.ts';
import type { RefusalClass } from '../../../src/core/model/outcomes.ts';
import type { ServerRecord } from '../../../src/core/model/server-record.ts';
import type { AccountView, Memory, ServerSnapshot, ViewFailure } from '../../../src/core/model/snapshot.ts';
import { decide } from '../../../src/core/server/decide.ts';
import { isDeleting, isPaused, maybeSentAttempt, owns, recordOf } from '../../../src/core/server/facts.ts';
import { refresh } from '../../../src/core/server/refresh.ts';
import { stamp, statusOf } from '../../../src/core/server/status.ts';
import { parseFlexMetalServer } from '../../../src/resources/flexmetalserver/parse.ts';
import { FlexMetalServerStatus } from '../../../src/resources/flexmetalserver/schema.ts';
import { ANNOTATION, uidTag } from '../../../src/resources/names.ts';
import {
  ACCOUNT,
  aListing,
  aMemory,
  anEntry,
  anObject,
  aRequest,
  aServer,
  aSettings,
  aSnapshot,
  ATTEMPT,
  aView,
  ago,
  before,
  NEXT_ATTEMPT,
  OPEN,
  OTHER_ACCOUNT,
  ourTags,
  SPEC_HASH,
  STRANGER,
  UID,
  uuid,
  withSpec,
} from '../../support/builders.ts';
import { runs } from '../../support/runs.ts';

/** Any situation that can be written down, sensible or not. */

const ms = fc.constantFrom(0, 1, seconds(3), seconds(20), minutes(2), minutes(7), minutes(12), minutes(45));
const times = ms.map(ago);
const uuids = fc.constantFrom(uuid(1), uuid(2), uuid(3));
const words = fc.constantFrom(
  'created',
  'provisioning',
  'delivered',
  'failed',
  'releasing',
  'released',
  'quarantined',
  '',
);
const accounts = fc.constantFrom(ACCOUNT, OTHER_ACCOUNT);
const long = fc.constantFrom('', 'no disk', 'x'.repeat(5_000), '\u{1F600}'.repeat(3_000));

const servers: fc.Arbitrary<ServerRecord> = fc
  .record({
    uuid: uuids,
    name: fc.constantFrom('web', 'WEB', 'db'),
    status: words,
    statusMessage: long,
    location: fc.constantFrom('EU: Rotterdam', 'US: Dallas', ''),
    addresses: fc.constantFrom(
      [],
      ['192.0.2.1'],
      Array.from({ length: 40 }, (_, n) => `2001:db8::${n}`),
    ),
    tags: fc.subarray([...ourTags(), ...ourTags(NEXT_ATTEMPT), uidTag(STRANGER), 'web', 'old']),
    createdAt: fc.option(ms.map(before), { nil: undefined }),
  })
  .map((differing) => aServer(differing));

const refusals = fc.record({
  class: fc.constantFrom<RefusalClass>('credentials', 'invalid', 'notFound', 'quota', 'inTransition', 'notConnected'),
  message: fc.string({ maxLength: 300 }),
});
const outcomes: fc.Arbitrary<Outcome> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(OPEN) },
  fc.record({
    kind: fc.constant('created' as const),
    server: uuids,
    proof: fc.constantFrom<Proof>('reply', 'settled', 'found', 'adopted'),
    at: ms.map(before),
  }),
  fc.record({ kind: fc.constant('refused' as const), refusal: refusals, at: ms.map(before) }),
  fc.record({ kind: fc.constant('lost' as const), server: uuids, at: ms.map(before) }),
  fc.record({
    kind: fc.constantFrom('withdrawn' as const, 'absent' as const, 'forgotten' as const),
    at: ms.map(before),
  }),
);
const entries: fc.Arbitrary<Entry> = fc
  .record({
    attempts: fc.nat(40),
    specHash: fc.constantFrom(SPEC_HASH, SPEC_HASH, 'another'),
    account: accounts,
    outcome: outcomes,
    everUnclear: fc.boolean(),
    releases: fc.subarray([uuid(1), uuid(2)]),
    forgotten: fc.subarray([uuid(1), uuid(2)]),
  })
  .map(anEntry);
const ledgers: fc.Arbitrary<Ledger> = fc.oneof(
  fc.constant({ kind: 'none' } as const),
  fc.constant({ kind: 'unreadable' } as const),
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('entry' as const),
      entry: entries,
      inAnnotation: fc.constantFrom(true, true, true, false),
      inStatus: fc.constantFrom(true, true, true, false),
    }),
  },
);

const failures: fc.Arbitrary<ViewFailure | undefined> = fc.constantFrom<ViewFailure | undefined>(
  undefined,
  { kind: 'incomplete', message: 'page cap', at: ago(1) },
  { kind: 'unreadable', failure: { kind: 'credentials', message: 'HTTP 401' }, at: ago(1) },
  { kind: 'unreadable', failure: { kind: 'unavailable', message: 'HTTP 503' }, at: ago(1) },
);
const views: fc.Arbitrary<AccountView> = fc
  .record({
    first: fc.array(servers, { maxLength: 2 }),
    second: fc.oneof(fc.constant([]), fc.array(servers, { maxLength: 3 })),
    count: fc.nat(2),
    agoMs: fc.constantFrom(seconds(1), seconds(30), minutes(6)),
    failure: failures,
    account: fc.option(accounts, { nil: undefined }),
    continued: fc.boolean(),
  })
  .map(({ first, second, count, agoMs, failure, account, continued }) =>
    aView([aListing(first, agoMs + 15_000), aListing(second, agoMs)].slice(0, count), {
      failure,
      account,
      continuedFrom: () => continued,
    }),
  );

const retries = fc.record({ failures: fc.nat(30), notBefore: fc.constantFrom(ago(5), ago(-5_000)), message: long });
const memories: fc.Arbitrary<Memory> = fc
  .record({
    intent: fc.option(
      fc.record({
        attempt: fc.constantFrom(ATTEMPT, ATTEMPT, NEXT_ATTEMPT),
        progress: fc.constantFrom('unsent' as const, 'maybeSent' as const),
        seenAt: times,
        outcome: fc.oneof(
          fc.constant(undefined),
          servers.map((server) => ({ kind: 'created', server }) as const),
          fc.constant({ kind: 'unclear', cause: 'timeout' } as const),
        ),
      }),
      { nil: undefined },
    ),
    reads: fc
      .array(
        fc.record({
          of: servers,
          seen: fc.boolean(),
          at: times,
          notFoundAt: fc.constantFrom([], [ago(minutes(2))], [ago(minutes(3)), ago(minutes(2)), ago(minutes(1))]),
        }),
        { maxLength: 2 },
      )
      .map((reads) =>
        Object.fromEntries(
          reads.map(({ of, seen, at, notFoundAt }) => [
            of.uuid,
            { server: seen ? of : undefined, at, notFoundAt: seen ? [] : notFoundAt },
          ]),
        ),
      ),
    releases: fc.dictionary(
      uuids,
      fc.record({
        firstSentAt: times,
        lastSentAt: times,
        failedSince: fc.option(times, { nil: undefined }),
      }),
      { maxKeys: 2 },
    ),
    retries: fc.dictionary(
      fc.constantFrom('ledger', 'create', 'list', 'finalizer', `get:${uuid(1)}`, `release:${uuid(1)}`, 'tag:+web'),
      retries,
      { maxKeys: 3 },
    ),
    deletionSeenAt: fc.option(times, { nil: undefined }),
  })
  .map(aMemory);

const annotations = fc.dictionary(
  fc.constantFrom(ANNOTATION.paused, ANNOTATION.resolve, ANNOTATION.forceForget),
  fc.oneof(
    fc.constantFrom(
      'true',
      ATTEMPT,
      uuid(1),
      `reorder=${ATTEMPT}`,
      `adopt=${uuid(2)}`,
      `release=${uuid(2)}`,
      `forget=${uuid(1)}`,
      `forget=${ATTEMPT}`,
    ),
    fc.string(),
    long,
  ),
  { maxKeys: 2 },
);

const snapshots: fc.Arbitrary<ServerSnapshot> = fc
  .record({
    deleted: fc.boolean(),
    annotations,
    finalizer: fc.constantFrom(true, true, true, false),
    appliedTags: fc.subarray(['old', 'web']),
    spec: fc.constantFrom<ServerSnapshot['spec']>(
      withSpec({ tags: ['web'] }),
      withSpec({ deletionPolicy: 'Retain' }),
      withSpec({ deletionProtection: true }),
      { kind: 'invalid', message: 'no' },
    ),
    ledger: ledgers,
    view: views,
    memory: memories,
    account: fc.constantFrom<ServerSnapshot['account']>(
      { kind: 'known', account: ACCOUNT },
      { kind: 'known', account: OTHER_ACCOUNT },
      { kind: 'unreadable', message: 'no token' },
    ),
    mode: fc.constantFrom('normal' as const, 'normal' as const, 'observe' as const),
    brakes: fc.record({ servers: fc.constantFrom(0, 100), ordersLastHour: fc.constantFrom(0, 20) }),
    inputs: fc.constantFrom<ServerSnapshot['inputs']>(
      { kind: 'notAsked' },
      { kind: 'ready', request: aRequest() },
      { kind: 'missing', message: 'no Secret' },
    ),
  })
  .map(({ deleted, annotations: given, finalizer, appliedTags, mode, ...facts }) =>
    aSnapshot({
      ...facts,
      settings: aSettings({ mode }),
      object: anObject({
        ...(deleted ? { deletionTimestamp: before(minutes(1)) } : {}),
        annotations: given,
        ...(finalizer ? {} : { finalizers: [] }),
        status: { appliedTags },
      }),
    }),
  );

const effectOf = (decision: Decision) => (decision.kind === 'act' ? decision.effect : undefined);
const RUNS = runs(2_000);

describe('in every situation', () => {
  test('there is one decision, and a status that the API server takes', () => {
    fc.assert(
      fc.property(snapshots, (snapshot) => {
        const s = refresh(snapshot);
        const decision = decide(s);
        if (decision.kind !== 'rest') return;
        const status = stamp(statusOf(s, decision), s);
        expect(FlexMetalServerStatus.safeParse(status).error?.issues ?? []).toEqual([]);
      }),
      RUNS,
    );
  });

  test('nothing is ordered without two durable copies, after a possible sending, paused, deleting or observing', () => {
    fc.assert(
      fc.property(snapshots, (snapshot) => {
        const s = refresh(snapshot);
        if (effectOf(decide(s))?.kind !== 'createServer') return;
        expect(s.ledger).toMatchObject({ kind: 'entry', inAnnotation: true, inStatus: true });
        expect(s.memory.intent).toMatchObject({ attempt: ATTEMPT, progress: 'unsent' });
        expect([maybeSentAttempt(s), isPaused(s), isDeleting(s), s.settings.mode]).toEqual([
          undefined,
          false,
          false,
          'normal',
        ]);
      }),
      RUNS,
    );
  });

  test('nothing is released that is not ours, was not asked for, or is to be left alone', () => {
    fc.assert(
      fc.property(snapshots, (snapshot) => {
        const s = refresh(snapshot);
        const effect = effectOf(decide(s));
        if (effect?.kind !== 'releaseServer') return;
        const server = recordOf(s, effect.server)?.server;
        expect(server === undefined ? false : owns(s, server)).toBe(true);
        const entry = s.ledger.kind === 'entry' ? s.ledger.entry : undefined;
        const askedFor = isDeleting(s) || entry?.releases.includes(effect.server) === true;
        expect([askedFor, isPaused(s), s.settings.mode]).toEqual([true, false, 'normal']);
        const spec = s.spec.kind === 'valid' ? s.spec.spec : undefined;
        const kept = spec?.deletionPolicy !== 'Release' || spec.deletionProtection === true;
        expect(effect.cause === 'deleted' && kept).toBe(false);
      }),
      RUNS,
    );
  });

  test('in mode observe nothing is sent to the vendor, and paused nothing but what was done is written', () => {
    fc.assert(
      fc.property(snapshots, (snapshot) => {
        const s = refresh(snapshot);
        const effect = effectOf(decide(s));
        const touches = effect !== undefined && effect.kind !== 'writeLedger' && effect.kind !== 'dropFinalizer';
        expect(touches && (s.settings.mode === 'observe' || isPaused(s))).toBe(false);
        expect(effect?.kind === 'dropFinalizer' && isPaused(s)).toBe(false);
      }),
      RUNS,
    );
  });

  test('an object never goes while a live server carries its uid, unless a person or Retain said so', () => {
    fc.assert(
      fc.property(snapshots, (snapshot) => {
        const s = refresh(snapshot);
        const effect = effectOf(decide(s));
        if (effect?.kind !== 'dropFinalizer') return;
        if (effect.because.kind === 'retained' || effect.because.kind === 'forgotten') return;
        const forgotten = s.ledger.kind === 'entry' ? s.ledger.entry.forgotten : [];
        // By the newest that is known of each: a read may show that the tag is off a server that a listing had with it.
        const left = (s.view.latest?.byUid.get(UID) ?? [])
          .filter(({ uuid: id }) => !forgotten.includes(id))
          .map(({ uuid: id }) => recordOf(s, id)?.server)
          .filter((server) => server?.tags.includes(uidTag(UID)) === true)
          .map((server) => server?.status)
          .filter((status) => status !== 'released' && status !== 'failed');
        expect(left).toEqual([]);
      }),
      RUNS,
    );
  });
});

test('a written status is not written again: the same situation gives the same status', () => {
  fc.assert(
    fc.property(snapshots, (snapshot) => {
      const s = refresh(snapshot);
      const decision = decide(s);
      if (decision.kind !== 'rest') return;
      const written = stamp(statusOf(s, decision), s);
      const { object } = parseFlexMetalServer({
        metadata: { namespace: 'games', name: 'web', uid: UID, generation: 1 },
        status: JSON.parse(JSON.stringify(written)) as unknown,
      });
      const status = object?.status ?? {};
      const again = {
        ...s,
        object: { ...s.object, status },
        now: before(-1_000),
        monotonic: monotonic(s.monotonic + 1),
      };
      const next = decide(again);
      if (next.kind !== 'rest' || next.message !== decision.message || next.reason !== decision.reason) return;
      expect(stamp(statusOf(again, next), again)).toEqual(written);
    }),
    RUNS,
  );
});

test('an intent of this process is ordered in some of these situations, so that the properties above say something', () => {
  const found = fc
    .sample(snapshots, { numRuns: 8_000, seed: 1 })
    .map((snapshot) => effectOf(decide(refresh(snapshot)))?.kind);
  expect(new Set(found)).toEqual(
    new Set([undefined, 'writeLedger', 'createServer', 'releaseServer', 'dropFinalizer', 'addTag', 'removeTag']),
  );
});
