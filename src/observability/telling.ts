import type { Millis } from '../base/time.ts';
import { formatDuration } from '../base/time.ts';
import type { EventToEmit } from './event-sink.ts';
import type { HappeningFields, HappeningKind } from './happening.ts';
import type { LogLevel } from './logger.ts';
import type { Metrics } from './metrics.ts';

/** How happenings of one kind are told. */
export interface Telling<K extends HappeningKind> {
  readonly level: LogLevel;
  /** Static: the facts go into the line's fields. */
  readonly message: string;
  readonly told: Told;
  /** What tells two happenings of this kind apart. Elapsed times are no facts: they differ each time. */
  readonly facts?: (happening: HappeningFields[K]) => string;
  /** Several states of this kind can hold for one object at once; this says which one it is. */
  readonly per?: (happening: HappeningFields[K]) => string;
  /** What holds no more once this has happened. */
  readonly ends?: readonly HappeningKind[];
  readonly measure?: (metrics: Metrics, happening: HappeningFields[K]) => void;
  readonly event?: EventTelling<K>;
}

interface EventTelling<K extends HappeningKind> extends Omit<EventToEmit, 'object' | 'note'> {
  readonly note: (happening: HappeningFields[K]) => string;
}

/**
 * - `always`: each one is a transition of its own.
 * - `once`: told when it begins and when its facts change; with the same facts it is the same transition seen again, as when a
 *   pass is repeated because a write collided. News again after something in whose `ends` it stands.
 * - `whileItHolds`: likewise, and a state that a pass sees anew each time: it has also ended when `Teller.standing` is called
 *   without it.
 * - `onlyAsEnd`: told only if it ends something that was told.
 */
export type Told = 'always' | 'once' | 'whileItHolds' | 'onlyAsEnd';

