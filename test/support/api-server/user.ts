import type { KubeRequest } from '../../../src/kube/transport.ts';
import type { ApiServer } from './api-server.ts';
import { fieldsOf, parseJson, textOf, toJsonObject, withField, type Json, type JsonObject } from './json.ts';
import { apiVersionOf, kindByType, kindName, type Kind } from './kind.ts';
import { threeWayPatch } from './merge-patch.ts';
import type { Reply } from './replies.ts';

/** What a user writes down: apiVersion, kind, metadata with name and namespace, and the rest. */
export type Manifest = object;

/** Thrown when the server refuses what a user does; `reply` says why. */
export class UserRefused extends Error {
  override readonly name = 'UserRefused';
  readonly reply: Reply;

  constructor(reply: Reply) {
    super(`the API server refuses: ${textOf(fieldsOf(reply.body)['message']) ?? reply.status}`);
    this.reply = reply;
  }
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** People and tools beside the operator: they act at once, without network, and are never at fault themselves. */
export class ClusterUser {
  readonly #server: ApiServer;
  readonly #name: string;

  constructor(server: ApiServer, name = 'user') {
    this.#server = server;
    this.#name = name;
  }

  /** Creates just this. */
  create(manifest: Manifest): JsonObject {
    const { collection } = this.#place(manifest);
    return this.#do({
      method: 'POST',
      path: collection,
      contentType: 'application/json',
      body: JSON.stringify(manifest),
    });
  }

  /** As `kubectl apply`: creates, or sets what the manifest names and removes what the last manifest named. */
  apply(manifest: Manifest): JsonObject {
    const { kind, key } = this.#place(manifest);
    const plain = toJsonObject(manifest);
    const applied = withAnnotation(plain, LAST_APPLIED, JSON.stringify(plain));
    const live = this.#server.read(kindName(kind), key);
    if (live === undefined) return this.create(applied);
    const last = fieldsOf(parseJson(textOf(annotationsOf(live)[LAST_APPLIED]) ?? '{}'));
    return this.edit(manifest, withAnnotation(threeWayPatch(last, plain, live), LAST_APPLIED, JSON.stringify(plain)));
  }

  /** As `kubectl replace`: the manifest is all there is; annotations, labels and finalizers it does not name are gone. */
  replace(manifest: Manifest): JsonObject {
    const { object } = this.#place(manifest);
    const live = fieldsOf(this.get(manifest)?.['metadata']);
    const plain = toJsonObject(manifest);
    const guarded = {
      ...plain,
      metadata: { ...fieldsOf(plain['metadata']), resourceVersion: live['resourceVersion'] ?? '' },
    };
    return this.#do({ method: 'PUT', path: object, contentType: 'application/json', body: JSON.stringify(guarded) });
  }

  /** Sends a merge patch, to the main endpoint or to status. `manifest` only says which object. */
  edit(manifest: Manifest, patch: object, endpoint: 'main' | 'status' = 'main'): JsonObject {
    const { object } = this.#place(manifest);
    const path = endpoint === 'status' ? `${object}/status` : object;
    return this.#do({
      method: 'PATCH',
      path,
      contentType: 'application/merge-patch+json',
      body: JSON.stringify(patch),
    });
  }

  annotate(manifest: Manifest, annotations: Readonly<Record<string, string | null>>): JsonObject {
    return this.edit(manifest, { metadata: { annotations } });
  }

  /** What impatient people do to an object that does not go. */
  dropFinalizers(manifest: Manifest): JsonObject {
    return this.edit(manifest, { metadata: { finalizers: null } });
  }

  get(manifest: Manifest): JsonObject | undefined {
    const { kind, key } = this.#place(manifest);
    return this.#server.read(kindName(kind), key);
  }

  /** Asks for deletion; finalizers may hold the object. Nothing happens when it is not there. */
  delete(manifest: Manifest): void {
    if (this.get(manifest) !== undefined) this.#do({ method: 'DELETE', path: this.#place(manifest).object });
  }

  /** Deletes the object and creates it anew at the instant at which the old one goes, as `kubectl replace --force`. */
  recreate(manifest: Manifest): void {
    if (this.get(manifest) === undefined) {
      this.create(manifest);
      return;
    }
    const { kind, key } = this.#place(manifest);
    const stop = this.#server.onChange((change) => {
      if (change.verb !== 'delete' || change.key !== key || change.resource !== kindName(kind)) return;
      stop();
      this.create(manifest);
    });
    this.delete(manifest);
  }

  /** Creates an object again from what a backup tool saved: new uid, no status, its annotations and finalizers as they were. */
  restore(backup: JsonObject): JsonObject {
    const { name, namespace, labels, annotations, finalizers } = fieldsOf(backup['metadata']);
    return this.create({
      ...withField(backup, 'status', undefined),
      metadata: { name, namespace, labels, annotations, finalizers },
    });
  }

  #do(request: KubeRequest): JsonObject {
    const reply = this.#server.handle(this.#name, request);
    if (reply.status >= 300 || reply.body === undefined) throw new UserRefused(reply);
    return reply.body;
  }

  #place(manifest: Manifest): {
    readonly kind: Kind;
    readonly key: string;
    readonly collection: string;
    readonly object: string;
  } {
    const { apiVersion, kind: type, metadata } = toJsonObject(manifest);
    const kind = kindByType(this.#server.kinds, textOf(apiVersion) ?? '', textOf(type) ?? '');
    if (kind === undefined) throw new Error(`no such kind: ${JSON.stringify({ apiVersion, kind: type })}`);
    const name = textOf(fieldsOf(metadata)['name']) ?? '';
    const namespace = kind.namespaced ? (textOf(fieldsOf(metadata)['namespace']) ?? 'default') : '';
    const root = kind.group === '' ? `/api/${kind.version}` : `/apis/${apiVersionOf(kind)}`;
    const collection = kind.namespaced ? `${root}/namespaces/${namespace}/${kind.plural}` : `${root}/${kind.plural}`;
    return { kind, key: `${namespace}/${name}`, collection, object: `${collection}/${name}` };
  }
}

const annotationsOf = (object: JsonObject): JsonObject => fieldsOf(fieldsOf(object['metadata'])['annotations']);

function withAnnotation(object: JsonObject, annotation: string, value: Json): JsonObject {
  const metadata = fieldsOf(object['metadata']);
  return {
    ...object,
    metadata: { ...metadata, annotations: { ...fieldsOf(metadata['annotations']), [annotation]: value } },
  };
}
