import type { ObjectKey, ObjectUid } from '../base/ids.ts';
import type { KubeObject } from './object.ts';
import { keyOf } from './object.ts';

export type StoreEvent =
  | {
      readonly kind: 'upserted';
      readonly key: ObjectKey;
      readonly object: KubeObject;
      readonly previous: KubeObject | undefined;
    }
  | { readonly kind: 'deleted'; readonly key: ObjectKey; readonly object: KubeObject };

export type StoreHandler = (event: StoreEvent) => void;

/**
 * The objects of a kind as last heard of. Written by reflectors, read by everybody else.
 * A key never changes from one object to another in one event: when the uid differs, the old one is told as deleted first.
 */
export class ObjectStore {
  readonly #byKey = new Map<ObjectKey, KubeObject>();
  readonly #byUid = new Map<ObjectUid, KubeObject>();
  readonly #handlers = new Set<StoreHandler>();
  readonly #onHandlerError: (error: unknown, key: ObjectKey) => void;

  /** @param onHandlerError told of what a handler threw; the other handlers and the store go on */
  constructor(onHandlerError: (error: unknown, key: ObjectKey) => void) {
    this.#onHandlerError = onHandlerError;
  }

  get size(): number {
    return this.#byKey.size;
  }

  get(key: ObjectKey): KubeObject | undefined {
    return this.#byKey.get(key);
  }

  getByUid(uid: ObjectUid): KubeObject | undefined {
    return this.#byUid.get(uid);
  }

  list(): readonly KubeObject[] {
    return [...this.#byKey.values()];
  }

  keys(): readonly ObjectKey[] {
    return [...this.#byKey.keys()];
  }

  /** Calls the handler for every change from now on, in order, after the store has changed. Returns what ends it. */
  onEvent(handler: StoreHandler): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  /** Takes an object in. Says nothing when it is the very version we have. */
  upsert(object: KubeObject): void {
    const key = keyOf(object);
    const known = this.#byKey.get(key);
    if (known !== undefined && known.metadata.uid !== object.metadata.uid) this.remove(known);
    const previous = this.#byKey.get(key);
    if (previous?.metadata.resourceVersion === object.metadata.resourceVersion) return;
    this.#byKey.set(key, object);
    this.#byUid.set(object.metadata.uid, object);
    this.#tell({ kind: 'upserted', key, object, previous });
  }

  /** Takes an object out, unless its key belongs to another object by now. Told with the last state given. */
  remove(object: KubeObject): void {
    const key = keyOf(object);
    const known = this.#byKey.get(key);
    if (known?.metadata.uid !== object.metadata.uid) return;
    this.#byKey.delete(key);
    this.#byUid.delete(object.metadata.uid);
    this.#tell({ kind: 'deleted', key, object });
  }

  #tell(event: StoreEvent): void {
    for (const handler of this.#handlers) {
      try {
        handler(event);
      } catch (error) {
        // One handler's bug over one object must not stop the cache of all others.
        this.#onHandlerError(error, event.key);
      }
    }
  }
}