/** The one table: level, wording, metric and Event of everything worth telling. */
export const TELLINGS = {
  intentRecorded: {
    level: 'info',
    message: 'order recorded, not yet sent',
    told: 'once',
    facts: attempt,
  },
  orderSent: {
    level: 'info',
    message: 'order is being sent',
    told: 'once',
    facts: attempt,
    event: normal('OrderSent', 'Order', (it) => `Ordering a server (attempt ${it.attempt}).`),
  },
  orderCreated: {
    level: 'info',
    message: 'server ordered',
    told: 'once',
    facts: attempt,
    measure: (metrics) => metrics.orderAttempts.inc({ result: 'created' }),
    event: normal('ServerOrdered', 'Order', (it) => `Ordered server ${it.server} (attempt ${it.attempt}).`),
  },
  orderRefused: {
    level: 'warn',
    message: 'order refused',
    told: 'once',
    facts: attempt,
    measure: (metrics) => metrics.orderAttempts.inc({ result: 'refused' }),
    event: warning(
      'OrderRefused',
      'Order',
      (it) => `The order was refused (attempt ${it.attempt}): ${it.refusal.message}`,
    ),
  },
  orderUnclear: {
    level: 'warn',
    message: 'order has no clear outcome',
    told: 'once',
    facts: attempt,
    measure: (metrics) => metrics.orderAttempts.inc({ result: 'unclear' }),
    event: warning(
      'OrderUnclear',
      'Order',
      (it) =>
        `Nobody knows yet whether the order went through (attempt ${it.attempt}: ${it.cause}). ` +
        `No other order is sent until complete listings after ${formatDuration(it.settleWindowMs)} have settled it.`,
    ),
  },
  orderSettled: {
    level: 'info',
    message: 'unclear order settled',
    told: 'once',
    facts: attempt,
    event: normal('OrderSettled', 'Settle', (it) =>
      it.became.kind === 'adopted'
        ? `The unclear order had gone through: server ${it.became.server} carries attempt ${it.attempt}.`
        : `The unclear order had not gone through: no server carries attempt ${it.attempt}.`,
    ),
  },
  serverAdopted: {
    level: 'info',
    message: 'existing server adopted',
    told: 'once',
    facts: server,
    event: normal('ServerAdopted', 'Adopt', (it) => `Server ${it.server} belongs to this object now.`),
  },

  duplicateServers: {
    level: 'error',
    message: 'more than one live server carries this object',
    told: 'whileItHolds',
    facts: servers,
    measure: (metrics) => metrics.duplicatesDetected.inc({}),
    event: warning(
      'DuplicateServers',
      'Observe',
      (it) =>
        `More than one live server carries this object: ${list(it.servers)}. The Ready condition says how to choose.`,
    ),
  },
  previousServerFound: {
    level: 'warn',
    message: 'a former object of this name left a server',
    told: 'whileItHolds',
    facts: servers,
    event: warning(
      'PreviousServerExists',
      'LookFirst',
      (it) =>
        `A former object of this name left ${list(it.servers)}; nothing is ordered. The Ready condition says how to go on.`,
    ),
  },
  suspectServer: {
    level: 'warn',
    message: 'a server that may be the unclear order carries no tags',
    told: 'whileItHolds',
    facts: servers,
    event: warning(
      'SuspectServer',
      'Settle',
      (it) =>
        `${list(it.servers)} may be the unclear order of attempt ${it.attempt}; nothing is ordered. The Ready condition says how to go on.`,
    ),
  },
  ownershipUnproven: {
    level: 'warn',
    message: 'ownership of the recorded server is not proven',
    told: 'whileItHolds',
    facts: server,
    event: warning(
      'OwnershipUnproven',
      'Observe',
      (it) =>
        `Nothing proves that server ${it.server} is this object's; it is neither changed nor released. The Ready condition says how to go on.`,
    ),
  },
  accountChanged: {
    level: 'warn',
    message: 'the order was made with another account',
    told: 'whileItHolds',
    facts: attempt,
    event: warning(
      'AccountChanged',
      'Observe',
      (it) =>
        `Attempt ${it.attempt} was made with another API address or token; nothing is ordered. The Ready condition says how to go on.`,
    ),
  },
  answerRefused: {
    level: 'warn',
    message: 'answer refused',
    told: 'whileItHolds',
    facts: (it) => `${it.answer} ${it.cause}`,
    event: warning('AnswerRefused', 'Resolve', (it) => `The answer ${it.answer} was not taken: ${it.cause}`),
  },
  inputsMissing: {
    level: 'warn',
    message: 'inputs of the order are missing',
    told: 'whileItHolds',
    facts: cause,
    event: warning('InputsMissing', 'Order', (it) => it.cause),
  },
  invalidSpec: {
    level: 'warn',
    message: 'spec is invalid',
    told: 'whileItHolds',
    facts: cause,
    event: warning('InvalidSpec', 'Validate', (it) => it.cause),
  },
  brakeEngaged: {
    level: 'warn',
    message: 'a brake holds the order back',
    told: 'whileItHolds',
    facts: (it) => String(it.limit),
    per: (it) => it.brake,
    measure: (metrics, it) => metrics.brakeEngaged.set({ brake: it.brake }, 1),
    event: warning(
      'BrakeEngaged',
      'Order',
      (it) => `${it.brake} is ${it.limit} and ${it.count} are reached: the order waits.`,
    ),
  },
  paused: {
    level: 'info',
    message: 'object paused',
    told: 'once',
    event: normal(
      'Paused',
      'Pause',
      () => 'Paused: nothing is ordered, changed or released until the annotation goes.',
    ),
  },
  resumed: {
    level: 'info',
    message: 'object resumed',
    told: 'onlyAsEnd',
    ends: ['paused'],
    event: normal('Resumed', 'Resume', () => 'Resumed.'),
  },
  heldByObserveMode: {
    level: 'info',
    message: 'observe mode holds an action back',
    told: 'whileItHolds',
    per: (it) => it.action,
    event: normal(
      'ObserveMode',
      'Observe',
      (it) => `The operator runs with mode observe and does not ${IN_WORDS[it.action]}.`,
    ),
  },

  serverDelivered: {
    level: 'info',
    message: 'server delivered',
    told: 'once',
    facts: server,
    ends: ['provisioningSlow', 'provisioningFailed', 'serverLost'],
    measure: (metrics, it) => {
      if (it.sinceOrderMs !== undefined) metrics.timeToReady.observe({}, inSeconds(it.sinceOrderMs));
    },
    event: normal('ServerDelivered', 'Observe', (it) =>
      it.sinceOrderMs === undefined
        ? `Server ${it.server} is delivered.`
        : `Server ${it.server} is delivered, ${formatDuration(it.sinceOrderMs)} after the order.`,
    ),
  },
  provisioningSlow: {
    level: 'warn',
    message: 'delivery takes longer than the object allows',
    told: 'whileItHolds',
    facts: server,
    event: warning(
      'ProvisioningSlow',
      'Observe',
      (it) =>
        `Server ${it.server} is not delivered after ${formatDuration(it.elapsedMs)}. It is still awaited; no other one is ordered.`,
    ),
  },
  provisioningFailed: {
    level: 'error',
    message: 'delivery failed',
    told: 'whileItHolds',
    facts: server,
    ends: ['serverDelivered'],
    event: warning(
      'ProvisioningFailed',
      'Observe',
      (it) =>
        `The vendor reports server ${it.server} as failed: ${it.statusMessage === '' ? 'no reason given' : it.statusMessage}`,
    ),
  },
  serverLost: {
    level: 'error',
    message: 'server is gone without our doing',
    told: 'whileItHolds',
    facts: server,
    ends: ['serverDelivered'],
    measure: (metrics) => metrics.lost.inc({}),
    event: warning(
      'ServerLost',
      'Observe',
      (it) => `Server ${it.server} is gone and was not released by the operator. No other one is ordered.`,
    ),
  },

  releaseSent: {
    level: 'info',
    message: 'release sent',
    told: 'always',
    measure: (metrics) => metrics.releases.inc({ result: 'sent' }),
    event: normal('ReleaseSent', 'Release', (it) => `Releasing server ${it.server}.`),
  },
  releaseRefused: {
    level: 'warn',
    message: 'release refused',
    told: 'always',
    measure: (metrics) => metrics.releases.inc({ result: 'refused' }),
    event: warning(
      'ReleaseRefused',
      'Release',
      (it) => `The release of server ${it.server} was refused: ${it.refusal.message} It is tried again.`,
    ),
  },
  releaseUnclear: {
    level: 'warn',
    message: 'release has no clear outcome',
    told: 'always',
    measure: (metrics) => metrics.releases.inc({ result: 'unclear' }),
    event: warning(
      'ReleaseUnclear',
      'Release',
      (it) =>
        `Nobody knows yet whether the release of server ${it.server} went through (${it.cause}). It is looked at again.`,
    ),
  },
  serverReleased: {
    level: 'info',
    message: 'server released',
    told: 'once',
    facts: server,
    ends: ['releaseStuck'],
    measure: (metrics) => metrics.releases.inc({ result: 'released' }),
    event: normal('ServerReleased', 'Release', (it) => `Server ${it.server} is released.`),
  },
  releaseStuck: {
    level: 'error',
    message: 'release does not come to an end',
    told: 'whileItHolds',
    facts: server,
    event: warning(
      'ReleaseStuck',
      'Release',
      (it) =>
        `Server ${it.server} is not released ${formatDuration(it.elapsedMs)} after it was asked for. The Ready condition says how to go on.`,
    ),
  },
  deletionProtected: {
    level: 'warn',
    message: 'deletion waits for deletionProtection',
    told: 'whileItHolds',
    event: warning(
      'DeletionProtected',
      'Release',
      () => 'The object is being deleted, but spec.deletionProtection is true: nothing is released until it is false.',
    ),
  },
  retained: {
    level: 'warn',
    message: 'object let go, its servers retained',
    told: 'once',
    facts: servers,
    measure: (metrics, it) => metrics.releases.inc({ result: 'retained' }, it.servers.length),
    event: warning(
      'ServerRetained',
      'Release',
      (it) => `deletionPolicy is Retain: ${list(it.servers)} live on and cost money.`,
    ),
  },
  forgotten: {
    level: 'warn',
    message: 'object let go on a person’s word',
    told: 'once',
    facts: (it) => it.what,
    measure: (metrics) => metrics.releases.inc({ result: 'forgotten' }),
    event: warning(
      'Forgotten',
      'Release',
      (it) => `${it.what} was given up on a person's word; a server of it may live on and cost money.`,
    ),
  },
  failedLetGo: {
    level: 'warn',
    message: 'object let go, its failed servers cannot be released',
    told: 'once',
    facts: servers,
    measure: (metrics, it) => metrics.releases.inc({ result: 'failedLetGo' }, it.servers.length),
    event: warning(
      'FailedLetGo',
      'Release',
      (it) =>
        `${list(it.servers)} failed in delivery, and the vendor cannot release failed servers. Ask the vendor if they are billed.`,
    ),
  },

  tagAdded: {
    level: 'info',
    message: 'tag added',
    told: 'always',
    ends: ['tagRefused'],
    event: normal('TagAdded', 'Tag', (it) => `Added tag ${it.tag} to server ${it.server}.`),
  },
  tagRemoved: {
    level: 'info',
    message: 'tag removed',
    told: 'always',
    ends: ['tagRefused'],
    event: normal('TagRemoved', 'Tag', (it) => `Removed tag ${it.tag} from server ${it.server}.`),
  },
  tagRefused: {
    level: 'warn',
    message: 'tag change refused',
    told: 'once',
    facts: (it) => it.refusal.message,
    per: (it) => `${it.action} ${it.tag}`,
    event: warning(
      'TagRefused',
      'Tag',
      (it) => `Could not ${it.action} tag ${it.tag}: ${it.refusal.message} It is tried again.`,
    ),
  },

  ruled: {
    level: 'debug',
    message: 'a rule decided',
    told: 'once',
    facts: (it) => `${it.rule} ${it.step}`,
  },

  fenceRefused: {
    level: 'warn',
    message: 'the last check stopped an action',
    told: 'always',
    measure: (metrics, it) => metrics.fenceRefusals.inc({ reason: it.cause }),
  },
  passFailed: {
    level: 'error',
    message: 'pass failed',
    told: 'always',
    event: warning(
      'InternalError',
      'Reconcile',
      () => 'The operator failed on this object and tries again; its log says why.',
    ),
  },
  brakeReleased: {
    level: 'info',
    message: 'brake released',
    told: 'always',
    measure: (metrics, it) => metrics.brakeEngaged.set({ brake: it.brake }, 0),
  },
  orphanSeen: {
    level: 'warn',
    message: 'a live server with our cluster tag belongs to no object',
    told: 'once',
    per: server,
    event: warning(
      'OrphanSeen',
      'Observe',
      (it) =>
        `Server ${it.server} ("${it.serverName}", ${it.location}, ${it.serverStatus}) carries this cluster's tag and belongs to no object. It is not touched; it may cost money.`,
    ),
  },
  listingIncomplete: {
    level: 'warn',
    message: 'listing of all servers is incomplete',
    told: 'once',
    facts: cause,
    event: warning('ListingIncomplete', 'Observe', (it) => it.cause),
  },
  crdOutdated: {
    level: 'warn',
    message: 'the installed CRD drops fields of the status: install the CRD of this version',
    told: 'once',
    facts: (it) => it.fields.join(' '),
    measure: (metrics) => metrics.crdOutdated.set({}, 1),
  },
  crdFits: {
    level: 'info',
    message: 'the installed CRD keeps every field of the status again',
    told: 'onlyAsEnd',
    ends: ['crdOutdated'],
    measure: (metrics) => metrics.crdOutdated.set({}, 0),
  },
  apiUnavailable: {
    level: 'warn',
    message: 'FlexMetal API cannot be read',
    told: 'once',
    facts: (it) => `${it.failure.kind} ${it.failure.message}`,
  },
  apiRecovered: {
    level: 'info',
    message: 'FlexMetal API can be read again',
    told: 'onlyAsEnd',
    ends: ['apiUnavailable', 'listingIncomplete'],
  },
  credentialsInvalid: {
    level: 'error',
    message: 'FlexMetal API does not accept the token',
    told: 'once',
    facts: cause,
    event: warning(
      'CredentialsInvalid',
      'Authenticate',
      (it) => `The FlexMetal API does not accept the token: ${it.cause}`,
    ),
  },
  credentialsRecovered: {
    level: 'info',
    message: 'FlexMetal API accepts the token again',
    told: 'onlyAsEnd',
    ends: ['credentialsInvalid'],
    event: normal('CredentialsRecovered', 'Authenticate', () => 'The FlexMetal API accepts the token again.'),
  },
  leadershipAcquired: {
    level: 'info',
    message: 'leadership acquired',
    told: 'always',
    measure: (metrics, it) => metrics.leaderElectionMasterStatus.set({ name: it.lease }, 1),
    event: normal('LeaderElected', 'Lead', (it) => `${it.identity} became leader.`),
  },
  leadershipLost: {
    level: 'error',
    message: 'leadership lost',
    told: 'always',
    measure: (metrics, it) => metrics.leaderElectionMasterStatus.set({ name: it.lease }, 0),
    event: warning('LeaderLost', 'Lead', (it) => `${it.identity} is no longer leader: ${it.cause}`),
  },
} as const satisfies { readonly [K in HappeningKind]: Telling<K> };

