import type { ObjectUid, ServerUuid } from '../../base/ids.ts';
import type { Instant, Monotonic } from '../../base/time.ts';
import { readMarks } from '../../resources/names.ts';
import type { ServerRecord } from './server-record.ts';

/** A complete, unfiltered list of the token's servers. Built once, read by every object. */
export interface Listing {
  /** When the first page was asked for: what happened before is in the list, if the vendor's list does not lag. */
  readonly begunAt: Monotonic;
  readonly endedAt: Monotonic;
  /** The vendor's clock when the first page came, from its Date header. */
  readonly apiDate: Instant | undefined;
  readonly servers: ReadonlyMap<ServerUuid, ServerRecord>;
  /** By each uid tag found on them. */
  readonly byUid: ReadonlyMap<ObjectUid, readonly ServerRecord[]>;
  /** By each object tag (32 hex digits of namespace/name). */
  readonly byObject: ReadonlyMap<string, readonly ServerRecord[]>;
}

/** Indexes a list of servers; a uuid that comes twice (pages shift while we read) counts once, the later one wins. */
export function listingOf(
  servers: readonly ServerRecord[],
  when: { readonly begunAt: Monotonic; readonly endedAt: Monotonic; readonly apiDate: Instant | undefined },
): Listing {
  const unique = new Map(servers.map((server) => [server.uuid, server]));
  const byUid = new Map<ObjectUid, ServerRecord[]>();
  const byObject = new Map<string, ServerRecord[]>();
  for (const server of unique.values()) {
    const marks = readMarks(server.tags);
    for (const uid of new Set(marks.uids)) push(byUid, uid, server);
    for (const object of new Set(marks.objects)) push(byObject, object, server);
  }
  return { ...when, servers: unique, byUid, byObject };
}

function push<K>(index: Map<K, ServerRecord[]>, key: K, server: ServerRecord): void {
  const found = index.get(key);
  if (found === undefined) index.set(key, [server]);
  else found.push(server);
}
