import type { AttemptId, ObjectKey, ObjectUid, ServerUuid } from '../base/ids.ts';
import type { Millis } from '../base/time.ts';
import type { ReadFailure, Refusal } from '../core/model/outcomes.ts';

/** A Kubernetes object, as far as logs and Events need it. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly key: ObjectKey;
  readonly uid: ObjectUid;
}

/** The kind says it all; it disappears from an intersection. */
type NoFacts = unknown;

interface OfObject {
  readonly object: ObjectRef;
}

interface OfAttempt extends OfObject {
  readonly attempt: AttemptId;
}

interface OfServer extends OfObject {
  readonly server: ServerUuid;
}

interface OfServers extends OfObject {
  readonly servers: readonly ServerUuid[];
}

/**
 * What each happening carries, by its kind. Plain data, no sentences: the wording is in telling.ts.
 * Texts that come from outside (a refusal's message, a cause) are clipped before they get here.
 */
export interface HappeningFields {
  // Ordering
  intentRecorded: OfAttempt;
  orderSent: OfAttempt;
  orderCreated: OfAttempt & { readonly server: ServerUuid; readonly tookMs: Millis };
  orderRefused: OfAttempt & { readonly refusal: Refusal };
  orderUnclear: OfAttempt & { readonly cause: string; readonly settleWindowMs: Millis };
  orderSettled: OfAttempt & {
    readonly became: { readonly kind: 'adopted'; readonly server: ServerUuid } | { readonly kind: 'absent' };
  };
  /** A person's answer, or spec.import, made an existing server this object's. */
  serverAdopted: OfServer & { readonly how: 'answer' | 'import' };

  // Blocks that wait for a person or a new spec
  duplicateServers: OfServers;
  previousServerFound: OfServers;
  suspectServer: OfServers & { readonly attempt: AttemptId };
  ownershipUnproven: OfServer;
  accountChanged: OfAttempt;
  answerRefused: OfObject & { readonly answer: string; readonly cause: string };
  inputsMissing: OfObject & { readonly cause: string };
  invalidSpec: OfObject & { readonly cause: string };
  brakeEngaged: OfObject & { readonly brake: Brake; readonly count: number; readonly limit: number };
  paused: OfObject;
  resumed: OfObject;
  /** Observe mode kept the operator from doing this. */
  heldByObserveMode: OfObject & { readonly action: 'order' | 'release' | 'tag' };

  // Delivery
  /** `sinceOrderMs` is undefined when nobody knows when the server was ordered (an adopted one). */
  serverDelivered: OfServer & { readonly sinceOrderMs: Millis | undefined };
  provisioningSlow: OfServer & { readonly elapsedMs: Millis };
  provisioningFailed: OfServer & { readonly statusMessage: string };
  serverLost: OfServer;

  // Release
  releaseSent: OfServer;
  releaseRefused: OfServer & { readonly refusal: Refusal };
  releaseUnclear: OfServer & { readonly cause: string };
  serverReleased: OfServer;
  releaseStuck: OfServer & { readonly elapsedMs: Millis };
  deletionProtected: OfObject;
  retained: OfServers;
  /** `what`: the uuid or the attempt that the person named. */
  forgotten: OfObject & { readonly what: string };
  failedLetGo: OfServers;

  // Tags
  tagAdded: OfServer & { readonly tag: string };
  tagRemoved: OfServer & { readonly tag: string };
  tagRefused: OfServer & { readonly tag: string; readonly action: 'add' | 'remove'; readonly refusal: Refusal };

  /** `step`: the effect, or the reason for waiting. */
  ruled: OfObject & { readonly rule: string; readonly step: string; readonly because: string };

  // The operator itself
  fenceRefused: OfObject & { readonly action: 'order' | 'release'; readonly cause: string };
  /** A bug, or a port that broke: the object is tried again with back-off. */
  passFailed: OfObject & { readonly error: unknown };
  brakeReleased: { readonly brake: Brake };
  orphanSeen: {
    readonly server: ServerUuid;
    readonly serverName: string;
    readonly location: string;
    readonly serverStatus: string;
  };
  listingIncomplete: { readonly cause: string };
  apiUnavailable: { readonly failure: ReadFailure };
  /** The API server took a status without these fields, so its CRD is older than this program. */
  crdOutdated: { readonly fields: readonly string[] };
  crdFits: NoFacts;
  apiRecovered: NoFacts;
  credentialsInvalid: { readonly cause: string };
  credentialsRecovered: NoFacts;
  leadershipAcquired: { readonly lease: string; readonly identity: string };
  leadershipLost: { readonly lease: string; readonly identity: string; readonly cause: string };
}

/** The limits that stop orders before they get expensive. */
export type Brake = 'serversMax' | 'ordersPerHourMax';

export type HappeningKind = keyof HappeningFields;

export type HappeningOf<K extends HappeningKind> = { readonly [P in K]: { readonly kind: P } & HappeningFields[P] }[K];

/** Everything worth telling. Closed: a new kind does not compile until telling.ts says how it is told. */
export type Happening = HappeningOf<HappeningKind>;
