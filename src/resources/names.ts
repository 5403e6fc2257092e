import type { AttemptId, ClusterId, ObjectUid } from '../base/ids.ts';
import { parseAttemptId, parseClusterId, parseObjectUid } from '../base/ids.ts';
import { sha256Hex } from '../base/hash.ts';

export const GROUP = 'flexmetal.i3d.net';
export const VERSION = 'v1alpha1';
export const API_VERSION = `${GROUP}/${VERSION}`;

/** Keeps a FlexMetalServer until its servers are released. */
export const FINALIZER = `${GROUP}/release`;

export const ANNOTATION = {
  /** `"true"`: nothing is ordered, changed or released for this object; it is still observed. */
  paused: `${GROUP}/paused`,
  /** Any new value makes the operator look at the object now. */
  reconcileRequestedAt: `${GROUP}/reconcile-requested-at`,
  /** An answer to a block: `reorder=<attempt>`, `adopt=<uuid>`, `release=<uuid>` or `forget=<attempt or uuid>`. */
  resolve: `${GROUP}/resolve`,
  /** `<uuid or attempt>`: on an object that is being deleted, let it go although its server may live on. */
  forceForget: `${GROUP}/force-forget`,
  /** The operator's ledger entry. Not for people. */
  order: `${GROUP}/order`,
} as const;

/** Every tag that begins with this belongs to the operator; the schema refuses such tags in spec.tags. */
export const OUR_TAG_PREFIX = 'flexmetal-';

const SCHEME_TAG = 'flexmetal-operator:v1';
const CLUSTER_TAG_PREFIX = 'flexmetal-cluster:';
const UID_TAG_PREFIX = 'flexmetal-uid:';
const ATTEMPT_TAG_PREFIX = 'flexmetal-attempt:';
const OBJECT_TAG_PREFIX = 'flexmetal-object:';

export interface OwnerTags {
  readonly cluster: ClusterId;
  readonly uid: ObjectUid;
  readonly attempt: AttemptId;
  readonly namespace: string;
  readonly name: string;
}

/** Names one `namespace/name` in a tag, whatever its length. Counts only together with the cluster's tag. */
export const objectHash = (namespace: string, name: string): string => sha256Hex(`${namespace}/${name}`, 32);

export const clusterTag = (cluster: ClusterId): string => `${CLUSTER_TAG_PREFIX}${cluster}`;
export const uidTag = (uid: ObjectUid): string => `${UID_TAG_PREFIX}${uid}`;

/** The five tags that mark a server as one object's. */
export const ownerTags = (owner: OwnerTags): readonly string[] => [
  SCHEME_TAG,
  clusterTag(owner.cluster),
  uidTag(owner.uid),
  `${ATTEMPT_TAG_PREFIX}${owner.attempt}`,
  `${OBJECT_TAG_PREFIX}${objectHash(owner.namespace, owner.name)}`,
];

/** What a server's tags say about its owner. Several values of one kind are kept: they are a fact to be reported, not resolved here. */
export interface Marks {
  readonly clusters: readonly ClusterId[];
  readonly uids: readonly ObjectUid[];
  readonly attempts: readonly AttemptId[];
  readonly objects: readonly string[];
}

export function readMarks(tags: readonly string[]): Marks {
  return {
    clusters: valuesOf(tags, CLUSTER_TAG_PREFIX, parseClusterId),
    uids: valuesOf(tags, UID_TAG_PREFIX, parseObjectUid),
    attempts: valuesOf(tags, ATTEMPT_TAG_PREFIX, parseAttemptId),
    objects: valuesOf(tags, OBJECT_TAG_PREFIX, (text) => text),
  };
}

function valuesOf<T>(tags: readonly string[], prefix: string, parse: (text: string) => T | undefined): readonly T[] {
  return tags
    .filter((tag) => tag.startsWith(prefix))
    .map((tag) => parse(tag.slice(prefix.length)))
    .filter((value) => value !== undefined);
}

export const CONDITION_TYPES = ['Ready', 'Ordered', 'Delivered', 'Synced', 'Reconciling', 'Stalled'] as const;
export type ConditionType = (typeof CONDITION_TYPES)[number];

/** The closed vocabulary of reasons. vocabulary.ts says for each what it means and what to do. */
export const REASONS = [
  'Pending',
  'Ordering',
  'OrderUnclear',
  'Ordered',
  'Provisioning',
  'Slow',
  'AddressesPending',
  'Delivered',
  'Ready',
  'Synced',
  'TagsPending',
  'ProvisioningFailed',
  'Lost',
  'Releasing',
  'ReleaseStuck',
  'Protected',
  'Paused',
  'ObserveMode',
  'CredentialsInvalid',
  'CapacityLimited',
  'QuotaExceeded',
  'BrakeEngaged',
  'OrderRefused',
  'InputsMissing',
  'InvalidSpec',
  'DuplicateServers',
  'PreviousServerExists',
  'SuspectServer',
  'OwnershipUnproven',
  'AccountChanged',
  'Forgotten',
  'AnswerRefused',
  'ListingIncomplete',
  'ApiUnavailable',
  'ObservationStale',
  'Progressing',
  'AsExpected',
] as const;
export type Reason = (typeof REASONS)[number];
