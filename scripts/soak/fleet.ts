import type { Rest } from '../../test/support/cluster/rest.ts';
import type { ServerObject } from './objects.ts';
import { listObjects } from './objects.ts';
import type { ObjectRecord } from './promises.ts';

/** The objects of the soak: those that exist, by the last list, and what is remembered of all that ever were. */
export class Fleet {
  readonly #rest: Rest;
  readonly namespace: string;
  readonly #records = new Map<string, ObjectRecord>();
  #now: ReadonlyMap<string, ServerObject> = new Map();

  constructor(rest: Rest, namespace: string) {
    this.#rest = rest;
    this.namespace = namespace;
  }

  /** By uid. */
  get records(): ReadonlyMap<string, ObjectRecord> {
    return this.#records;
  }

  /** Objects of the last list. */
  get objects(): readonly ServerObject[] {
    return [...this.#now.values()];
  }

  /** Those that are not being deleted. */
  get wanted(): readonly ServerObject[] {
    return this.objects.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  }

  /** Lists anew. Throws when the API server does not answer. */
  async look(): Promise<void> {
    // What is created while the list is on its way is not in it, and not gone.
    const known = [...this.#records.values()].filter(({ goneBy }) => goneBy === undefined);
    const listed = await listObjects(this.#rest, this.namespace);
    const cameAt = Date.now();
    this.#now = new Map(listed.map((object) => [object.metadata.uid, object]));
    for (const object of listed) this.#remember(object);
    for (const { uid } of known) if (!this.#now.has(uid)) this.#change(uid, { goneBy: cameAt });
  }

  /** An object that was just created. */
  created(object: ServerObject): void {
    this.#remember(object);
    this.#now = new Map([...this.#now, [object.metadata.uid, object]]);
  }

  /** To be called before the DELETE is sent: from then on its server may be released. */
  deleting(object: ServerObject): void {
    const { uid } = object.metadata;
    const askedAt = Date.now();
    if (this.#records.get(uid)?.deleteAskedAt === undefined) this.#change(uid, { deleteAskedAt: askedAt });
    // Until the next list says what came of it.
    const going = { ...object, metadata: { ...object.metadata, deletionTimestamp: new Date(askedAt).toISOString() } };
    this.#now = new Map([...this.#now, [uid, going]]);
  }

  #remember({ metadata: { uid, name } }: ServerObject): void {
    if (!this.#records.has(uid)) this.#records.set(uid, { uid, name, deleteAskedAt: undefined, goneBy: undefined });
  }

  #change(uid: string, change: Partial<ObjectRecord>): void {
    const record = this.#records.get(uid);
    if (record !== undefined) this.#records.set(uid, { ...record, ...change });
  }
}
