import type { Millis } from '../../base/time.ts';
import type { Listing } from './listing.ts';
import type { ServerRecord } from './server-record.ts';

/** Why a read told us nothing. None of these changes any belief about a server. */
export interface ReadFailure {
  readonly kind: 'credentials' | 'rateLimited' | 'unavailable' | 'malformed';
  /** For people, clipped, without secrets: what happened in one sentence. */
  readonly message: string;
  readonly retryAfter?: Millis;
}

/** Why the vendor said no, decided by HTTP status, error code and the shape of the body, never by message text. */
export type RefusalClass =
  /** 401, 403: key wrong, expired, or not allowed from this address. */
  | 'credentials'
  /** 400, 422 with the API's error body: this request will not be accepted as it is. */
  | 'invalid'
  /** 404 on a call that names something else than the server (a location, a type). */
  | 'notFound'
  /** The quota or commitment read back after the refusal is used up. */
  | 'quota'
  /** 409, or 422 with a known code: the server is in transition; the same call may pass later. */
  | 'inTransition'
  /** No connection was made, so nothing was sent. */
  | 'notConnected';

export interface Refusal {
  readonly class: RefusalClass;
  /** The vendor's own words, clipped; or what kept us from connecting. */
  readonly message: string;
  readonly errorCode?: number;
}

/** What came of an order. `unclear`: a server may exist; only complete listings settle it. */
export type CreateOutcome =
  | { readonly kind: 'created'; readonly server: ServerRecord }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'unclear'; readonly cause: string; readonly retryAfter?: Millis };

/** What came of a release. `accepted` says that the call was taken, not that the server is gone. */
export type ReleaseOutcome =
  | { readonly kind: 'accepted'; readonly server: ServerRecord | undefined }
  | { readonly kind: 'notFound' }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'unclear'; readonly cause: string; readonly retryAfter?: Millis };

/** What came of adding or removing one tag. After anything but `applied` the tags must be read again. */
export type TagOutcome =
  | { readonly kind: 'applied'; readonly server: ServerRecord | undefined }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'unclear'; readonly cause: string; readonly retryAfter?: Millis };

/** One server read by its uuid. `notFound` is a 404 with the API's own error body: one of them proves nothing. */
export type ReadOutcome =
  | { readonly kind: 'present'; readonly server: ServerRecord }
  | { readonly kind: 'notFound' }
  | { readonly kind: 'unreadable'; readonly failure: ReadFailure };

/**
 * A listing of all servers of the token.
 * `incomplete`: pages were read but the end was not reached in a way that proves it (page cap, repeating pages); it proves nothing.
 */
export type ListOutcome =
  | { readonly kind: 'complete'; readonly listing: Listing }
  | { readonly kind: 'incomplete'; readonly message: string }
  | { readonly kind: 'unreadable'; readonly failure: ReadFailure };
