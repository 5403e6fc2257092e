import type { AttemptId, ClusterId, ObjectUid } from '../../base/ids.ts';
import type { Instant, Millis, Monotonic } from '../../base/time.ts';
import type { FlexMetalServerSpec } from '../../resources/flexmetalserver/schema.ts';
import type { FlexMetalServerWithoutSpec } from '../../resources/flexmetalserver/parse.ts';
import type { Account, Ledger } from './ledger.ts';
import type { Listing } from './listing.ts';
import type { OrderRequest } from './order-request.ts';
import type { CreateOutcome, ReadFailure } from './outcomes.ts';
import type { ServerRecord } from './server-record.ts';

/** Everything one decision about one object rests on, gathered at one moment. Plain data: equal snapshots give equal decisions. */
export interface ServerSnapshot {
  readonly now: Instant;
  readonly monotonic: Monotonic;
  /** When this look at the object was asked for; a listing begun later has seen what led to it. */
  readonly queuedAt: Monotonic;
  /** When the last look was asked for that came of news about the object, and not by rhythm, after a listing or after a time. */
  readonly newsAt: Monotonic;
  /** Uniform in [0, 1): spreads retries. */
  readonly jitter: number;
  /** An id for the next attempt, should there be one. */
  readonly nextAttempt: AttemptId;
  readonly object: FlexMetalServerWithoutSpec;
  readonly spec: SpecFact;
  readonly ledger: Ledger;
  readonly settings: Settings;
  readonly account: AccountFact;
  readonly view: AccountView;
  readonly memory: Memory;
  readonly brakes: BrakeFact;
  readonly inputs: InputsFact;
  /** Uids of all FlexMetalServers of the watched namespaces. */
  readonly livingUids: ReadonlyUids;
}

export interface ReadonlyUids {
  has(uid: ObjectUid): boolean;
}

export type SpecFact =
  | { readonly kind: 'valid'; readonly spec: FlexMetalServerSpec; readonly hash: string }
  | { readonly kind: 'invalid'; readonly message: string };

/** What the operator was configured with, as far as decisions depend on it. */
export interface Settings {
  readonly cluster: ClusterId;
  /** This process, for the ledger. */
  readonly holder: string;
  /** observe: nothing is ordered, changed or released at the vendor. */
  readonly mode: 'normal' | 'observe';
  /** How long after an order's deadline its server may still appear. */
  readonly settleWindow: Millis;
  /** Total time an order may take. */
  readonly orderTimeout: Millis;
  /** How often the server list is read while anything moves. */
  readonly pollInterval: Millis;
  readonly serversMax: number;
  readonly ordersPerHourMax: number;
  /** Whether the objects of all namespaces are seen. Otherwise nobody can say of a uid that its object does not exist. */
  readonly watchesAll: boolean;
}

/** The account that the token of this moment belongs to. */
export type AccountFact =
  | { readonly kind: 'known'; readonly account: Account }
  | { readonly kind: 'unreadable'; readonly message: string };

/** What the listings of the account say. Shared by all objects. */
export interface AccountView {
  /** Whose servers the listings show. After a change of token the former account's listings prove nothing. */
  readonly account: Account | undefined;
  /** The newest complete listing, however long ago. */
  readonly latest: Listing | undefined;
  /** Complete, unfiltered listings that followed one another without a failed or incomplete one between them or since; newest last, two at most. */
  readonly run: readonly Listing[];
  /** The last listing when it told us nothing; undefined when it was complete. */
  readonly failure: ViewFailure | undefined;
  /** The ledger's account is not ours, but a server that some ledger recorded under it is in our listing: it is the same account. */
  readonly continuedFrom: (account: Account) => boolean;
}

export type ViewFailure =
  | { readonly kind: 'unreadable'; readonly failure: ReadFailure; readonly at: Monotonic }
  | { readonly kind: 'incomplete'; readonly message: string; readonly at: Monotonic };

/** Servers and orders that count against the brakes, this token's, our cluster's. */
export interface BrakeFact {
  readonly servers: number;
  readonly ordersLastHour: number;
}

export type InputsFact =
  | { readonly kind: 'notAsked' }
  | { readonly kind: 'ready'; readonly request: OrderRequest }
  | { readonly kind: 'missing'; readonly message: string };

/**
 * What this process remembers of one object between two looks. Lost with the process, and nothing that protects money
 * depends on it being there: without it waits begin anew and an intent counts as sent.
 */
export interface Memory {
  readonly intent: IntentMemory | undefined;
  /** The newest single reads, by uuid. */
  readonly reads: Readonly<Record<string, ServerRead>>;
  readonly releases: Readonly<Record<string, ReleaseMemory>>;
  /** Own retry times, by effect (`create`, `tag:+web`), so that no failure holds up another effect. */
  readonly retries: Readonly<Record<string, Retry>>;
  /** When this process first saw that the object is being deleted. */
  readonly deletionSeenAt: Monotonic | undefined;
  /** When this process first saw that the object has our finalizer and no ledger; undefined while that is not so. */
  readonly ledgerLostAt: Monotonic | undefined;
}

export const EMPTY_MEMORY: Memory = {
  intent: undefined,
  reads: {},
  releases: {},
  retries: {},
  deletionSeenAt: undefined,
  ledgerLostAt: undefined,
};

/** What this process knows of the ledger's open attempt. */
export interface IntentMemory {
  readonly attempt: AttemptId;
  /** unsent: this process wrote the intent and has not begun to send it. maybeSent: everything else. */
  readonly progress: 'unsent' | 'maybeSent';
  /** When this process first saw it: the settle window runs from here. */
  readonly seenAt: Monotonic;
  /** What came of sending, until it is in the ledger. */
  readonly outcome: CreateOutcome | undefined;
}

export interface ServerRead {
  /** undefined: the last read said not found. */
  readonly server: ServerRecord | undefined;
  readonly at: Monotonic;
  /** The not-founds since the server was last seen, oldest first, the newest three. */
  readonly notFoundAt: readonly Monotonic[];
}

export interface ReleaseMemory {
  readonly firstSentAt: Monotonic;
  readonly lastSentAt: Monotonic;
  /** Complete listings begun after the first DELETE in which the server is still `failed`: when the first of them began. */
  readonly failedSince: Monotonic | undefined;
}

export interface Retry {
  readonly failures: number;
  readonly notBefore: Monotonic;
  /** For the status message. */
  readonly message: string;
}
