import type { OddReply } from './odd-replies.ts';

/**
 * What may be concluded from a reply, written down from the vendor's document and our rules on it, and from nothing in src:
 * "refused" needs the API's own error body and one of the codes that mean no; a server needs a uuid; everything else is unclear.
 */

type Fields = Readonly<Record<string, unknown>>;

/** One byte order mark is no content. */
function jsonOf({ body }: OddReply): unknown {
  try {
    return JSON.parse(body.replace(/^\ufeff/, ''));
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Own fields only. */
export const fields = (value: unknown): Fields =>
  isObject(value) && !Array.isArray(value) ? Object.fromEntries(Object.entries(value)) : {};

/** A reply is a list, or one thing. */
function itemsOf(reply: OddReply): readonly unknown[] | undefined {
  const json = jsonOf(reply);
  if (Array.isArray(json)) return json;
  return isObject(json) ? [json] : undefined;
}

export function uuidOf(item: unknown): string | undefined {
  const { uuid } = fields(item);
  const isUuid =
    typeof uuid === 'string' && /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(uuid);
  return isUuid ? uuid.toLowerCase() : undefined;
}

/** The servers of a reply; undefined when one of its items is none. */
export function serversOf(reply: OddReply): readonly Fields[] | undefined {
  const items = itemsOf(reply);
  if (items === undefined || items.some((item) => uuidOf(item) === undefined)) return undefined;
  return items.map(fields);
}

export interface Named {
  readonly code: number;
}

/** The API's error body: a whole number as code, which a PHP back end may write as text, and a message. */
export function errorOf(reply: OddReply): Named | undefined {
  const items = itemsOf(reply);
  if (items?.length !== 1) return undefined;
  const { errorCode, errorMessage } = fields(items[0]);
  const code =
    typeof errorCode === 'string' && /^\s*-?\d{1,15}(\.0+)?\s*$/.test(errorCode) ? Number(errorCode) : errorCode;
  return Number.isSafeInteger(code) && typeof errorMessage === 'string' ? { code: Number(code) } : undefined;
}

/** Missing or null is an empty list, a list with holes an object; anything else cannot be read. */
export function tagsOf(server: Fields): readonly string[] | undefined {
  const { tags } = server;
  if (tags === undefined || tags === null) return [];
  if (!isObject(tags)) return undefined;
  const isList = Array.isArray(tags) || Object.keys(tags).every((key) => /^\d+$/.test(key));
  const values: readonly unknown[] = Object.values(tags);
  return isList && values.every((tag) => typeof tag === 'string') ? values.map(String) : undefined;
}

const DEFINITE_NO: readonly number[] = [400, 401, 403, 404, 422];
const IN_TRANSITION = 90_001;

export type Expected =
  | { readonly kind: 'created'; readonly uuid: string }
  | { readonly kind: 'refused'; readonly class: string; readonly code: number }
  | { readonly kind: 'done' | 'notFound' | 'unclear' };

const UNCLEAR: Expected = { kind: 'unclear' };

function refusal({ status }: OddReply, { code }: Named): Expected {
  if (status === 401 || status === 403) return { kind: 'refused', class: 'credentials', code };
  if (status === 409 || (status === 422 && code === IN_TRANSITION))
    return { kind: 'refused', class: 'inTransition', code };
  return { kind: 'refused', class: status === 404 ? 'notFound' : 'invalid', code };
}

export function createOf(reply: OddReply): Expected {
  const servers = serversOf(reply);
  if (reply.status >= 200 && reply.status < 300) {
    const uuid = servers?.length === 1 ? uuidOf(servers[0]) : undefined;
    return uuid === undefined ? UNCLEAR : { kind: 'created', uuid };
  }
  const error = errorOf(reply);
  return error !== undefined && DEFINITE_NO.includes(reply.status) ? refusal(reply, error) : UNCLEAR;
}

/** A change of one known server: taken with nothing to say, or with that server; refused in the API's own words. */
export function changeOf(reply: OddReply, uuid: string): Expected {
  if ([200, 202, 204].includes(reply.status)) {
    const json = jsonOf(reply);
    const isBare = reply.body.trim() === '' || (Array.isArray(json) && json.length === 0);
    const isAbout = serversOf(reply)?.some((server) => uuidOf(server) === uuid) === true;
    return isBare || isAbout ? { kind: 'done' } : UNCLEAR;
  }
  const error = errorOf(reply);
  const isNo = DEFINITE_NO.includes(reply.status) || reply.status === 409;
  return error !== undefined && isNo ? refusal(reply, error) : UNCLEAR;
}

/** One server asked for by its uuid: its tags decide whether it is ours, so they must be readable as well. */
export function readOf(reply: OddReply, uuid: string): 'present' | 'notFound' | 'unreadable' {
  if (reply.status === 404 && errorOf(reply) !== undefined) return 'notFound';
  const server = reply.status === 200 ? serversOf(reply)?.find((found) => uuidOf(found) === uuid) : undefined;
  return server !== undefined && tagsOf(server) !== undefined ? 'present' : 'unreadable';
}

/** A whole list of servers, by uuid; undefined when it may hold one that cannot be read, or is no list. */
export function listOf(reply: OddReply): ReadonlyMap<string, Fields> | undefined {
  const servers = Array.isArray(jsonOf(reply)) ? serversOf(reply) : undefined;
  if (reply.status !== 200 || servers === undefined || errorOf(reply) !== undefined) return undefined;
  if (servers.some((server) => tagsOf(server) === undefined)) return undefined;
  return new Map(servers.map((server) => [uuidOf(server) ?? '', server]));
}

/** Whether the reply names a quota that is used up. */
export function quotaIsUsedUp(reply: OddReply): boolean {
  const items = reply.status === 200 ? (itemsOf(reply) ?? []) : [];
  return items.some((item) => {
    const { quotaUsage } = fields(item);
    const usages: readonly unknown[] = isObject(quotaUsage) ? Object.values(quotaUsage) : [];
    return usages.map(fields).some(({ quota, usage }) => quota !== undefined && Number(usage) >= Number(quota));
  });
}
