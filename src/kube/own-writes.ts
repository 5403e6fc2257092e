import { assertNever } from '../base/assert-never.ts';
import type { ObjectUid } from '../base/ids.ts';
import type { KubeObject } from './object.ts';
import { trimObject } from './object.ts';

/** Which object a decision may be made on. */
export type Newest = { readonly kind: 'object'; readonly object: KubeObject } | { readonly kind: 'readLive' };

/**
 * Remembers what the API server answered to our own last write of each object, so that no decision is made on an older one:
 * the cache may lag behind our writes by seconds.
 *
 * Versions are compared as decimal numbers when both are ones (promised since Kubernetes 1.35, true of etcd before). Otherwise a
 * cached object that is not exactly our write can be older or newer, and only a live read tells.
 */
export class OwnWrites {
  readonly #latest = new Map<ObjectUid, KubeObject>();

  /** How many objects the cache has yet to catch up with. */
  get size(): number {
    return this.#latest.size;
  }

  /** Keeps the reply to a write of ours, unless it is older than one kept already. */
  remember(object: KubeObject): void {
    const { uid, deletionTimestamp, finalizers } = object.metadata;
    // Such an object is gone with this very write; the cache will never show it, so it would be kept for ever.
    if (deletionTimestamp !== undefined && (finalizers ?? []).length === 0) {
      this.#latest.delete(uid);
      return;
    }
    const kept = this.#latest.get(uid);
    if (kept !== undefined && compareVersions(object, kept) === 'older') return;
    this.#latest.set(uid, trimObject(object));
  }

  /** The newer of the cached object and our own write; our write is dropped once the cache has caught up with it. */
  newest(cached: KubeObject): Newest {
    const written = this.#latest.get(cached.metadata.uid);
    if (written === undefined) return { kind: 'object', object: cached };
    const order = compareVersions(cached, written);
    switch (order) {
      case 'same':
      case 'newer':
        this.#latest.delete(cached.metadata.uid);
        return { kind: 'object', object: cached };
      case 'older':
        return { kind: 'object', object: written };
      case 'unknown':
        return { kind: 'readLive' };
      default:
        return assertNever(order, 'order of versions');
    }
  }

  /** To be told of every object that enters the cache: where versions cannot be compared, seeing our own is the only way to know it. */
  cached(object: KubeObject): void {
    const written = this.#latest.get(object.metadata.uid);
    if (written === undefined) return;
    const order = compareVersions(object, written);
    if (order === 'same' || order === 'newer') this.#latest.delete(object.metadata.uid);
  }

  /** To be told of every object that leaves the cache. */
  forget(uid: ObjectUid): void {
    this.#latest.delete(uid);
  }
}

function compareVersions(one: KubeObject, other: KubeObject): 'older' | 'same' | 'newer' | 'unknown' {
  const left = one.metadata.resourceVersion;
  const right = other.metadata.resourceVersion;
  if (left === right) return 'same';
  if (!isDecimal(left) || !isDecimal(right)) return 'unknown';
  return BigInt(left) < BigInt(right) ? 'older' : 'newer';
}

/** As Kubernetes defines a comparable version: digits without a leading zero, of any length. */
const isDecimal = (version: string): boolean => /^[1-9]\d*$/.test(version);
