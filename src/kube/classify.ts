import type { Instant, Millis } from '../base/time.ts';
import { millis, parseInstant, seconds, since } from '../base/time.ts';
import { isJsonObject } from './object.ts';

/** One thing the API server found wrong with a request: `spec.location`, `FieldValueInvalid`, and a sentence. */
export interface StatusCause {
  readonly field: string;
  readonly reason: string;
  readonly message: string;
}

/**
 * Why a request to the API server did not do what was asked.
 * - `notFound`: the API server itself said so, in a Status. Nothing else counts as proof of absence.
 * - `conflict`: the object has changed since the resourceVersion (or uid) that was given.
 * - `gone`: the resourceVersion or continue token is too old: list anew.
 * - `unavailable`: no usable answer. `sent: 'no'` when it cannot have been carried out, `maybe` otherwise. `code` is the HTTP status if there was a reply.
 */
export type ApiFailure =
  | { readonly kind: 'notFound'; readonly message: string }
  | { readonly kind: 'alreadyExists'; readonly message: string }
  | { readonly kind: 'conflict'; readonly message: string }
  | {
      readonly kind: 'invalid';
      readonly code: number;
      readonly message: string;
      readonly causes: readonly StatusCause[];
    }
  | { readonly kind: 'unauthorized'; readonly message: string }
  | { readonly kind: 'forbidden'; readonly message: string }
  | { readonly kind: 'gone'; readonly message: string }
  | Unavailable;

export interface Unavailable {
  readonly kind: 'unavailable';
  readonly sent: 'no' | 'maybe';
  readonly code: number | undefined;
  readonly retryAfter: Millis | undefined;
  /** A short word, error code or reason for logs. */
  readonly cause: string;
}

export interface FailedReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** Longer waits than this are not believed: a wrong header must not silence the operator. */
export const RETRY_AFTER_MAX: Millis = seconds(60);

/** Reads a reply outside 2xx, by code and the reason in the Status, never by message. */
export function classifyFailure(reply: FailedReply, now: Instant): ApiFailure {
  const status = readStatus(reply.body);
  const message = status?.message ?? `HTTP ${reply.status}`;
  switch (reply.status) {
    case 404:
      // Without a Status the path itself is unknown: the kind is not installed, or a proxy answered.
      if (status?.reason === 'NotFound') return { kind: 'notFound', message };
      return { ...unavailable(reply, now, 'no such resource'), sent: 'no' };
    case 409:
      if (status?.reason === 'AlreadyExists') return { kind: 'alreadyExists', message };
      return { kind: 'conflict', message };
    case 410:
      return { kind: 'gone', message };
    case 401:
      return { kind: 'unauthorized', message };
    case 403:
      return { kind: 'forbidden', message };
    case 429:
      // Flow control turns requests away before they are carried out.
      return { ...unavailable(reply, now, status?.reason ?? 'TooManyRequests'), sent: 'no' };
    default:
      if (reply.status < 400 || reply.status >= 500 || reply.status === 408) {
        return unavailable(reply, now, status?.reason ?? `HTTP ${reply.status}`);
      }
      return { kind: 'invalid', code: reply.status, message, causes: status?.causes ?? [] };
  }
}

export interface ApiStatus {
  readonly code: number | undefined;
  readonly reason: string | undefined;
  readonly message: string;
  readonly causes: readonly StatusCause[];
}

/** Reads metav1.Status; undefined when it is none. */
export function readStatus(body: unknown): ApiStatus | undefined {
  if (!isJsonObject(body) || body['kind'] !== 'Status') return undefined;
  const details = body['details'];
  const causes = isJsonObject(details) && Array.isArray(details['causes']) ? details['causes'] : [];
  return {
    code: typeof body['code'] === 'number' ? body['code'] : undefined,
    reason: typeof body['reason'] === 'string' ? body['reason'] : undefined,
    message: text(body['message']),
    causes: causes.filter(isJsonObject).map((cause) => ({
      field: text(cause['field']),
      reason: text(cause['reason']),
      message: text(cause['message']),
    })),
  };
}

function unavailable(reply: FailedReply, now: Instant, cause: string): Unavailable {
  return {
    kind: 'unavailable',
    sent: 'maybe',
    code: reply.status,
    retryAfter: readRetryAfter(reply.headers, now),
    cause,
  };
}

/** Seconds or an HTTP date; capped, and undefined when it is neither. */
function readRetryAfter(headers: Readonly<Record<string, string>>, now: Instant): Millis | undefined {
  const value = headers['retry-after']?.trim();
  if (value === undefined || value === '') return undefined;
  const at = parseInstant(value);
  const wait = /^\d+$/.test(value) ? seconds(Number(value)) : at && since(now, at);
  return wait === undefined ? undefined : millis(Math.min(RETRY_AFTER_MAX, Math.max(0, wait)));
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
