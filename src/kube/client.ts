import type { Clock } from '../base/clock.ts';
import { sleep } from '../base/clock.ts';
import type { ObjectUid } from '../base/ids.ts';
import type { Random } from '../base/random.ts';
import type { Millis } from '../base/time.ts';
import { elapsed, millis, seconds } from '../base/time.ts';
import { backoffDelay } from './backoff.ts';
import type { ApiFailure } from './classify.ts';
import { classifyFailure } from './classify.ts';
import type { KubeObject } from './object.ts';
import { isJsonObject, readKubeObject } from './object.ts';
import type { ObjectRef, Resource } from './resource.ts';
import { collectionPath, objectPath } from './resource.ts';
import type { KubeRequest, KubeTransport, KubeWatch } from './transport.ts';

export type ObjectResult = { readonly kind: 'ok'; readonly object: KubeObject } | ApiFailure;

/** `object` is there while finalizers still hold it. */
export type DeleteResult = { readonly kind: 'ok'; readonly object: KubeObject | undefined } | ApiFailure;

export type PageResult = Page | ApiFailure;

export interface Page {
  readonly kind: 'page';
  readonly items: readonly KubeObject[];
  /** Items that are no readable objects. */
  readonly unreadable: number;
  /** The version of the whole list: the same on each of its pages. A watch goes on from here. */
  readonly resourceVersion: string;
  /** For the next page; undefined on the last. */
  readonly continueToken: string | undefined;
}

export interface CallOptions {
  /** Total time, retries included. */
  readonly timeout?: Millis;
  readonly signal?: AbortSignal;
  /** How often it may be sent at most; 1 for callers that repeat by themselves. */
  readonly attempts?: number;
}

export interface RequestSeen {
  readonly verb: Verb;
  readonly resource: string;
  /** The HTTP status, or `<error>` as client-go has it in rest_client_requests_total. */
  readonly code: number | '<error>';
  readonly durationMs: Millis;
}

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete';

export interface KubeClientOptions {
  readonly transport: KubeTransport;
  readonly clock: Clock;
  readonly random: Random;
  /** Called once for each request that was sent, also for each retry. */
  readonly onRequest?: (seen: RequestSeen) => void;
}

export interface ListOptions {
  readonly namespace?: string | undefined;
  readonly limit: number;
  readonly continueToken?: string | undefined;
}

export interface WatchOptions {
  readonly namespace?: string | undefined;
  readonly resourceVersion: string;
  /** After this the API server ends the watch by itself. */
  readonly serverTimeout: Millis;
  readonly idleTimeout: Millis;
  readonly signal: AbortSignal;
}

/** One operation of a JSON patch (RFC 6902). */
export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

export const FIELD_MANAGER = 'flexmetal-operator';

const DEFAULT_TIMEOUT: Millis = seconds(30);
/** One attempt of several gets no more than this, so that one dead connection does not eat the time of the whole call. */
const ATTEMPT_TIMEOUT: Millis = seconds(10);
const ATTEMPTS_MAX = 4;
const RETRY_BACKOFF = { first: millis(200), longest: seconds(5) };

/**
 * The Kubernetes API in raw JSON. Whatever comes of a call is a value; it throws only on bugs.
 *
 * Calls that may be repeated without harm (reads, patches that name a resourceVersion, and anything that was not carried out for
 * certain) are repeated a few times on 429, 5xx and lost connections, within their time-out. A repeated guarded patch whose first
 * reply was lost comes back as `conflict`: read again, as after any conflict.
 */
export class KubeClient {
  readonly #transport: KubeTransport;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #onRequest: (seen: RequestSeen) => void;

  constructor(options: KubeClientOptions) {
    this.#transport = options.transport;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#onRequest = options.onRequest ?? (() => undefined);
  }

  /** Reads one object as it is now. It names no resourceVersion, which makes it a quorum read: the fence before money depends on that. */
  get(resource: Resource, ref: ObjectRef, options: CallOptions = {}): Promise<ObjectResult> {
    return this.#object('get', resource, { method: 'GET', path: objectPath(resource, ref) }, true, options);
  }

