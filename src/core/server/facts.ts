import type { ObjectUid, ServerUuid } from '../../base/ids.ts';
import { elapsed, laterBy } from '../../base/time.ts';
import type { Monotonic } from '../../base/time.ts';
import { ANNOTATION, clusterTag, FINALIZER, objectHash, readMarks } from '../../resources/names.ts';
import type { Entry } from '../model/ledger.ts';
import { sameAccount } from '../model/ledger.ts';
import type { Listing } from '../model/listing.ts';
import type { ServerRecord } from '../model/server-record.ts';
import { livenessOf } from '../model/server-record.ts';
import type { IntentMemory, Retry, ServerSnapshot } from '../model/snapshot.ts';

/** Small questions about a snapshot that several rules ask. All pure. */

export const entryOf = (s: ServerSnapshot): Entry | undefined =>
  s.ledger.kind === 'entry' ? s.ledger.entry : undefined;

export const isDeleting = (s: ServerSnapshot): boolean => s.object.deletionTimestamp !== undefined;
export const isPaused = (s: ServerSnapshot): boolean => s.object.annotations[ANNOTATION.paused] === 'true';
export const hasFinalizer = (s: ServerSnapshot): boolean => s.object.finalizers.includes(FINALIZER);

/** The finalizer is only ever written together with the ledger: alone, it says that a ledger was there, and an order with it perhaps. */
export const hasLostLedger = (s: ServerSnapshot): boolean => s.ledger.kind === 'none' && hasFinalizer(s);

/**
 * A lost ledger may have held an order that was sent just before it was lost, so a listing that does not show a server proves
 * nothing yet: as with an unclear order, two must agree after order timeout and settle window.
 */
export const lostLedgerSettled = (s: ServerSnapshot): boolean =>
  !hasLostLedger(s) ||
  provedAbsentSince(s, lostLedgerSettlesAt(s), ({ byUid }) =>
    (byUid.get(s.object.uid) ?? []).some((server) => livenessOf(server) === 'live'),
  );

export const lostLedgerSettlesAt = (s: ServerSnapshot): Monotonic =>
  laterBy(laterBy(s.memory.ledgerLostAt ?? s.monotonic, s.settings.orderTimeout), s.settings.settleWindow);

export const latestListing = (s: ServerSnapshot): Listing | undefined => s.view.latest;

/** The listings are those of the account that our token opens now. */
export const viewIsOfThisAccount = (s: ServerSnapshot): boolean =>
  s.account.kind === 'known' && s.view.account !== undefined && sameAccount(s.view.account, s.account.account);

/** Two successive complete listings of this account, both begun after the given time, of which neither shows it. */
export function provedAbsentSince(s: ServerSnapshot, after: Monotonic, shows: (listing: Listing) => boolean): boolean {
  if (!viewIsOfThisAccount(s)) return false;
  const [first, second] = s.view.run;
  if (first === undefined || second === undefined) return false;
  return [first, second].every((listing) => listing.begunAt > after && !shows(listing));
}

/** What this process knows of the ledger's open attempt; an attempt that it has never seen counts as seen now and maybe sent. */
export function intentOf(s: ServerSnapshot, entry: Entry): IntentMemory {
  const intent = s.memory.intent;
  if (intent?.attempt === entry.attempt) return intent;
  return { attempt: entry.attempt, progress: 'maybeSent', seenAt: s.monotonic, outcome: undefined };
}

/** The open attempt, unless this very process wrote it and has not begun to send it. */
export function maybeSentAttempt(s: ServerSnapshot): Entry | undefined {
  const entry = entryOf(s);
  if (entry === undefined || entry.outcome.kind !== 'open') return undefined;
  return intentOf(s, entry).progress === 'unsent' ? undefined : entry;
}

/** When a server that came of the open attempt must be listed, if the vendor commits within the settle window. */
export const settlesAt = (s: ServerSnapshot, entry: Entry): Monotonic =>
  laterBy(laterBy(intentOf(s, entry).seenAt, s.settings.orderTimeout), s.settings.settleWindow);

/** The newest that is known of a server: a listing that began after the single read is newer than it. */
export function recordOf(s: ServerSnapshot, uuid: ServerUuid): Sighting | undefined {
  const listing = latestListing(s);
  const listed = listing?.servers.get(uuid);
  const read = s.memory.reads[uuid];
  if (listing !== undefined && listed !== undefined && (read === undefined || listing.begunAt >= read.at)) {
    return { server: listed, at: listing.begunAt };
  }
  return read?.server === undefined ? undefined : { server: read.server, at: read.at };
}

export interface Sighting {
  readonly server: ServerRecord;
  readonly at: Monotonic;
}

