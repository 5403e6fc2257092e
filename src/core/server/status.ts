import { elapsed, formatInstant } from '../../base/time.ts';
import { BOUNDS, clip } from '../../resources/flexmetalserver/bounds.ts';
import type { Condition, FlexMetalServerStatus } from '../../resources/flexmetalserver/status.ts';
import { NOT_SEEN_AT } from '../../resources/flexmetalserver/status.ts';
import type { ConditionType, Reason } from '../../resources/names.ts';
import type { Effect, Rest } from '../model/decision.ts';
import { wait } from '../model/decision.ts';
import type { Entry } from '../model/ledger.ts';
import { formatEntry } from '../model/ledger.ts';
import type { ServerRecord } from '../model/server-record.ts';
import { isDelivered } from '../model/server-record.ts';
import type { ServerSnapshot } from '../model/snapshot.ts';
import { addressType } from './address-type.ts';
import { readAnswer } from './answers.ts';
import { decide } from './decide.ts';
import { entryOf, intentOf, isDeleting, maybeSentAttempt, ownServer, recordOf } from './facts.ts';
import { OBSERVATION_STALE_AFTER } from './limits.ts';
import { follow } from './rules/follow.ts';
import { tagChanges, tagKey } from './rules/tags.ts';
import { ORDER_UNDER_WAY } from './wording.ts';

/** A status without the times that only a change may move: `stamp` puts those in. */
export type StatusDraft = Omit<FlexMetalServerStatus, 'conditions' | 'lastObservedTime'> & {
  readonly conditions: readonly ConditionDraft[];
};

export type ConditionDraft = Omit<Condition, 'lastTransitionTime'>;

/**
 * The whole status of an object, from what is known and what is to be done next. The only author of status and conditions. Pure.
 * @param rest where the pass came to rest; see `restingPoint`
 */
export function statusOf(s: ServerSnapshot, rest: Rest): StatusDraft {
  const entry = entryOf(s);
  const own = ownServer(s);
  const server = own === undefined ? undefined : recordOf(s, own)?.server;
  return {
    observedGeneration: s.object.generation,
    phase: phaseOf(s, rest),
    conditions: conditionsOf(s, rest),
    providerID: `flexmetal://${s.object.uid}`,
    ...(own === undefined ? {} : { serverUuid: own }),
    ...observed(s, server),
    ...(entry === undefined ? {} : { order: formatEntry(entry) }),
    ...timelineOf(s, server),
    ...appliedTagsOf(s, server),
  };
}

/**
 * Where an object stands after a pass that ended in an effect: what the chain would say next, so that the status shows what
 * the effect led to and not what it was meant for.
 */
export function restingPoint(after: ServerSnapshot, effect: Effect): Rest {
  const next = decide(after);
  if (next.kind === 'rest') return { ...next, wakeUp: { kind: 'now' } };
  return wait(REASON_OF[effect.kind], MESSAGE_OF[effect.kind], { kind: 'now' });
}

const REASON_OF = {
  writeLedger: 'Ordering',
  createServer: 'Ordering',
  releaseServer: 'Releasing',
  dropFinalizer: 'Releasing',
  addTag: 'TagsPending',
  removeTag: 'TagsPending',
} as const satisfies Record<Effect['kind'], Reason>;

const MESSAGE_OF = {
  writeLedger: ORDER_UNDER_WAY,
  createServer: ORDER_UNDER_WAY,
  releaseServer: 'The release was asked for.',
  dropFinalizer: 'The object is going.',
  addTag: 'Tags are being brought up to date.',
  removeTag: 'Tags are being brought up to date.',
} as const satisfies Record<Effect['kind'], string>;

const PHASE_OF: Partial<Record<Reason, string>> = {
  Ready: 'Ready',
  Paused: 'Paused',
  Ordering: 'Ordering',
  OrderUnclear: 'Ordering',
  Provisioning: 'Provisioning',
  AddressesPending: 'Provisioning',
  Slow: 'Provisioning',
  TagsPending: 'Delivered',
  ProvisioningFailed: 'Failed',
  Lost: 'Lost',
  Releasing: 'Releasing',
  ReleaseStuck: 'Releasing',
  Protected: 'Releasing',
};

