import type { AttemptId, ClusterId, ObjectUid } from '../base/ids.ts';
import { hours, instant, laterBy, since } from '../base/time.ts';
import type { Instant, Monotonic } from '../base/time.ts';
import type { Listing } from '../core/model/listing.ts';
import { livenessOf } from '../core/model/server-record.ts';
import type { BrakeFact } from '../core/model/snapshot.ts';
import { clusterTag, readMarks } from '../resources/names.ts';

interface Reservation {
  readonly attempt: AttemptId;
  readonly at: Monotonic;
}

const HOUR = hours(1);

/**
 * Counts servers and orders against the limits. The listing is the truth, which survives restarts; between two listings the
 * intents of this process are counted beside it, so that a thousand objects at once cannot all pass on the same old count.
 */
export class Brakes {
  readonly #cluster: ClusterId;
  readonly #reserved = new Map<ObjectUid, Reservation>();
  #listed:
    | {
        readonly listing: Listing;
        readonly servers: number;
        readonly lastHour: number;
        readonly attempts: ReadonlySet<AttemptId>;
      }
    | undefined;

  constructor(cluster: ClusterId) {
    this.#cluster = cluster;
  }

  /** What counts now, the object's own reservation left out. */
  facts(listing: Listing | undefined, now: Instant, uid: ObjectUid): BrakeFact {
    const listed = this.#count(listing, now);
    const pending = [...this.#reserved].filter(
      ([owner, { attempt }]) => owner !== uid && listed?.attempts.has(attempt) !== true,
    ).length;
    return { servers: (listed?.servers ?? 0) + pending, ordersLastHour: (listed?.lastHour ?? 0) + pending };
  }

  /** Takes a place for one attempt if the limits allow it. Synchronous: two workers cannot take the last place both. */
  reserve(
    uid: ObjectUid,
    attempt: AttemptId,
    limits: { readonly serversMax: number; readonly ordersPerHourMax: number },
    seen: { readonly listing: Listing | undefined; readonly now: Instant; readonly monotonic: Monotonic },
  ): boolean {
    const { servers, ordersLastHour } = this.facts(seen.listing, seen.now, uid);
    if (servers >= limits.serversMax || ordersLastHour >= limits.ordersPerHourMax) return false;
    this.#reserved.set(uid, { attempt, at: seen.monotonic });
    return true;
  }

  /** No server comes of the attempt (any more). */
  release(uid: ObjectUid): void {
    this.#reserved.delete(uid);
  }

  /** Drops places whose servers the listing shows, and those that an hour of listings never showed. */
  settle(listing: Listing): void {
    this.#listed = undefined;
    const attempts = attemptsOf(listing);
    for (const [uid, { attempt, at }] of this.#reserved) {
      if (attempts.has(attempt) || listing.begunAt > laterBy(at, HOUR)) this.#reserved.delete(uid);
    }
  }

  #count(listing: Listing | undefined, now: Instant) {
    if (listing === undefined) return undefined;
    if (this.#listed?.listing === listing) return this.#listed;
    const tag = clusterTag(this.#cluster);
    const apiNow = listing.apiDate ?? now;
    const ours = [...listing.servers.values()].filter((server) => server.tags.includes(tag));
    this.#listed = {
      listing,
      servers: ours.filter((server) => livenessOf(server) === 'live').length,
      lastHour: ours.filter((server) => since(server.createdAt ?? instant(0), apiNow) < HOUR).length,
      attempts: attemptsOf(listing),
    };
    return this.#listed;
  }
}

const attemptsOf = (listing: Listing): ReadonlySet<AttemptId> =>
  new Set([...listing.servers.values()].flatMap((server) => readMarks(server.tags).attempts));
