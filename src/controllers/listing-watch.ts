import type { ClusterId, ObjectKey } from '../base/ids.ts';
import { parseServerUuid } from '../base/ids.ts';
import type { Millis } from '../base/time.ts';
import type { Account } from '../core/model/ledger.ts';
import type { Listing } from '../core/model/listing.ts';
import type { ServerRecord } from '../core/model/server-record.ts';
import { livenessOf } from '../core/model/server-record.ts';
import type { ViewFailure } from '../core/model/snapshot.ts';
import { OBSERVATION_STALE_AFTER } from '../core/server/limits.ts';
import { isJsonObject, keyOf } from '../kube/object.ts';
import type { ObjectStore } from '../kube/store.ts';
import type { WorkQueue } from '../kube/work-queue.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Teller } from '../observability/tell.ts';
import { clusterTag, readMarks } from '../resources/names.ts';
import type { Brakes } from './brakes.ts';
import type { ServerController } from './server/controller.ts';

export interface ListingWatchOptions {
  readonly store: ObjectStore;
  readonly queue: WorkQueue<ObjectKey>;
  readonly brakes: Brakes;
  readonly teller: Teller;
  readonly metrics: Metrics;
  readonly cluster: ClusterId;
  /** Only who sees the objects of all namespaces can say that a server has none. */
  readonly countsOrphans: boolean;
  readonly controller: () => Pick<ServerController, 'moving' | 'ownerOf'>;
}

/** What a new listing sets in motion: looks at the objects whose servers changed, orphans counted, brakes brought up to date. */
export class ListingWatch {
  readonly #o: ListingWatchOptions;
  /** Objects were told that nothing is known any more. */
  #stale = false;

  constructor(options: ListingWatchOptions) {
    this.#o = options;
  }

  onListing(listing: Listing, previous: Listing | undefined): void {
    const { queue, brakes, teller, metrics, controller, store } = this.#o;
    brakes.settle(listing);
    metrics.listingServers.set({}, listing.servers.size);
    teller.tell({ kind: 'apiRecovered' });
    teller.tell({ kind: 'credentialsRecovered' });
    this.#countOrphans(listing);
    if (this.#stale || previous === undefined) for (const key of store.keys()) queue.add(key, 'resync');
    this.#stale = false;
    for (const key of controller().moving) queue.add(key, 'resync');
    for (const server of changedBetween(previous, listing)) {
      for (const key of this.#ownersOf(server)) queue.add(key);
    }
  }

  onFailure(failure: ViewFailure, age: Millis | undefined): void {
    const { teller, queue, store, controller } = this.#o;
    if (failure.kind === 'incomplete') teller.tell({ kind: 'listingIncomplete', cause: failure.message });
    else if (failure.failure.kind === 'credentials')
      teller.tell({ kind: 'credentialsInvalid', cause: failure.failure.message });
    else teller.tell({ kind: 'apiUnavailable', failure: failure.failure });
    for (const key of controller().moving) queue.add(key, 'resync');
    if (this.#stale || (age !== undefined && age <= OBSERVATION_STALE_AFTER)) return;
    this.#stale = true;
    for (const key of store.keys()) queue.add(key, 'resync');
  }

  /** Whether the listing shows a server that some object's ledger recorded under that account: then it is the same account. */
  continuedFrom(listing: Listing, account: Account): boolean {
    return this.#o.store.list().some((object) => {
      const status = object['status'];
      const order = isJsonObject(status) ? status['order'] : undefined;
      if (!isJsonObject(order) || !isJsonObject(order['account'])) return false;
      const { baseUrl, tokenFingerprint } = order['account'];
      if (baseUrl !== account.baseUrl || tokenFingerprint !== account.tokenFingerprint) return false;
      const text = order['serverUuid'];
      const uuid = typeof text === 'string' ? parseServerUuid(text) : undefined;
      return uuid !== undefined && listing.servers.has(uuid);
    });
  }

  *#ownersOf(server: ServerRecord): Iterable<ObjectKey> {
    const known = this.#o.controller().ownerOf(server.uuid);
    if (known !== undefined) yield known;
    for (const uid of readMarks(server.tags).uids) {
      const object = this.#o.store.getByUid(uid);
      if (object !== undefined) yield keyOf(object);
    }
  }

  /** Counted and told, never touched: a person knows whether a server without an object is a leak or was kept on purpose. */
  #countOrphans(listing: Listing): void {
    const { countsOrphans, cluster, store, metrics, teller } = this.#o;
    if (!countsOrphans) return;
    const tag = clusterTag(cluster);
    const orphans = [...listing.servers.values()].filter(
      (server) =>
        livenessOf(server) === 'live' &&
        server.tags.includes(tag) &&
        readMarks(server.tags).uids.every((uid) => store.getByUid(uid) === undefined) &&
        this.#o.controller().ownerOf(server.uuid) === undefined,
    );
    metrics.orphans.set({}, orphans.length);
    for (const { uuid, name, location, status } of orphans) {
      teller.tell({ kind: 'orphanSeen', server: uuid, serverName: name, location, serverStatus: status });
    }
  }
}

/** Servers that are new, look different or are gone. */
function changedBetween(previous: Listing | undefined, listing: Listing): readonly ServerRecord[] {
  if (previous === undefined) return [];
  const changed = [...listing.servers.values()].filter((server) => {
    const before = previous.servers.get(server.uuid);
    return before === undefined || !sameRecord(before, server);
  });
  const gone = [...previous.servers.values()].filter((server) => !listing.servers.has(server.uuid));
  return [...changed, ...gone];
}

const sameRecord = (left: ServerRecord, right: ServerRecord): boolean =>
  left.status === right.status &&
  left.statusMessage === right.statusMessage &&
  left.name === right.name &&
  left.contractId === right.contractId &&
  sameTexts(left.addresses, right.addresses) &&
  sameTexts(left.tags, right.tags);

const sameTexts = (left: readonly string[], right: readonly string[]): boolean =>
  left.length === right.length && left.every((text, index) => text === right[index]);