/** A word for people; nothing ever decides by it. */
function phaseOf(s: ServerSnapshot, rest: Rest): string {
  if (isDeleting(s) && rest.reason !== 'Paused') return 'Releasing';
  return PHASE_OF[rest.reason] ?? (rest.stalled ? 'Blocked' : 'Pending');
}

function conditionsOf(s: ServerSnapshot, rest: Rest): readonly ConditionDraft[] {
  const ready = readyOf(s, rest);
  const busy = ready.status !== 'True' && !rest.stalled && rest.reason !== 'Paused';
  return [
    ready,
    orderedOf(s, rest),
    deliveredOf(s, rest),
    syncedOf(s),
    busy
      ? condition('Reconciling', 'True', rest.reason, rest.message)
      : condition('Reconciling', 'False', 'AsExpected', ''),
    rest.stalled
      ? condition('Stalled', 'True', rest.reason, messageOf(s, rest))
      : condition('Stalled', 'False', 'AsExpected', ''),
  ].map((draft) => ({ ...draft, observedGeneration: s.object.generation }));
}

const condition = (
  type: ConditionType,
  status: Condition['status'],
  reason: Reason,
  message: string,
): ConditionDraft => ({
  type,
  status,
  reason,
  message: clip(message, BOUNDS.message),
});

/** Delivered, with an address, seen recently, tags as wanted, not being deleted. Pausing changes nothing about that. */
function readyOf(s: ServerSnapshot, rest: Rest): ConditionDraft {
  const fine =
    !isDeleting(s) && (rest.reason === 'Ready' || (rest.reason === 'Paused' && follow(s).reason === 'Ready'));
  if (fine) return condition('Ready', 'True', 'Ready', messageOf(s, rest));
  const unknown = UNKNOWN_WHILE.has(rest.reason);
  return condition('Ready', unknown ? 'Unknown' : 'False', rest.reason, messageOf(s, rest));
}

/** While these hold, not even "not ready" is known. */
const UNKNOWN_WHILE: ReadonlySet<Reason> = new Set<Reason>(['Pending', 'ObservationStale']);

function messageOf(s: ServerSnapshot, rest: Rest): string {
  const answer = readAnswer(s);
  if (answer.kind === 'refused')
    return `${rest.message} The answer in the annotation resolve was refused: ${answer.message}`;
  if (answer.kind === 'waiting') return `${rest.message} The answer in the annotation resolve waits: ${answer.message}`;
  return rest.message;
}

function orderedOf(s: ServerSnapshot, rest: Rest): ConditionDraft {
  const own = ownServer(s);
  if (own !== undefined) return condition('Ordered', 'True', 'Ordered', `Server ${own} belongs to this object.`);
  const sent = maybeSentAttempt(s);
  if (sent !== undefined && !isAnswered(s, sent))
    return condition(
      'Ordered',
      'Unknown',
      'OrderUnclear',
      'It is not known yet whether a server came of the last order.',
    );
  return condition('Ordered', 'False', rest.reason, '');
}

/** The API's answer is known and only has to be written down, which comes next. */
function isAnswered(s: ServerSnapshot, entry: Entry): boolean {
  const outcome = intentOf(s, entry).outcome;
  return outcome?.kind === 'created' || outcome?.kind === 'refused';
}

function deliveredOf(s: ServerSnapshot, rest: Rest): ConditionDraft {
  const own = ownServer(s);
  const server = own === undefined ? undefined : recordOf(s, own)?.server;
  if (server === undefined) {
    return own === undefined
      ? condition('Delivered', 'False', rest.reason, '')
      : condition('Delivered', 'Unknown', 'ObservationStale', 'The server was not seen since the operator started.');
  }
  return isDelivered(server)
    ? condition('Delivered', 'True', 'Delivered', '')
    : condition('Delivered', 'False', rest.reason, `The vendor says ${server.status}.`);
}