  /** Reads one page of a list. Without a resourceVersion, so it is as consistent as `get`. */
  async listPage(resource: Resource, list: ListOptions, options: CallOptions = {}): Promise<PageResult> {
    const path = collectionPath(resource, list.namespace, { limit: list.limit, continue: list.continueToken });
    const reply = await this.#call('list', resource, { method: 'GET', path }, true, options);
    return reply.kind === 'reply' ? (readPage(reply.body) ?? unreadable(reply.status)) : reply;
  }

  /** Opens a watch with bookmarks. Never repeated here: the reflector knows how to go on. */
  async watch(resource: Resource, watch: WatchOptions): Promise<KubeWatch> {
    const path = collectionPath(resource, watch.namespace, {
      watch: true,
      allowWatchBookmarks: true,
      resourceVersion: watch.resourceVersion,
      timeoutSeconds: Math.round(watch.serverTimeout / 1_000),
    });
    const startedAt = this.#clock.monotonic();
    const opened = await this.#transport.watch(
      { method: 'GET', path },
      { idleTimeout: watch.idleTimeout, signal: watch.signal },
    );
    const durationMs = elapsed(startedAt, this.#clock.monotonic());
    this.#onRequest({ verb: 'watch', resource: resource.plural, code: codeOf(opened), durationMs });
    return opened;
  }

  create(
    resource: Resource,
    namespace: string | undefined,
    object: unknown,
    options: CallOptions = {},
  ): Promise<ObjectResult> {
    const path = collectionPath(resource, namespace, { fieldManager: FIELD_MANAGER });
    const request: KubeRequest = {
      method: 'POST',
      path,
      contentType: 'application/json',
      body: JSON.stringify(object),
    };
    return this.#object('create', resource, request, false, options);
  }

  /**
   * Writes a whole object back, guarded by the resourceVersion in it. Only for an object that was just read in full:
   * one from a trimmed cache would lose what was trimmed.
   */
  replace(resource: Resource, object: KubeObject, options: CallOptions = {}): Promise<ObjectResult> {
    const path = objectPath(resource, object.metadata, undefined, { fieldManager: FIELD_MANAGER });
    const request: KubeRequest = { method: 'PUT', path, contentType: 'application/json', body: JSON.stringify(object) };
    return this.#object('update', resource, request, true, options);
  }

  /** Applies a JSON merge patch. With `metadata.resourceVersion` in it, it is refused as `conflict` when the object has changed. */
  mergePatch(
    resource: Resource,
    ref: ObjectRef,
    patch: Readonly<Record<string, unknown>>,
    options: CallOptions & { readonly subresource?: 'status' } = {},
  ): Promise<ObjectResult> {
    const metadata = patch['metadata'];
    const isGuarded = isJsonObject(metadata) && typeof metadata['resourceVersion'] === 'string';
    return this.#patch(resource, ref, 'application/merge-patch+json', patch, isGuarded, options);
  }

  /** Applies a JSON patch. A failed `test` operation comes back as `invalid` with code 422; start with one on the resourceVersion to guard. */
  jsonPatch(
    resource: Resource,
    ref: ObjectRef,
    patch: readonly JsonPatchOperation[],
    options: CallOptions & { readonly subresource?: 'status' } = {},
  ): Promise<ObjectResult> {
    const isGuarded = patch.some(
      (operation) => operation.op === 'test' && operation.path === '/metadata/resourceVersion',
    );
    return this.#patch(resource, ref, 'application/json-patch+json', patch, isGuarded, options);
  }

