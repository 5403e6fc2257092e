import type { ServerUuid } from '../base/ids.ts';
import type { Instant, Millis } from '../base/time.ts';
import type {
  CreateOutcome,
  ReadFailure,
  ReadOutcome,
  Refusal,
  RefusalClass,
  ReleaseOutcome,
  TagOutcome,
} from '../core/model/outcomes.ts';
import type { ServerRecord } from '../core/model/server-record.ts';
import type { Reply } from './reply-headers.ts';
import { apiDateOf, retryAfterOf } from './reply-headers.ts';
import type { Clean } from './text.ts';
import type { HttpResult } from './transport.ts';
import type { ApiError, ServerReading } from './wire.ts';
import { itemsOf, parseBody, readError, readServer } from './wire.ts';

/** What a reply is read with. */
export interface Reading {
  /** For dates in Retry-After. */
  readonly now: Instant;
  /** Cleans what people will see, secrets of the request included. */
  readonly clean: Clean;
}

/** One page of the list of servers. */
export type PageOutcome =
  | { readonly kind: 'page'; readonly readings: readonly ServerReading[]; readonly apiDate: Instant | undefined }
  | { readonly kind: 'unreadable'; readonly failure: ReadFailure };

/**
 * Reads what came of an order. Pure.
 * - created: 2xx with exactly one server whose uuid is readable, whatever else is wrong with it.
 * - refused: 400, 401, 403, 404 or 422 with the API's own error body, or no connection was made: no server came of it.
 * - unclear: everything else.
 */
export function classifyCreate(result: HttpResult, reading: Reading): CreateOutcome {
  if (result.kind === 'failed') return failedCall(result);
  if (isSuccess(result.status)) {
    const servers = serversOf(parseBody(result.body), reading.clean);
    const [only] = servers;
    if (only !== undefined && servers.length === 1) return { kind: 'created', server: only.server };
    return { kind: 'unclear', cause: `HTTP ${result.status} without exactly one readable server` };
  }
  const error = readError(parseBody(result.body), reading.clean);
  if (error !== undefined && DEFINITE_NO.has(result.status)) return refused(refusalClass(result.status, error), error);
  return unclear(result, reading);
}

/** Reads what came of a release. 404 counts as not found only in the API's own words; 409 and code 90001 say "in transition". Pure. */
export function classifyRelease(result: HttpResult, uuid: ServerUuid, reading: Reading): ReleaseOutcome {
  const call = classifyCall(result, uuid, reading);
  if (call.kind === 'refused' && call.refusal.class === 'notFound') return { kind: 'notFound' };
  return call.kind === 'done' ? { kind: 'accepted', server: call.server } : call;
}

/** Reads what came of adding or removing a tag. A 404 is a refusal: it may mean the server or the tag. Pure. */
export function classifyTag(result: HttpResult, uuid: ServerUuid, reading: Reading): TagOutcome {
  const call = classifyCall(result, uuid, reading);
  return call.kind === 'done' ? { kind: 'applied', server: call.server } : call;
}

/**
 * Reads one server. A 404 without the API's own error body (a proxy's page) is unreadable, not "not found", and so is a server
 * whose tags cannot all be read: what is hidden may be another object's uid, and a release rests on this read. Pure.
 */
export function classifyRead(result: HttpResult, uuid: ServerUuid, reading: Reading): ReadOutcome {
  if (result.kind === 'failed') return unreadable(noAnswer(result.cause));
  if (result.status === 200) {
    const found = readingOf(parseBody(result.body), uuid, reading.clean);
    if (found === undefined) return unreadable(malformed(`HTTP 200, but server ${uuid} is not in the reply`));
    if (!found.tagsReadable) return unreadable(malformed(`HTTP 200, but the tags of server ${uuid} cannot be read`));
    return { kind: 'present', server: found.server };
  }
  if (result.status === 404 && readError(parseBody(result.body)) !== undefined) return { kind: 'notFound' };
  return unreadable(failureOf(result, reading));
}

/** Reads one page of the list of servers. Always a list: one server by itself would prove that there are no others. Pure. */
export function classifyPage(result: HttpResult, reading: Reading): PageOutcome {
  if (result.kind === 'failed') return unreadable(noAnswer(result.cause));
  if (result.status !== 200) return unreadable(failureOf(result, reading));
  const body = parseBody(result.body);
  if (readError(body) !== undefined) return unreadable(malformed('HTTP 200, but the reply is an error'));
  if (!Array.isArray(body)) return unreadable(malformed('HTTP 200, but the reply is no list of servers'));
  return {
    kind: 'page',
    readings: body.map((item) => readServer(item, reading.clean)),
    apiDate: apiDateOf(result),
  };
}

