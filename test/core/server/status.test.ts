import { describe, expect, test } from 'vitest';
import { formatInstant, minutes, seconds } from '../../../src/base/time.ts';
import { formatEntry } from '../../../src/core/model/ledger.ts';
import type { ServerSnapshot } from '../../../src/core/model/snapshot.ts';
import { block, wait } from '../../../src/core/model/decision.ts';
import type { CreateOutcome } from '../../../src/core/model/outcomes.ts';
import { absorb } from '../../../src/core/server/absorb.ts';
import { decide } from '../../../src/core/server/decide.ts';
import { restingPoint, stamp, statusOf } from '../../../src/core/server/status.ts';
import { BOUNDS } from '../../../src/resources/flexmetalserver/bounds.ts';
import type { FlexMetalServerStatus } from '../../../src/resources/flexmetalserver/schema.ts';
import { ANNOTATION } from '../../../src/resources/names.ts';
import type { ConditionType, Reason } from '../../../src/resources/names.ts';
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
import { STILL } from './expectations.ts';

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
  expect(statusIn(snapshot)).toStrictEqual({
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

test('the status of an object for which nothing is known yet, whole', () => {
  const status = statusOf(aNewSnapshot(), wait('Pending', 'Looking.', STILL));
  const condition = (type: string, state: string, reason: string, message = '') => ({
    type,
    status: state,
    reason,
    message,
    observedGeneration: 1,
  });
  expect(status).toStrictEqual({
    observedGeneration: 1,
    phase: 'Pending',
    conditions: [
      condition('Ready', 'Unknown', 'Pending', 'Looking.'),
      condition('Ordered', 'False', 'Pending'),
      condition('Delivered', 'False', 'Pending'),
      condition('Synced', 'False', 'Pending', 'There is no server yet.'),
      condition('Reconciling', 'True', 'Pending', 'Looking.'),
      condition('Stalled', 'False', 'AsExpected'),
    ],
    providerID: `flexmetal://${UID}`,
  });
  const at = formatInstant(NOW);
  expect(stamp(status, aNewSnapshot())).toStrictEqual({
    ...status,
    conditions: status.conditions.map((each) => ({ ...each, lastTransitionTime: at })),
  });
});

describe('the phase', () => {
  const reasons: readonly (readonly [Reason, string])[] = [
    ['Ready', 'Ready'],
    ['Paused', 'Paused'],
    ['Ordering', 'Ordering'],
    ['OrderUnclear', 'Ordering'],
    ['Provisioning', 'Provisioning'],
    ['AddressesPending', 'Provisioning'],
    ['Slow', 'Provisioning'],
    ['TagsPending', 'Delivered'],
    ['ProvisioningFailed', 'Failed'],
    ['Lost', 'Lost'],
    ['Releasing', 'Releasing'],
    ['ReleaseStuck', 'Releasing'],
    ['Protected', 'Releasing'],
  ];
  test.each(reasons)('of %s is %s, whether a person must help or not', (reason, phase) => {
    expect(statusOf(aSnapshot(), wait(reason, '', STILL)).phase).toBe(phase);
    expect(statusOf(aSnapshot(), block(reason, '', STILL)).phase).toBe(phase);
  });

  test('of any other reason says whether a person must help', () => {
    expect(statusOf(aSnapshot(), block('SuspectServer', '', STILL)).phase).toBe('Blocked');
    expect(statusOf(aSnapshot(), wait('ApiUnavailable', '', STILL)).phase).toBe('Pending');
  });

  test('of a deleted object is Releasing, but for a paused one', () => {
    const s = aSnapshot({ object: deleting() });
    expect(statusOf(s, wait('OrderUnclear', '', STILL)).phase).toBe('Releasing');
    expect(statusOf(s, block('SuspectServer', '', STILL)).phase).toBe('Releasing');
    expect(statusOf(s, wait('Paused', '', STILL)).phase).toBe('Paused');
  });
});

describe('a condition, with what it says', () => {
  const rests = wait('TagsPending', 'Waiting.', STILL);
  const unseen = aSnapshot({ view: aView([aListing([], minutes(6))]) });
  const wanting = (memory = aMemory()) => aSnapshot({ spec: withSpec({ tags: ['web', 'db'] }), memory });
  const removing = (memory = aMemory()) =>
    aSnapshot({
      object: anObject({ status: { appliedTags: ['old'] } }),
      view: seeing(aServer({ tags: [...ourTags(), 'old'] })),
      memory,
    });
  const refusedAs = (key: string) =>
    aMemory({ retries: { [key]: { failures: 1, notBefore: ago(-1_000), message: 'Refused.' } } });
  const open = (outcome: CreateOutcome | undefined, progress: 'unsent' | 'maybeSent' = 'maybeSent') =>
    aSnapshot({
      ledger: aLedger({ outcome: OPEN }),
      memory: aMemory({ intent: unsent({ outcome, progress }) }),
      view: seeing(),
    });
  const refused: CreateOutcome = { kind: 'refused', refusal: { class: 'invalid', message: 'no' } };
  test.each<[string, ConditionType, ServerSnapshot, string, string]>([
    ['no server was ordered', 'Ordered', aNewSnapshot(), 'False TagsPending', ''],
    ['an order was not sent yet', 'Ordered', open(undefined, 'unsent'), 'False TagsPending', ''],
    [
      'an order may have been sent',
      'Ordered',
      open(undefined),
      'Unknown OrderUnclear',
      'It is not known yet whether a server came of the last order.',
    ],
    [
      'an order had no clear answer',
      'Ordered',
      open({ kind: 'unclear', cause: 'HTTP 503' }),
      'Unknown OrderUnclear',
      'It is not known yet whether a server came of the last order.',
    ],
    ['an order was refused just now', 'Ordered', open(refused), 'False TagsPending', ''],
    [
      'a server came of an order just now',
      'Ordered',
      open({ kind: 'created', server: aServer() }),
      'False TagsPending',
      '',
    ],
    ['no server is there', 'Delivered', aNewSnapshot(), 'False TagsPending', ''],
    [
      'the server was not seen',
      'Delivered',
      unseen,
      'Unknown ObservationStale',
      'The server was not seen since the operator started.',
    ],
    [
      'the server is being delivered',
      'Delivered',
      aSnapshot({ view: seeing(aServer({ status: 'provisioning' })) }),
      'False TagsPending',
      'The vendor says provisioning.',
    ],
    ['no server has tags', 'Synced', aNewSnapshot(), 'False Pending', 'There is no server yet.'],
    [
      'the server was seen five minutes ago',
      'Synced',
      aSnapshot({ view: aView([aListing([aServer()], minutes(5))]) }),
      'True Synced',
      '',
    ],
    [
      'the server was seen more than five minutes ago',
      'Synced',
      aSnapshot({ view: aView([aListing([aServer()], minutes(5) + 1)]) }),
      'Unknown ObservationStale',
      'The server was not seen recently.',
    ],
    [
      'the server was not seen at all',
      'Synced',
      unseen,
      'Unknown ObservationStale',
      'The server was not seen recently.',
    ],
    ['tags are missing', 'Synced', wanting(), 'False TagsPending', '2 tags are not as wanted (first: add web).'],
    ['a tag could not be added', 'Synced', wanting(refusedAs('tag:+web')), 'False TagsPending', 'Refused.'],
    [
      'a tag of the same name could not be removed',
      'Synced',
      wanting(refusedAs('tag:-web')),
      'False TagsPending',
      '2 tags are not as wanted (first: add web).',
    ],
    ['a tag could not be removed', 'Synced', removing(refusedAs('tag:-old')), 'False TagsPending', 'Refused.'],
    [
      'a tag is to be removed',
      'Synced',
      removing(),
      'False TagsPending',
      '1 tags are not as wanted (first: remove old).',
    ],
  ])('%s: %s', (_name, type, s, state, message) => {
    const condition = statusOf(s, rests).conditions.find((each) => each.type === type);
    expect([`${condition?.status} ${condition?.reason}`, condition?.message]).toEqual([state, message]);
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

  test('have the time of the first look, not that of the conditions which the CRD gives', () => {
    const lastTransitionTime = '1970-01-01T00:00:00Z';
    const known = statusIn(aSnapshot()).conditions?.map((each) => ({ ...each, lastTransitionTime }));
    const s = aSnapshot({ object: anObject({ status: { conditions: known ?? [] } }) });
    expect(new Set(statusIn(s).conditions?.map((each) => each.lastTransitionTime))).toEqual(
      new Set([formatInstant(NOW)]),
    );
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

  test('stays with every field, and none is made up', () => {
    const unseen = (status: FlexMetalServerStatus) =>
      statusOf(
        aSnapshot({ object: anObject({ status }), view: aView([aListing([], minutes(6))]) }),
        wait('ObservationStale', '', STILL),
      );
    const whole = { ...known, statusMessage: 'done' };
    const { lastObservedTime: __, ...kept } = whole;
    expect(unseen(whole)).toStrictEqual({ ...unseen({ serverUuid: uuid(1) }), ...kept });
    expect(Object.keys(unseen({ serverUuid: uuid(1) })).toSorted()).toEqual([
      'conditions',
      'observedGeneration',
      'order',
      'phase',
      'providerID',
      'serverUuid',
    ]);
  });

  test('of a server that is lost does not stay, not even what has no uuid with it', () => {
    const { serverUuid: __, ...rest } = known;
    const s = aSnapshot({
      object: anObject({ status: rest }),
      ledger: aLedger({ outcome: { kind: 'lost', server: uuid(1), at: NOW } }),
      view: seeing(),
    });
    expect(statusIn(s)).not.toHaveProperty('deliveryStatus');
  });

  test('has no field for what the vendor leaves empty', () => {
    const empty = aServer({ status: '', statusMessage: '', location: '', instanceType: '', addresses: [], tags: [] });
    const status = statusOf(aSnapshot({ view: seeing(empty) }), wait('Provisioning', '', STILL));
    const { placement, ...others } = status;
    expect(placement).toStrictEqual({});
    expect(Object.keys(others).toSorted()).toEqual([
      'conditions',
      'observedGeneration',
      'order',
      'phase',
      'providerID',
      'serverUuid',
    ]);
  });

  test('names the contract, and no more addresses and tags than the status takes', () => {
    const addresses = Array.from({ length: BOUNDS.addresses + 1 }, (__, n) => `192.0.2.${n}`);
    const tags = Array.from({ length: BOUNDS.tags + 1 }, (__, n) => `tag-${String(n).padStart(3, '0')}`);
    const server = aServer({ contractId: 'contract-7', addresses, tags: [...ourTags(), ...tags] });
    const s = aSnapshot({ view: seeing(server), object: anObject({ status: { appliedTags: tags } }) });
    const status = statusOf(s, wait('Ready', '', STILL));
    expect(status.placement?.contractId).toBe('contract-7');
    expect(status.addresses?.map(({ address }) => address)).toEqual(addresses.slice(0, BOUNDS.addresses));
    expect(status.appliedTags).toEqual(tags.slice(0, BOUNDS.tags));
  });

  test('keeps the applied tags that are there while the spec is invalid', () => {
    const s = aSnapshot({
      object: anObject({ status: { appliedTags: ['web'] } }),
      spec: { kind: 'invalid', message: 'no' },
      view: seeing(aServer({ tags: [...ourTags(), 'web'] })),
    });
    expect(statusIn(s).appliedTags).toEqual(['web']);
  });

  test('adds no step while the word stays or is empty', () => {
    const timeline = ['created', 'provisioning', 'delivered'].map((step) => ({ step, at: '2026-11-24T10:00:00Z' }));
    const object = anObject({ status: { timeline } });
    expect(statusIn(aSnapshot({ object })).timeline).toEqual(timeline);
    expect(statusIn(aSnapshot({ object, view: seeing(aServer({ status: '' })) })).timeline).toEqual(timeline);
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