/** The states of one object that a pass sees anew each time. */
export type StandingKind = {
  [K in HappeningKind]: (typeof TELLINGS)[K]['told'] extends 'whileItHolds' ? K : never;
}[HappeningKind];

const IN_WORDS = { order: 'order', release: 'release the server', tag: 'change tags' } as const;

/** An Event shows a few uuids; the log line has all. */
const UUIDS_IN_NOTE_MAX = 5;

function list(uuids: readonly string[]): string {
  const shown = uuids.slice(0, UUIDS_IN_NOTE_MAX).join(', ');
  return uuids.length > UUIDS_IN_NOTE_MAX ? `${shown} and ${uuids.length - UUIDS_IN_NOTE_MAX} more` : shown;
}

function normal<H>(reason: string, action: string, note: (happening: H) => string) {
  return { type: 'Normal', reason, action, note } as const;
}

function warning<H>(reason: string, action: string, note: (happening: H) => string) {
  return { type: 'Warning', reason, action, note } as const;
}

function inSeconds(length: Millis): number {
  return length / 1_000;
}

function attempt(happening: { readonly attempt: string }): string {
  return happening.attempt;
}

function server(happening: { readonly server: string }): string {
  return happening.server;
}

function servers(happening: { readonly servers: readonly string[] }): string {
  return happening.servers.toSorted().join(' ');
}

function cause(happening: { readonly cause: string }): string {
  return happening.cause;
}
