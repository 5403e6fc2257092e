import { describe, expect, test } from 'vitest';
import { formatInstant, minutes, seconds } from '../../../src/base/time.ts';
import { formatEntry } from '../../../src/core/model/ledger.ts';
import type { ServerSnapshot } from '../../../src/core/model/snapshot.ts';
import { absorb } from '../../../src/core/server/absorb.ts';
import { decide } from '../../../src/core/server/decide.ts';
import { restingPoint, stamp, statusOf } from '../../../src/core/server/status.ts';
import { BOUNDS } from '../../../src/resources/flexmetalserver/bounds.ts';
import type { FlexMetalServerStatus } from '../../../src/resources/flexmetalserver/schema.ts';
import { ANNOTATION } from '../../../src/resources/names.ts';
import {
  aLedger,
  aListing,
  aMemory,
  aNewSnapshot,
  anEntry,
  anObject,
  answering,
  aRequest,
  aServer,
  aSnapshot,
  aView,
  ago,
  ATTEMPT,
  before,
  deleting,
  maybeSent,
  MONO,
  NOW,
  OPEN,
  ourTags,
  seeing,
  UID,
  unsent,
  uuid,
  withSpec,
} from '../../support/builders.ts';

function statusIn(s: ServerSnapshot): FlexMetalServerStatus {
  const decision = decide(s);
  if (decision.kind !== 'rest') throw new Error(`the pass does not rest: ${JSON.stringify(decision)}`);
  return stamp(statusOf(s, decision), s);
}

/** `Ready=True/Ready` of each condition. */
const inShort = ({ conditions = [] }: FlexMetalServerStatus): Readonly<Record<string, string>> =>
  Object.fromEntries(conditions.map(({ type, status, reason }) => [type, `${status} ${reason}`]));

const calm = { Reconciling: 'False AsExpected', Stalled: 'False AsExpected' };
const busy = (reason: string) => ({ Reconciling: `True ${reason}`, Stalled: 'False AsExpected' });
const stalled = (reason: string) => ({ Reconciling: 'False AsExpected', Stalled: `True ${reason}` });
const owned = { Ordered: 'True Ordered', Delivered: 'True Delivered', Synced: 'True Synced' };
const nothing = (reason: string) => ({
  Ordered: `False ${reason}`,
  Delivered: `False ${reason}`,
  Synced: 'False Pending',
});

test('the status of a server that is ready, whole', () => {
  const at = formatInstant(NOW);
  const condition = (type: string, status: string, reason: string, message = '') => ({
    type,
    status,
    reason,
    message,
    lastTransitionTime: at,
    observedGeneration: 3,
  });
  const view = seeing(
    aServer({ statusMessage: 'done', tags: [...ourTags(), 'web'], addresses: ['192.0.2.10', '10.0.0.7'] }),
  );
  const snapshot = aSnapshot({ object: anObject({ generation: 3 }), spec: withSpec({ tags: ['web'] }), view });
  expect(statusIn(snapshot)).toEqual({
    observedGeneration: 3,
    phase: 'Ready',
    conditions: [
      condition('Ready', 'True', 'Ready', 'The server is delivered and its tags are as wanted.'),
      condition('Ordered', 'True', 'Ordered', `Server ${uuid(1)} belongs to this object.`),
      condition('Delivered', 'True', 'Delivered'),
      condition('Synced', 'True', 'Synced'),
      condition('Reconciling', 'False', 'AsExpected'),
      condition('Stalled', 'False', 'AsExpected'),
    ],
    providerID: `flexmetal://${UID}`,
    serverUuid: uuid(1),
    deliveryStatus: 'delivered',
    statusMessage: 'done',
    addresses: [
      { type: 'ExternalIP', address: '192.0.2.10' },
      { type: 'InternalIP', address: '10.0.0.7' },
    ],
    placement: { location: 'EU: Rotterdam', instanceType: 'bm7.std.8' },
    order: formatEntry(anEntry()),
    timeline: [{ step: 'delivered', at }],
    appliedTags: ['web'],
  });
});

