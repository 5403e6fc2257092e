import type { Instant } from '../../../src/base/time.ts';
import { fieldsOf, freeze, sameJson, withField, type JsonObject } from './json.ts';
import { kindName, type Kind, type KindName } from './kind.ts';
import { applyDefaults } from './structural-schema.ts';

/** One change of one object. The list of all of them is the history of the cluster. */
export interface Change {
  readonly revision: number;
  readonly at: Instant;
  /** The client's id; `user` for what the test did itself. */
  readonly by: string;
  readonly verb: 'create' | 'update' | 'status' | 'delete';
  readonly resource: KindName;
  /** `namespace/name`; `/name` for cluster-scoped ones. */
  readonly key: string;
  /** As it is from now on; for a deletion, as it was last, under the deletion's resourceVersion. */
  readonly object: JsonObject;
  /** As it was read before; undefined for a creation. */
  readonly before: JsonObject | undefined;
}

/** The state at one moment, in the order of a list. */
export interface Snapshot {
  readonly revision: number;
  readonly objects: readonly { readonly key: string; readonly object: JsonObject }[];
}

interface Shelf {
  readonly kind: Kind;
  /** As written; defaults are filled in on reading, as the real server does. */
  readonly stored: Map<string, JsonObject>;
  readonly objects: Map<string, JsonObject>;
  readonly changes: Change[];
  sortedKeys: readonly string[] | undefined;
}

/** Objects with one counter of revisions over all of them, and everything that ever happened to them. */
export class Store {
  readonly #shelves = new Map<KindName, Shelf>();
  readonly #history: Change[] = [];
  readonly #onChange: (change: Change) => void;
  #revision = 1;
  #compacted = 0;

  constructor(kinds: readonly Kind[], onChange: (change: Change) => void) {
    this.#onChange = onChange;
    for (const kind of kinds) {
      this.#shelves.set(kindName(kind), {
        kind,
        stored: new Map(),
        objects: new Map(),
        changes: [],
        sortedKeys: undefined,
      });
    }
  }

  get revision(): number {
    return this.#revision;
  }

  /** Reads and watches from before this revision are answered with 410. */
  get compactedRevision(): number {
    return this.#compacted;
  }

  get history(): readonly Change[] {
    return this.#history;
  }

  changesOf(resource: KindName): readonly Change[] {
    return this.#shelf(resource).changes;
  }

  read(resource: KindName, key: string): JsonObject | undefined {
    return this.#shelf(resource).objects.get(key);
  }

  /** All objects whose key begins with the prefix, as they were at the revision. */
  snapshot(resource: KindName, prefix: string, revision: number): Snapshot {
    const shelf = this.#shelf(resource);
    if (revision >= this.#revision || (shelf.changes.at(-1)?.revision ?? 0) <= revision) {
      shelf.sortedKeys ??= [...shelf.objects.keys()].toSorted();
      return { revision, objects: pick(shelf.sortedKeys, shelf.objects, prefix) };
    }
    const past = new Map(shelf.objects);
    for (let at = shelf.changes.length - 1; at >= 0; at -= 1) {
      const change = shelf.changes[at];
      if (change === undefined || change.revision <= revision) break;
      if (change.before === undefined) past.delete(change.key);
      else past.set(change.key, change.before);
    }
    return { revision, objects: pick([...past.keys()].toSorted(), past, prefix) };
  }

  /** Writes an object; one that is stored just so already is left alone. @returns the object as it is read now */
  write(resource: KindName, key: string, object: JsonObject, by: Pick<Change, 'at' | 'by' | 'verb'>): JsonObject {
    const shelf = this.#shelf(resource);
    const before = shelf.objects.get(key);
    if (before !== undefined && sameJson(shelf.stored.get(key), object)) return before;
    this.#revision += 1;
    const read = this.#readable(shelf.kind, object);
    shelf.stored.set(key, object);
    shelf.objects.set(key, read);
    if (before === undefined) shelf.sortedKeys = undefined;
    this.#record(shelf, { ...by, revision: this.#revision, resource, key, object: read, before });
    return read;
  }

  /** Takes an object away. Its last state is what it was, not what a final patch made of it. */
  remove(resource: KindName, key: string, by: Pick<Change, 'at' | 'by'>): void {
    const shelf = this.#shelf(resource);
    const before = shelf.objects.get(key);
    if (before === undefined) return;
    this.#revision += 1;
    shelf.stored.delete(key);
    shelf.objects.delete(key);
    shelf.sortedKeys = undefined;
    const object = withRevision(before, this.#revision);
    this.#record(shelf, { ...by, verb: 'delete', revision: this.#revision, resource, key, object, before });
  }

  compact(): void {
    this.#compacted = this.#revision;
  }

  #record(shelf: Shelf, change: Change): void {
    shelf.changes.push(change);
    this.#history.push(change);
    this.#onChange(change);
  }

  #readable(kind: Kind, object: JsonObject): JsonObject {
    const { apiVersion, kind: type, metadata, ...content } = object;
    const filled = fieldsOf(applyDefaults(content, kind.schema));
    return withRevision(
      { apiVersion: apiVersion ?? null, kind: type ?? null, metadata: metadata ?? {}, ...filled },
      this.#revision,
    );
  }

  #shelf(resource: KindName): Shelf {
    const shelf = this.#shelves.get(resource);
    if (shelf === undefined) throw new Error(`the in-memory API server has no resource ${resource}`);
    return shelf;
  }
}

const withRevision = (object: JsonObject, revision: number): JsonObject =>
  freeze({ ...object, metadata: withField(fieldsOf(object['metadata']), 'resourceVersion', String(revision)) });

const pick = (keys: readonly string[], objects: ReadonlyMap<string, JsonObject>, prefix: string): Snapshot['objects'] =>
  keys.flatMap((key) => {
    const object = key.startsWith(prefix) ? objects.get(key) : undefined;
    return object === undefined ? [] : [{ key, object }];
  });
