import type { AttemptId, ClusterId, ObjectKey, ObjectUid, ServerUuid } from '../../src/base/ids.ts';
import { objectKey, parseAttemptId, parseClusterId, parseObjectUid, parseServerUuid } from '../../src/base/ids.ts';
import { addMillis, instant, millis, minutes, monotonic, seconds } from '../../src/base/time.ts';
import type { Instant, Monotonic } from '../../src/base/time.ts';
import type { Account, Entry, Ledger } from '../../src/core/model/ledger.ts';
import { formatEntry } from '../../src/core/model/ledger.ts';
import type { Listing } from '../../src/core/model/listing.ts';
import { listingOf } from '../../src/core/model/listing.ts';
import type { OrderRequest } from '../../src/core/model/order-request.ts';
import type { ServerRecord } from '../../src/core/model/server-record.ts';
import type {
  AccountView,
  IntentMemory,
  Memory,
  ServerRead,
  ServerSnapshot,
  Settings,
} from '../../src/core/model/snapshot.ts';
import { EMPTY_MEMORY } from '../../src/core/model/snapshot.ts';
import type { FlexMetalServerWithoutSpec } from '../../src/resources/flexmetalserver/parse.ts';
import { FlexMetalServerSpec } from '../../src/resources/flexmetalserver/schema.ts';
import { ANNOTATION, FINALIZER, ownerTags } from '../../src/resources/names.ts';

/** Facts of a FlexMetalServer named games/web, each with a default in which nothing is wrong. Give what differs. */

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a builder was given something that is no such id');
  return value;
}

/** The n-th server's uuid: `…0001` and so on. */
export const uuid = (n: number): ServerUuid =>
  must(parseServerUuid(`00000000-0000-4000-8000-${String(n).padStart(12, '0')}`));
export const attemptId = (text: string): AttemptId => must(parseAttemptId(text));
export const objectUid = (text: string): ObjectUid => must(parseObjectUid(text));

export const UID = objectUid('11111111-aaaa-4000-8000-000000000001');
/** Of another object: whether it exists is said by `livingUids`. */
export const STRANGER = objectUid('22222222-bbbb-4000-8000-000000000002');
export const KEY: ObjectKey = objectKey('games', 'web');
export const CLUSTER: ClusterId = must(parseClusterId('c0c0c0c0c0c0'));
export const OTHER_CLUSTER: ClusterId = must(parseClusterId('d1d1d1d1d1d1'));
export const ATTEMPT = attemptId('aaaaaaaaaaaaaaaa');
export const NEXT_ATTEMPT = attemptId('bbbbbbbbbbbbbbbb');

export const ACCOUNT: Account = { baseUrl: 'https://api.example', tokenFingerprint: 'fp-ours' };
export const OTHER_ACCOUNT: Account = { baseUrl: 'https://api.example', tokenFingerprint: 'fp-other' };

/** Now, on both clocks. An hour of the process has passed. */
export const NOW: Instant = instant(Date.UTC(2026, 10, 24, 20, 0, 0));
export const MONO: Monotonic = monotonic(3_600_000);
export const ago = (ms: number): Monotonic => monotonic(MONO - ms);
export const before = (ms: number): Instant => addMillis(NOW, millis(-ms));

export const SPEC_HASH = 'hash-of-spec';

export const aSpec = (differing: Readonly<Record<string, unknown>> = {}): FlexMetalServerSpec =>
  FlexMetalServerSpec.parse({
    location: 'EU: Rotterdam',
    instanceType: 'bm7.std.8',
    os: { slug: 'ubuntu-2404-lts' },
    ...differing,
  });

export const ourTags = (attempt: AttemptId = ATTEMPT, uid: ObjectUid = UID): readonly string[] =>
  ownerTags({ cluster: CLUSTER, uid, attempt, namespace: 'games', name: 'web' });

/** A delivered server with all our tags. */
export const aServer = (differing: Partial<ServerRecord> = {}): ServerRecord => ({
  uuid: uuid(1),
  name: 'web',
  status: 'delivered',
  statusMessage: '',
  location: 'EU: Rotterdam',
  instanceType: 'bm7.std.8',
  osSlug: 'ubuntu-2404-lts',
  addresses: ['192.0.2.10'],
  tags: ourTags(),
  createdAt: before(minutes(30)),
  deliveredAt: undefined,
  releasedAt: undefined,
  contractId: '',
  ...differing,
});

/** An attempt that led to server 1. */
export const anEntry = (differing: Partial<Entry> = {}): Entry => ({
  objectUid: UID,
  attempt: ATTEMPT,
  attempts: 1,
  revision: 2,
  specHash: SPEC_HASH,
  requestedAt: before(minutes(30)),
  holder: 'operator-1',
  account: ACCOUNT,
  outcome: { kind: 'created', server: uuid(1), proof: 'reply', at: before(minutes(30)) },
  everUnclear: false,
  releases: [],
  forgotten: [],
  answered: [],
  ...differing,
});

/** In both of its places. */
export const aLedger = (differing: Partial<Entry> = {}): Ledger => ({
  kind: 'entry',
  entry: anEntry(differing),
  inAnnotation: true,
  inStatus: true,
});

export const OPEN = { kind: 'open' } as const;