describe('conditions', () => {
  const paused = anObject({ annotations: { [ANNOTATION.paused]: 'true' } });
  const observing = aView([aListing([aServer()], minutes(6))]);
  test.each<[string, ServerSnapshot, Readonly<Record<string, string>>]>([
    ['ready', aSnapshot(), { Ready: 'True Ready', ...owned, ...calm }],
    ['paused and ready', aSnapshot({ object: paused }), { Ready: 'True Ready', ...owned, ...calm }],
    [
      'paused before any order',
      aNewSnapshot({ object: paused }),
      { Ready: 'False Paused', ...nothing('Paused'), ...calm },
    ],
    [
      'provisioning',
      aSnapshot({ view: seeing(aServer({ status: 'provisioning' })) }),
      { Ready: 'False Provisioning', ...owned, Delivered: 'False Provisioning', ...busy('Provisioning') },
    ],
    [
      'slow',
      aSnapshot({ view: seeing(aServer({ status: 'provisioning', createdAt: before(minutes(46)) })) }),
      { Ready: 'False Slow', ...owned, Delivered: 'False Slow', ...stalled('Slow') },
    ],
    [
      'delivered without addresses',
      aSnapshot({ view: seeing(aServer({ addresses: [] })) }),
      { Ready: 'False AddressesPending', ...owned, ...busy('AddressesPending') },
    ],
    [
      'failed',
      aSnapshot({ view: seeing(aServer({ status: 'failed' })) }),
      {
        Ready: 'False ProvisioningFailed',
        ...owned,
        Delivered: 'False ProvisioningFailed',
        ...stalled('ProvisioningFailed'),
      },
    ],
    [
      'order unclear',
      aSnapshot({ ledger: aLedger({ outcome: OPEN }), memory: aMemory({ intent: maybeSent(0) }), view: seeing() }),
      {
        Ready: 'False OrderUnclear',
        Ordered: 'Unknown OrderUnclear',
        Delivered: 'False OrderUnclear',
        Synced: 'False Pending',
        ...busy('OrderUnclear'),
      },
    ],
    [
      'invalid spec',
      aNewSnapshot({ spec: { kind: 'invalid', message: 'no' } }),
      { Ready: 'False InvalidSpec', ...nothing('InvalidSpec'), ...stalled('InvalidSpec') },
    ],
    [
      'lost',
      aSnapshot({ ledger: aLedger({ outcome: { kind: 'lost', server: uuid(1), at: NOW } }), view: seeing() }),
      { Ready: 'False Lost', ...nothing('Lost'), ...stalled('Lost') },
    ],
    [
      'not seen for long',
      aSnapshot({ view: observing }),
      { Ready: 'Unknown ObservationStale', ...owned, Synced: 'Unknown ObservationStale', ...busy('ObservationStale') },
    ],
    [
      'being released',
      aSnapshot({ object: deleting(), view: seeing(aServer({ status: 'releasing' })) }),
      { Ready: 'False Releasing', ...owned, Delivered: 'False Releasing', ...busy('Releasing') },
    ],
    [
      'protected',
      aSnapshot({ object: deleting(), spec: withSpec({ deletionProtection: true }) }),
      { Ready: 'False Protected', ...owned, ...busy('Protected') },
    ],
    [
      'tags refused',
      aSnapshot({
        spec: withSpec({ tags: ['web'] }),
        memory: aMemory({ retries: { 'tag:+web': { failures: 1, notBefore: ago(-1_000), message: 'Refused.' } } }),
      }),
      { Ready: 'False TagsPending', ...owned, Synced: 'False TagsPending', ...busy('TagsPending') },
    ],
    [
      'duplicates',
      aSnapshot({ view: seeing(aServer(), aServer({ uuid: uuid(2) })) }),
      { Ready: 'False DuplicateServers', ...owned, ...stalled('DuplicateServers') },
    ],
  ])('%s', (_name, snapshot, expected) => {
    expect(inShort(statusIn(snapshot))).toEqual(expected);
  });

  test('move their time only when their status changes', () => {
    const then = '2026-11-24T10:00:00Z';
    const known = statusIn(aSnapshot()).conditions?.map((each) => ({
      ...each,
      lastTransitionTime: then,
      reason: 'Pending',
    }));
    const object = anObject({ status: { conditions: known ?? [] } });
    const times = (s: ServerSnapshot) =>
      Object.fromEntries(
        (statusIn(s).conditions ?? []).map(({ type, lastTransitionTime }) => [type, lastTransitionTime]),
      );
    expect(new Set(Object.values(times(aSnapshot({ object }))))).toEqual(new Set([then]));
    expect(times(aSnapshot({ object, view: seeing(aServer({ addresses: [] })) }))).toEqual({
      Ready: formatInstant(NOW),
      Ordered: then,
      Delivered: then,
      Synced: then,
      Reconciling: formatInstant(NOW),
      Stalled: then,
    });
  });

  test('say that an answer was refused, and that one waits', () => {
    const refused = aSnapshot({ object: answering('restart') });
    expect(statusIn(refused).conditions?.[0]?.message).toContain('was refused: "restart" is no answer');
    const waiting = aSnapshot({
      object: answering(`reorder=${ATTEMPT}`),
      ledger: aLedger({ outcome: OPEN }),
      memory: aMemory({ intent: maybeSent(0) }),
      view: seeing(),
    });
    expect(statusIn(waiting).conditions?.[0]?.message).toContain('waits: The order is still being settled');
  });
});