function syncedOf(s: ServerSnapshot): ConditionDraft {
  const own = ownServer(s);
  if (own === undefined) return condition('Synced', 'False', 'Pending', 'There is no server yet.');
  const seen = recordOf(s, own);
  if (seen === undefined || elapsed(seen.at, s.monotonic) > OBSERVATION_STALE_AFTER) {
    return condition('Synced', 'Unknown', 'ObservationStale', 'The server was not seen recently.');
  }
  const changes = tagChanges(s, seen.server);
  const first = changes[0];
  if (first === undefined) return condition('Synced', 'True', 'Synced', '');
  const said = s.memory.retries[tagKey(first.kind, first.tag)]?.message;
  return condition(
    'Synced',
    'False',
    'TagsPending',
    said ?? `${changes.length} tags are not as wanted (first: ${first.kind} ${first.tag}).`,
  );
}

/** What the vendor says of the server. Before it was seen by this process, what the status says already stays. */
function observed(s: ServerSnapshot, server: ServerRecord | undefined): Partial<StatusDraft> {
  const known = s.object.status;
  if (server === undefined) {
    if (ownServer(s) === undefined || known.serverUuid !== ownServer(s)) return {};
    const { deliveryStatus, statusMessage, addresses, placement } = known;
    return {
      ...(deliveryStatus === undefined ? {} : { deliveryStatus }),
      ...(statusMessage === undefined ? {} : { statusMessage }),
      ...(addresses === undefined ? {} : { addresses }),
      ...(placement === undefined ? {} : { placement }),
    };
  }
  return {
    ...(server.status === '' ? {} : { deliveryStatus: clip(server.status, BOUNDS.deliveryStatus) }),
    ...(server.statusMessage === '' ? {} : { statusMessage: clip(server.statusMessage, BOUNDS.statusMessage) }),
    ...(server.addresses.length === 0
      ? {}
      : {
          addresses: server.addresses
            .slice(0, BOUNDS.addresses)
            .map((address) => ({ type: addressType(address), address })),
        }),
    placement: {
      ...(server.location === '' ? {} : { location: clip(server.location, BOUNDS.vendorName) }),
      ...(server.instanceType === '' ? {} : { instanceType: clip(server.instanceType, BOUNDS.vendorName) }),
      ...(server.contractId === '' ? {} : { contractId: clip(server.contractId, BOUNDS.contractId) }),
    },
  };
}

function timelineOf(s: ServerSnapshot, server: ServerRecord | undefined): Pick<StatusDraft, 'timeline'> {
  const known = s.object.status.timeline ?? [];
  const step = server === undefined || server.status === '' ? undefined : clip(server.status, BOUNDS.timelineStep);
  if (step === undefined || known.at(-1)?.step === step) return known.length === 0 ? {} : { timeline: known };
  return { timeline: [...known, { step, at: formatInstant(s.now) }].slice(-BOUNDS.timeline) };
}

/** Tags of spec that are on the server, and those that were and are still to be taken off. */
function appliedTagsOf(s: ServerSnapshot, server: ServerRecord | undefined): Pick<StatusDraft, 'appliedTags'> {
  const known = s.object.status.appliedTags ?? [];
  if (server === undefined) return known.length === 0 ? {} : { appliedTags: known };
  const wanted = s.spec.kind === 'valid' ? (s.spec.spec.tags ?? []) : [];
  const applied = [...new Set([...known, ...wanted])].filter((tag) => server.tags.includes(tag)).toSorted();
  return applied.length === 0 ? {} : { appliedTags: applied.slice(0, BOUNDS.tags) };
}

/** Puts the times in: a condition's transition time moves only when its status does, or when this is the first look at the object. */
export function stamp(draft: StatusDraft, s: ServerSnapshot): FlexMetalServerStatus {
  const before = new Map((s.object.status.conditions ?? []).map((known) => [known.type, known]));
  const now = formatInstant(s.now);
  const conditions = draft.conditions.map((next) => {
    const known = before.get(next.type);
    const isKept = known?.status === next.status && known.lastTransitionTime !== NOT_SEEN_AT;
    const lastTransitionTime = isKept ? known.lastTransitionTime : now;
    return { ...next, lastTransitionTime };
  });
  const seenAt = s.object.status.lastObservedTime;
  return { ...draft, conditions, ...(seenAt === undefined ? {} : { lastObservedTime: seenAt }) };
}
