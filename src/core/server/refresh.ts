import { parseServerUuid } from '../../base/ids.ts';
import type { Entry } from '../model/ledger.ts';
import type { Listing } from '../model/listing.ts';
import { livenessOf } from '../model/server-record.ts';
import type { ServerRecord } from '../model/server-record.ts';
import type { IntentMemory, Memory, ReleaseMemory, ServerSnapshot } from '../model/snapshot.ts';
import { entryOf, hasLostLedger, isDeleting, latestListing } from './facts.ts';

/** Brings the memory up to what the gathered snapshot shows, before anything is decided. Pure. */
export function refresh(s: ServerSnapshot): ServerSnapshot {
  const memory: Memory = {
    ...s.memory,
    intent: refreshIntent(s, entryOf(s)),
    reads: refreshReads(s),
    releases: refreshReleases(s),
    deletionSeenAt: isDeleting(s) ? (s.memory.deletionSeenAt ?? s.monotonic) : undefined,
    ledgerLostAt: hasLostLedger(s) ? (s.memory.ledgerLostAt ?? s.monotonic) : undefined,
  };
  return { ...s, memory };
}

/** An open attempt that this process has not seen before is seen now, and may have been sent by whoever wrote it. */
function refreshIntent(s: ServerSnapshot, entry: Entry | undefined): IntentMemory | undefined {
  if (entry?.outcome.kind !== 'open') return undefined;
  if (s.memory.intent?.attempt === entry.attempt) return s.memory.intent;
  return { attempt: entry.attempt, progress: 'maybeSent', seenAt: s.monotonic, outcome: undefined };
}

/** A single read is dropped once a listing that began later shows the server: the listing is newer, and ends every doubt. */
function refreshReads(s: ServerSnapshot): Memory['reads'] {
  const listing = latestListing(s);
  if (listing === undefined) return s.memory.reads;
  const kept = Object.entries(s.memory.reads).filter(
    ([uuid, read]) => listing.begunAt <= read.at || listedIn(listing, uuid) === undefined,
  );
  return Object.fromEntries(kept);
}

/** Notes since which listing, begun after our DELETE, a server is still `failed`. */
function refreshReleases(s: ServerSnapshot): Memory['releases'] {
  const listing = latestListing(s);
  const sent = Object.entries(s.memory.releases);
  if (listing === undefined) return s.memory.releases;
  return Object.fromEntries(
    sent.map(([uuid, release]) => {
      const server = listedIn(listing, uuid);
      if (server === undefined) return [uuid, release];
      const failed = livenessOf(server) === 'failed' && listing.begunAt > release.firstSentAt;
      const failedSince: ReleaseMemory['failedSince'] = failed ? (release.failedSince ?? listing.begunAt) : undefined;
      return [uuid, { ...release, failedSince }];
    }),
  );
}

function listedIn(listing: Listing, text: string): ServerRecord | undefined {
  const uuid = parseServerUuid(text);
  return uuid === undefined ? undefined : listing.servers.get(uuid);
}