describe('what was observed', () => {
  const known: FlexMetalServerStatus = {
    serverUuid: uuid(1),
    deliveryStatus: 'delivered',
    addresses: [{ type: 'ExternalIP', address: '192.0.2.10' }],
    placement: { location: 'EU: Rotterdam' },
    timeline: [{ step: 'delivered', at: '2026-11-24T10:00:00Z' }],
    appliedTags: ['web'],
    lastObservedTime: '2026-11-24T10:00:00Z',
  };
  const { serverUuid: _, ...facts } = known;

  test('stays after a restart until the server is seen', () => {
    const snapshot = aSnapshot({
      object: anObject({ status: known }),
      view: aView([aListing([], minutes(6))]),
      memory: readFails(),
    });
    expect(statusIn(snapshot)).toMatchObject(known);
  });

  test('of another server does not stay', () => {
    const other = anObject({ status: { ...known, serverUuid: uuid(9) } });
    const status = statusIn(aSnapshot({ object: other, view: aView([aListing([], minutes(6))]), memory: readFails() }));
    expect(status.deliveryStatus).toBeUndefined();
    expect(status.addresses).toBeUndefined();
    expect(facts.deliveryStatus).toBe('delivered');
  });

  test('adds a step when the word changes, and keeps the newest', () => {
    const timeline = Array.from({ length: BOUNDS.timeline }, (__, index) => ({
      step: `step-${index}`,
      at: known.lastObservedTime ?? '',
    }));
    const status = statusIn(aSnapshot({ object: anObject({ status: { timeline } }) }));
    expect(status.timeline).toEqual([...timeline.slice(1), { step: 'delivered', at: formatInstant(NOW) }]);
  });

  test('counts as applied: wanted tags that are there, and applied ones that are still there', () => {
    const object = anObject({ status: { appliedTags: ['gone', 'old'] } });
    const view = seeing(aServer({ tags: [...ourTags(), 'old', 'web', 'theirs'] }));
    const memory = aMemory({ retries: { 'tag:-old': { failures: 1, notBefore: ago(-1_000), message: '' } } });
    expect(statusIn(aSnapshot({ object, view, memory, spec: withSpec({ tags: ['web'] }) })).appliedTags).toEqual([
      'old',
      'web',
    ]);
  });

  function readFails() {
    return aMemory({ retries: { [`get:${uuid(1)}`]: { failures: 1, notBefore: ago(-1_000), message: 'HTTP 500' } } });
  }
});

describe('after an effect', () => {
  const entry = anEntry({ outcome: OPEN });
  test('the status says what it led to', () => {
    const after = aSnapshot({
      ledger: aLedger({ outcome: OPEN }),
      memory: aMemory({ intent: maybeSent(seconds(1)) }),
      view: seeing(),
    });
    expect(restingPoint(after, { kind: 'writeLedger', entry })).toMatchObject({
      reason: 'OrderUnclear',
      wakeUp: { kind: 'now' },
    });
  });

  test('or, when more is to be done, what was done', () => {
    expect(restingPoint(aNewSnapshot(), { kind: 'writeLedger', entry })).toEqual({
      kind: 'rest',
      reason: 'Ordering',
      message: 'The order is being made.',
      wakeUp: { kind: 'now' },
      stalled: false,
    });
  });

  test('the API has answered an order: the ledger is written next, and the status stays as it is until then', () => {
    const intended = aSnapshot({
      ledger: aLedger({ outcome: OPEN }),
      memory: aMemory({ intent: unsent() }),
      view: seeing(),
      inputs: { kind: 'ready', request: aRequest() },
    });
    const effect = { kind: 'createServer', entry, request: aRequest() } as const;
    const outcome = { kind: 'created', server: aServer({ status: 'created' }) } as const;
    const after = absorb(intended, { kind: 'createServer', effect, outcome, at: MONO });
    expect(decide(after)).toMatchObject({ kind: 'act', effect: { kind: 'writeLedger' } });
    expect(statusOf(after, restingPoint(after, effect))).toEqual(
      statusOf(intended, restingPoint(intended, { kind: 'writeLedger', entry })),
    );
  });

  test('an order without a clear answer is shown as that', () => {
    const intended = aSnapshot({
      ledger: aLedger({ outcome: OPEN }),
      memory: aMemory({ intent: unsent() }),
      view: seeing(),
    });
    const effect = { kind: 'createServer', entry, request: aRequest() } as const;
    const after = absorb(intended, {
      kind: 'createServer',
      effect,
      outcome: { kind: 'unclear', cause: 'HTTP 503' },
      at: MONO,
    });
    expect(statusOf(after, restingPoint(after, effect)).conditions).toContainEqual(
      expect.objectContaining({ type: 'Ordered', status: 'Unknown', reason: 'OrderUnclear' }),
    );
  });
});
