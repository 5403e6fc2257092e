import type { ServerUuid } from '../../base/ids.ts';
import type { Millis, Monotonic } from '../../base/time.ts';
import type { Reason } from '../../resources/names.ts';
import type { Entry } from './ledger.ts';
import type { OrderRequest } from './order-request.ts';
import type { ServerSnapshot } from './snapshot.ts';

/** A fact that must be fetched before the decision can be made. Asking changes nothing anywhere. */
export type Query =
  /** A complete listing of all servers that was begun after the given time. */
  | { readonly kind: 'list'; readonly begunAfter: Monotonic }
  /** One server by its uuid. */
  | { readonly kind: 'getServer'; readonly server: ServerUuid }
  /** The order with its Secrets and ConfigMaps read. */
  | { readonly kind: 'inputs' };

/** One thing to do outside, the only one of its pass. */
export type Effect =
  /** Writes the ledger into the annotation, guarded by the object's resourceVersion, and keeps the finalizer on the object. */
  | { readonly kind: 'writeLedger'; readonly entry: Entry }
  /** Costs money. Through the fence. */
  | { readonly kind: 'createServer'; readonly entry: Entry; readonly request: OrderRequest }
  /** Cannot be undone. Through the fence. */
  | { readonly kind: 'releaseServer'; readonly server: ServerUuid; readonly cause: 'deleted' | 'answered' }
  | { readonly kind: 'addTag'; readonly server: ServerUuid; readonly tag: string }
  | { readonly kind: 'removeTag'; readonly server: ServerUuid; readonly tag: string }
  /** Lets the deleted object go. */
  | { readonly kind: 'dropFinalizer'; readonly because: Farewell };

/** Why a deleted object may go. */
export type Farewell =
  | { readonly kind: 'neverOrdered' }
  | { readonly kind: 'released'; readonly servers: readonly ServerUuid[] }
  | { readonly kind: 'retained'; readonly servers: readonly ServerUuid[] }
  | { readonly kind: 'forgotten'; readonly what: string }
  /** The vendor cannot release failed servers: nothing more can be done about these. */
  | { readonly kind: 'failedLetGo'; readonly servers: readonly ServerUuid[] };

/** When to look at the object again; a change of the object always does. */
export type WakeUp =
  | { readonly kind: 'onChange' }
  /** At once: something was done, look again. */
  | { readonly kind: 'now' }
  | { readonly kind: 'after'; readonly delay: Millis }
  /** With the next complete listing (which keeps the poller in its quick rhythm), or after `atMost`. */
  | { readonly kind: 'onListing'; readonly atMost: Millis };

export type Decision =
  | { readonly kind: 'ask'; readonly query: Query }
  | { readonly kind: 'act'; readonly effect: Effect; readonly why: string }
  | Rest;

export interface Rest {
  readonly kind: 'rest';
  readonly reason: Reason;
  /** For people: what is the case, and when it blocks, what to do. */
  readonly message: string;
  readonly wakeUp: WakeUp;
  /** True: only a person or a new spec helps. */
  readonly stalled: boolean;
}

/** One rule of the chain: its decision, or undefined when its situation is not given. */
export type Rule = (snapshot: ServerSnapshot) => Decision | undefined;

export const ask = (query: Query): Decision => ({ kind: 'ask', query });
export const act = (effect: Effect, why: string): Decision => ({ kind: 'act', effect, why });

/** Waits for time, a listing or the vendor. */
export const wait = (reason: Reason, message: string, wakeUp: WakeUp): Rest => ({
  kind: 'rest',
  reason,
  message,
  wakeUp,
  stalled: false,
});

/** Waits for a person or a new spec. The message must say what to do. */
export const block = (reason: Reason, message: string, wakeUp: WakeUp): Rest => ({
  kind: 'rest',
  reason,
  message,
  wakeUp,
  stalled: true,
});