  #patch(
    resource: Resource,
    ref: ObjectRef,
    contentType: NonNullable<KubeRequest['contentType']>,
    patch: unknown,
    isGuarded: boolean,
    options: CallOptions & { readonly subresource?: 'status' },
  ): Promise<ObjectResult> {
    const path = objectPath(resource, ref, options.subresource, { fieldManager: FIELD_MANAGER });
    const request: KubeRequest = { method: 'PATCH', path, contentType, body: JSON.stringify(patch) };
    return this.#object('patch', resource, request, isGuarded, options);
  }

  /** Deletes the object with this uid, never a later one of the same name (that comes back as `conflict`). */
  async delete(resource: Resource, ref: ObjectRef, uid: ObjectUid, options: CallOptions = {}): Promise<DeleteResult> {
    const body = JSON.stringify({ apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid } });
    const request: KubeRequest = {
      method: 'DELETE',
      path: objectPath(resource, ref),
      contentType: 'application/json',
      body,
    };
    const reply = await this.#call('delete', resource, request, true, options);
    return reply.kind === 'reply' ? { kind: 'ok', object: readKubeObject(reply.body) } : reply;
  }

  async #object(
    verb: Verb,
    resource: Resource,
    request: KubeRequest,
    isRepeatable: boolean,
    options: CallOptions,
  ): Promise<ObjectResult> {
    const reply = await this.#call(verb, resource, request, isRepeatable, options);
    if (reply.kind !== 'reply') return reply;
    const object = readKubeObject(reply.body);
    return object === undefined ? unreadable(reply.status) : { kind: 'ok', object };
  }

  async #call(
    verb: Verb,
    resource: Resource,
    request: KubeRequest,
    isRepeatable: boolean,
    options: CallOptions,
  ): Promise<Accepted | ApiFailure> {
    const timeout = options.timeout ?? DEFAULT_TIMEOUT;
    const attemptsMax = options.attempts ?? ATTEMPTS_MAX;
    const attemptTimeout = attemptsMax === 1 ? timeout : ATTEMPT_TIMEOUT;
    const startedAt = this.#clock.monotonic();
    const left = (): Millis => millis(timeout - elapsed(startedAt, this.#clock.monotonic()));
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#attempt(
        verb,
        resource,
        request,
        millis(Math.min(left(), attemptTimeout)),
        options.signal,
      );
      if (outcome.kind !== 'unavailable' || attempt >= attemptsMax) return outcome;
      if (outcome.code === 404 || !(isRepeatable || outcome.sent === 'no')) return outcome;
      const wait = millis(Math.max(outcome.retryAfter ?? 0, backoffDelay(attempt, RETRY_BACKOFF, this.#random)));
      if (wait >= left()) return outcome;
      await sleep(this.#clock, wait, options.signal);
      if (options.signal?.aborted === true) return outcome;
    }
  }

  async #attempt(
    verb: Verb,
    resource: Resource,
    request: KubeRequest,
    timeout: Millis,
    signal: AbortSignal | undefined,
  ): Promise<Accepted | ApiFailure> {
    const startedAt = this.#clock.monotonic();
    const result = await this.#transport.send(request, signal === undefined ? { timeout } : { timeout, signal });
    const durationMs = elapsed(startedAt, this.#clock.monotonic());
    this.#onRequest({
      verb,
      resource: resource.plural,
      code: result.kind === 'reply' ? result.status : '<error>',
      durationMs,
    });
    if (result.kind === 'failed')
      return { kind: 'unavailable', sent: result.sent, code: undefined, retryAfter: undefined, cause: result.cause };
    if (result.status < 200 || result.status >= 300) return classifyFailure(result, this.#clock.now());
    return { kind: 'reply', status: result.status, body: result.body };
  }
}

function codeOf(opened: KubeWatch): RequestSeen['code'] {
  if (opened.kind === 'failed') return '<error>';
  return opened.kind === 'reply' ? opened.status : 200;
}

interface Accepted {
  readonly kind: 'reply';
  readonly status: number;
  readonly body: unknown;
}

/** A 2xx that cannot be read: it was carried out, perhaps, but what came of it is unknown. */
const unreadable = (code: number): ApiFailure => ({
  kind: 'unavailable',
  sent: 'maybe',
  code,
  retryAfter: undefined,
  cause: 'unreadable reply',
});

/** Strict, for an empty list means that every object is gone: only a thing that calls itself a list, with items in it, is one. */
function readPage(body: unknown): Page | undefined {
  if (!isJsonObject(body) || !isJsonObject(body['metadata'])) return undefined;
  const { apiVersion, kind, metadata } = body;
  // Go writes an empty list as null.
  const items = body['items'] === null ? [] : body['items'];
  const resourceVersion = metadata['resourceVersion'];
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || !kind.endsWith('List')) return undefined;
  if (typeof resourceVersion !== 'string' || !Array.isArray(items)) return undefined;
  const type = { apiVersion, kind: kind.slice(0, -'List'.length) };
  const objects = items.map((item) => readKubeObject(item, type)).filter((object) => object !== undefined);
  const token = metadata['continue'];
  return {
    kind: 'page',
    items: objects,
    unreadable: items.length - objects.length,
    resourceVersion,
    continueToken: typeof token === 'string' && token !== '' ? token : undefined,
  };
}