/** Begun 5 s ago unless said otherwise. */
export const aListing = (
  servers: readonly ServerRecord[] = [],
  begunAgoMs: number = seconds(5),
  apiDate?: Instant,
): Listing => listingOf(servers, { begunAt: ago(begunAgoMs), endedAt: ago(begunAgoMs - 500), apiDate });

/** What complete listings say: the last two are the run, the last one the latest. */
export const aView = (listings: readonly Listing[], differing: Partial<AccountView> = {}): AccountView => ({
  account: ACCOUNT,
  latest: listings.at(-1),
  run: listings.slice(-2),
  failure: undefined,
  continuedFrom: () => false,
  ...differing,
});

/** Two listings, 20 s and 5 s ago, that show the same. */
export const seeing = (...servers: readonly ServerRecord[]): AccountView =>
  aView([aListing(servers, seconds(20)), aListing(servers)]);

export const aSettings = (differing: Partial<Settings> = {}): Settings => ({
  cluster: CLUSTER,
  holder: 'operator-1',
  mode: 'normal',
  settleWindow: minutes(5),
  orderTimeout: minutes(2),
  pollInterval: seconds(15),
  serversMax: 100,
  ordersPerHourMax: 20,
  watchesAll: true,
  ...differing,
});

export const anObject = (differing: Partial<FlexMetalServerWithoutSpec> = {}): FlexMetalServerWithoutSpec => ({
  key: KEY,
  uid: UID,
  namespace: 'games',
  name: 'web',
  generation: 1,
  resourceVersion: '10',
  creationTimestamp: before(minutes(40)),
  finalizers: [FINALIZER],
  labels: {},
  annotations: {},
  status: {},
  statusLedger: { kind: 'none' },
  annotationLedger: { kind: 'none' },
  ...differing,
});

export const deleting = (differing: Partial<FlexMetalServerWithoutSpec> = {}): FlexMetalServerWithoutSpec =>
  anObject({ deletionTimestamp: before(minutes(1)), ...differing });

export const answering = (answer: string): FlexMetalServerWithoutSpec =>
  anObject({ annotations: { [ANNOTATION.resolve]: answer } });

/** The object as the API server has it, with both copies of its ledger. */
export const storedWith = (entry: Entry, differing: Partial<FlexMetalServerWithoutSpec> = {}) =>
  anObject({
    statusLedger: { kind: 'entry', entry: formatEntry(entry) },
    annotationLedger: { kind: 'entry', entry: formatEntry(entry) },
    ...differing,
  });

export const aMemory = (differing: Partial<Memory> = {}): Memory => ({ ...EMPTY_MEMORY, ...differing });

/** Written by this process and not sent. */
export const unsent = (differing: Partial<IntentMemory> = {}): IntentMemory => ({
  attempt: ATTEMPT,
  progress: 'unsent',
  seenAt: ago(seconds(10)),
  outcome: undefined,
  ...differing,
});

/** Seen by this process so long ago that the settle window has ended. */
export const maybeSent = (seenAgoMs: number = minutes(20)): IntentMemory =>
  unsent({ progress: 'maybeSent', seenAt: ago(seenAgoMs) });

/** The last reads of a server said not found, each that long ago. */
export const notFoundAt = (...agoMs: readonly number[]): ServerRead => ({
  server: undefined,
  at: ago(agoMs.at(-1) ?? 0),
  notFoundAt: agoMs.map(ago),
});

export const aRequest = (differing: Partial<OrderRequest> = {}): OrderRequest => ({
  name: 'web',
  location: 'EU: Rotterdam',
  instanceType: 'bm7.std.8',
  os: { slug: 'ubuntu-2404-lts', kernelParams: [], partitions: [], ipxeScriptUrl: undefined },
  sshKeys: [],
  postInstallScript: undefined,
  tags: ourTags(),
  contractId: undefined,
  overflow: false,
  ...differing,
});

/** An object whose server 1 is delivered and seen, with everything as wanted: it rests at Ready. */
export const aSnapshot = (differing: Partial<ServerSnapshot> = {}): ServerSnapshot => ({
  now: NOW,
  monotonic: MONO,
  queuedAt: ago(seconds(10)),
  newsAt: ago(seconds(10)),
  jitter: 0,
  nextAttempt: NEXT_ATTEMPT,
  object: anObject(),
  spec: { kind: 'valid', spec: aSpec(), hash: SPEC_HASH },
  ledger: aLedger(),
  settings: aSettings(),
  account: { kind: 'known', account: ACCOUNT },
  view: seeing(aServer()),
  memory: EMPTY_MEMORY,
  brakes: { servers: 1, ordersLastHour: 1 },
  inputs: { kind: 'notAsked' },
  livingUids: new Set([UID]),
  ...differing,
});

const NO_LEDGER: Ledger = { kind: 'none' };

/** An object that was never ordered for and of which no server is known. */
export const aNewSnapshot = (differing: Partial<ServerSnapshot> = {}): ServerSnapshot =>
  aSnapshot({
    // The finalizer comes with the first ledger.
    object: anObject((differing.ledger ?? NO_LEDGER).kind === 'none' ? { finalizers: [] } : {}),
    ledger: NO_LEDGER,
    view: seeing(),
    brakes: { servers: 0, ordersLastHour: 0 },
    ...differing,
  });

export const withSpec = (differing: Readonly<Record<string, unknown>>): ServerSnapshot['spec'] => ({
  kind: 'valid',
  spec: aSpec(differing),
  hash: SPEC_HASH,
});