/** Every server known to carry our uid tag, whatever its state, without those that a person told us to leave alone. */
export function carryingOurUid(s: ServerSnapshot): readonly ServerRecord[] {
  const uuids = new Set<ServerUuid>((latestListing(s)?.byUid.get(s.object.uid) ?? []).map((server) => server.uuid));
  for (const read of Object.values(s.memory.reads)) if (read.server !== undefined) uuids.add(read.server.uuid);
  const forgotten: readonly ServerUuid[] = entryOf(s)?.forgotten ?? [];
  return [...uuids]
    .filter((uuid) => !forgotten.includes(uuid))
    .map((uuid) => recordOf(s, uuid)?.server)
    .filter((server) => server !== undefined)
    .filter((server) => readMarks(server.tags).uids.includes(s.object.uid));
}

/** Every live server of this object: those that carry its uid tag, and the ledger's own. */
export function liveServers(s: ServerSnapshot): readonly ServerRecord[] {
  const marked = carryingOurUid(s).filter((server) => livenessOf(server) === 'live');
  const own = ownServer(s);
  const record = own === undefined ? undefined : recordOf(s, own)?.server;
  if (record === undefined || livenessOf(record) !== 'live' || marked.some((server) => server.uuid === own))
    return marked;
  return [record, ...marked];
}

/** The uuid that the ledger says is this object's server. */
export function ownServer(s: ServerSnapshot): ServerUuid | undefined {
  const outcome = entryOf(s)?.outcome;
  return outcome?.kind === 'created' ? outcome.server : undefined;
}

/** Uids of other objects on a server: whatever else speaks for us, such a server is not ours to change or release. */
export const otherUids = (s: ServerSnapshot, server: ServerRecord): readonly ObjectUid[] =>
  readMarks(server.tags).uids.filter((uid) => uid !== s.object.uid);

/** On a server that a person had us take over: uids of former objects of this cluster, which no longer exist. Their tags come off. */
export function formerOwners(s: ServerSnapshot, server: ServerRecord): readonly ObjectUid[] {
  const outcome = entryOf(s)?.outcome;
  const takenOver = outcome?.kind === 'created' && outcome.server === server.uuid && outcome.proof === 'adopted';
  if (!takenOver || !server.tags.includes(clusterTag(s.settings.cluster))) return [];
  return readMarks(server.tags).uids.filter((uid) => uid !== s.object.uid && !mayExist(s, server, uid));
}

/**
 * Whether an object whose uid a server carries may exist: it is seen, or it may stand in a namespace that is not watched. A server of
 * our own namespace and name had a former object of this name for its owner, which cannot exist beside us.
 */
export const mayExist = (s: ServerSnapshot, server: ServerRecord, uid: ObjectUid): boolean =>
  s.livingUids.has(uid) || !(s.settings.watchesAll || isOfOurName(s, server));

function isOfOurName(s: ServerSnapshot, server: ServerRecord): boolean {
  const { clusters, objects } = readMarks(server.tags);
  const ourName = objectHash(s.object.namespace, s.object.name);
  const isOurs = objects.length > 0 && objects.every((name) => name === ourName);
  return isOurs && clusters.includes(s.settings.cluster);
}

/**
 * Whether a server is this object's: it carries our uid tag, or its uuid came in the reply to our own attempt; and no other
 * object's uid tag is on it. A person's claim puts our tag on it first.
 */
export function owns(s: ServerSnapshot, server: ServerRecord): boolean {
  if (otherUids(s, server).length > 0) return false;
  if (readMarks(server.tags).uids.includes(s.object.uid)) return true;
  const outcome = entryOf(s)?.outcome;
  return outcome?.kind === 'created' && outcome.server === server.uuid && outcome.proof === 'reply';
}

/** Whether another live server than this one is surely the object's: only then may a person have this one released. */
export const livesBeside = (s: ServerSnapshot, uuid: ServerUuid): boolean =>
  liveServers(s).some((server) => server.uuid !== uuid && owns(s, server));

/** How the account that the ledger's order was for relates to the one that our token opens now. */
export function accountRelation(s: ServerSnapshot, entry: Entry): 'same' | 'continued' | 'changed' | 'unknown' {
  if (s.account.kind !== 'known') return 'unknown';
  if (sameAccount(s.account.account, entry.account)) return 'same';
  return s.view.continuedFrom(entry.account) ? 'continued' : 'changed';
}

/** The retry time of an effect or query that failed, while it lies ahead. */
export function heldBack(s: ServerSnapshot, key: string): Retry | undefined {
  const retry = s.memory.retries[key];
  return retry !== undefined && retry.notBefore > s.monotonic ? retry : undefined;
}

export const untilRetry = (s: ServerSnapshot, retry: Retry) => elapsed(s.monotonic, retry.notBefore);