/** Why a reply that is no success told us nothing. */
export function failureOf(reply: Reply, reading: Reading): ReadFailure {
  const { status } = reply;
  const error = readError(parseBody(reply.body), reading.clean);
  const said = error === undefined || error.message === '' ? '' : `: ${error.message}`;
  if (isCredentials(status)) return credentials(`HTTP ${status}${said}`);
  if (status === 429) {
    return { kind: 'rateLimited', message: 'the FlexMetal API limits our calls (HTTP 429)', ...waitOf(reply, reading) };
  }
  if (status >= 500 || status === 408) {
    return {
      kind: 'unavailable',
      message: `the FlexMetal API does not answer (HTTP ${status}${said})`,
      ...waitOf(reply, reading),
    };
  }
  return malformed(
    error === undefined
      ? `HTTP ${status} without the API's own error body, perhaps from a proxy`
      : `HTTP ${status}${said}`,
  );
}

/** The token was refused or is not to be had. `what` says how; the way out is added. */
export const credentials = (what: string): ReadFailure => ({
  kind: 'credentials',
  message: `the FlexMetal API refused the token (${what}): check that it is right and not expired, and that this address is on its allow-list`,
});

export const isCredentials = (status: number): boolean => status === 401 || status === 403;

const DEFINITE_NO: ReadonlySet<number> = new Set([400, 401, 403, 404, 422]);
/** The API's documents say 200 with the server; its general rule for DELETE says 204. */
const TAKEN: ReadonlySet<number> = new Set([200, 202, 204]);

/** Known from a sister API of the vendor. Its 90002 (terminal: the call will never pass) is a plain refusal, shown by its code. */
const IN_TRANSITION = 90_001;

type Call =
  | { readonly kind: 'done'; readonly server: ServerRecord | undefined }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'unclear'; readonly cause: string; readonly retryAfter?: Millis };

/** A change of one known server. */
function classifyCall(result: HttpResult, uuid: ServerUuid, reading: Reading): Call {
  if (result.kind === 'failed') return failedCall(result);
  if (TAKEN.has(result.status)) return taken(result, uuid, reading);
  const error = readError(parseBody(result.body), reading.clean);
  if (error !== undefined && result.status === 409) return refused('inTransition', error);
  if (error !== undefined && DEFINITE_NO.has(result.status)) return refused(refusalClass(result.status, error), error);
  return unclear(result, reading);
}

/** Nothing or an empty list is a bare yes; anything else must be about our server, or it is somebody else's page. Without all its tags the server is read anew. */
function taken(reply: Reply, uuid: ServerUuid, { clean }: Reading): Call {
  if (reply.body.trim() === '') return { kind: 'done', server: undefined };
  const body = parseBody(reply.body);
  if (Array.isArray(body) && body.length === 0) return { kind: 'done', server: undefined };
  const found = readingOf(body, uuid, clean);
  if (found !== undefined) return { kind: 'done', server: found.tagsReadable ? found.server : undefined };
  return { kind: 'unclear', cause: `HTTP ${reply.status} with a reply that is not about this server` };
}

function failedCall({
  sent,
  cause,
}: Extract<HttpResult, { kind: 'failed' }>): Extract<Call, { kind: 'refused' | 'unclear' }> {
  if (sent === 'maybe') return { kind: 'unclear', cause };
  return {
    kind: 'refused',
    refusal: { class: 'notConnected', message: `no connection to the FlexMetal API (${cause})` },
  };
}

function unclear(reply: Reply, reading: Reading): Extract<Call, { kind: 'unclear' }> {
  return { kind: 'unclear', cause: `HTTP ${reply.status}`, ...waitOf(reply, reading) };
}

function refusalClass(status: number, error: ApiError): RefusalClass {
  if (isCredentials(status)) return 'credentials';
  if (status === 422 && error.errorCode === IN_TRANSITION) return 'inTransition';
  return status === 404 ? 'notFound' : 'invalid';
}

const refused = (as: RefusalClass, error: ApiError): Extract<Call, { kind: 'refused' }> => ({
  kind: 'refused',
  refusal: { class: as, message: error.message, errorCode: error.errorCode },
});

const unreadable = (failure: ReadFailure) => ({ kind: 'unreadable', failure }) as const;
const malformed = (what: string): ReadFailure => ({
  kind: 'malformed',
  message: `the FlexMetal API gave an answer that cannot be used (${what})`,
});
const noAnswer = (cause: string): ReadFailure => ({
  kind: 'unavailable',
  message: `the FlexMetal API does not answer (${cause})`,
});

function waitOf(reply: Reply, { now }: Reading): { readonly retryAfter?: Millis } {
  const retryAfter = retryAfterOf(reply, now);
  return retryAfter === undefined ? {} : { retryAfter };
}

/** All of a reply's servers; none as soon as one item cannot be read. */
function serversOf(body: unknown, clean: Clean): readonly Read[] {
  const readings = (itemsOf(body) ?? []).map((item) => readServer(item, clean));
  return readings.every((reading) => reading.kind === 'server') ? readings : [];
}

type Read = Extract<ServerReading, { kind: 'server' }>;

const readingOf = (body: unknown, uuid: ServerUuid, clean: Clean): Read | undefined =>
  serversOf(body, clean).find(({ server }) => server.uuid === uuid);

const isSuccess = (status: number): boolean => status >= 200 && status < 300;
