import type { Clock } from '../../../src/base/clock.ts';
import { sleep } from '../../../src/base/clock.ts';
import type { Millis } from '../../../src/base/time.ts';
import { seconds } from '../../../src/base/time.ts';
import type { FlexMetalTransport } from '../../../src/flexmetal/transport.ts';
import type { KubeTransport } from '../../../src/kube/transport.ts';
import { fieldsOf, isList, parseJson, textList, textOf, textsOf, toJson } from '../api-server/json.ts';
import type { Json, JsonObject } from '../api-server/json.ts';
import { CANARIES } from '../simulation/canaries.ts';

/** What a model reads of its object. */
export interface ManagedObject {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly isDeleting: boolean;
  readonly hasFinalizer: boolean;
  readonly annotations: ReadonlyMap<string, string>;
  /** From status. */
  readonly serverUuid: string | undefined;
}

export interface ListedServer {
  readonly uuid: string;
  readonly status: string;
  readonly tags: readonly string[];
}

/** Anything but success. The models' originals tell no error of a create from another. */
export class CallFailed extends Error {
  override readonly name = 'CallFailed';
}

export interface CallsOptions {
  readonly kube: KubeTransport;
  readonly vendor: FlexMetalTransport;
  readonly clock: Clock;
}

const OBJECT = '/apis/flexmetal.i3d.net/v1alpha1/namespaces/default/flexmetalservers/web-1';
const SERVERS = '/v3/flexMetal/servers';
const FINALIZER = 'model.example/server';

/** As patient as the operator. */
const KUBE_TIMEOUT = seconds(30);
const VENDOR_TIMEOUT = seconds(30);
const ORDER_TIMEOUT = seconds(180);

/** The calls that models are made of. Each is one request; all but success throws CallFailed. */
export class ModelCalls {
  readonly #o: CallsOptions;

  constructor(options: CallsOptions) {
    this.#o = options;
  }

  /** The object as it is now, which is kinder than the cache that most controllers read; undefined when it is gone. */
  async object(): Promise<ManagedObject | undefined> {
    const result = await this.#o.kube.send({ method: 'GET', path: OBJECT }, { timeout: KUBE_TIMEOUT });
    if (result.kind === 'reply' && result.status === 404) return undefined;
    if (result.kind === 'failed' || result.status !== 200) throw new CallFailed('read');
    return managedObject(fieldsOf(toJson(result.body)));
  }

  /** Refused when `guardedBy` is not the object's version any more. */
  annotate(annotations: Readonly<Record<string, string>>, guardedBy?: string): Promise<void> {
    return this.#patch(OBJECT, {
      metadata: { annotations, ...(guardedBy === undefined ? {} : { resourceVersion: guardedBy }) },
    });
  }

  recordInStatus(serverUuid: string): Promise<void> {
    return this.#patch(`${OBJECT}/status`, { status: { serverUuid } });
  }

  addFinalizer(): Promise<void> {
    return this.#patch(OBJECT, { metadata: { finalizers: [FINALIZER] } });
  }

  removeFinalizer(): Promise<void> {
    return this.#patch(OBJECT, { metadata: { finalizers: null } });
  }

  /** @returns the uuid of the server that was ordered */
  async order(tags: readonly string[] = []): Promise<string> {
    const body = {
      name: 'web-1',
      location: 'EU: Rotterdam',
      instanceType: 'bm7.std.8',
      os: { slug: 'talos-omni-1116' },
      tags,
    };
    const reply = await this.#vendor('POST', SERVERS, ORDER_TIMEOUT, body);
    const uuid = textOf(itemsOf(reply)[0]?.['uuid']);
    if (uuid === undefined) throw new CallFailed('order');
    return uuid;
  }

  /** undefined: the API does not find it. */
  async server(uuid: string): Promise<ListedServer | undefined> {
    const reply = await this.#vendor('GET', `${SERVERS}/${uuid}`, VENDOR_TIMEOUT);
    return itemsOf(reply).map(listedServer)[0];
  }

  async servers(): Promise<readonly ListedServer[]> {
    return itemsOf(await this.#vendor('GET', SERVERS, VENDOR_TIMEOUT)).map(listedServer);
  }

  async release(uuid: string): Promise<void> {
    await this.#vendor('DELETE', `${SERVERS}/${uuid}`, VENDOR_TIMEOUT);
  }

  /** Tries a write again at once, as often as client-go's default retry does. */
  async persistently(write: () => Promise<void>): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        await write();
        return;
      } catch (error) {
        if (!(error instanceof CallFailed) || tries === TRIES_MAX) throw error;
        await sleep(this.#o.clock, BETWEEN_TRIES);
      }
    }
  }

  pass(length: Millis): Promise<void> {
    return sleep(this.#o.clock, length);
  }

  async #patch(path: string, patch: object): Promise<void> {
    const result = await this.#o.kube.send(
      { method: 'PATCH', path, contentType: 'application/merge-patch+json', body: JSON.stringify(patch) },
      { timeout: KUBE_TIMEOUT },
    );
    if (result.kind === 'failed' || result.status !== 200) throw new CallFailed('write');
  }

  async #vendor(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    timeout: Millis,
    body?: object,
  ): Promise<Json | undefined> {
    const result = await this.#o.vendor.send(
      {
        method,
        path,
        headers: { 'private-token': CANARIES.token },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
      { timeout },
    );
    if (result.kind === 'reply' && result.status === 404 && method === 'GET') return undefined;
    if (result.kind === 'failed' || result.status >= 300) throw new CallFailed(method);
    return parseJson(result.body);
  }
}

const TRIES_MAX = 5;
const BETWEEN_TRIES = seconds(0.01);

/** The API gives lists, and the bare object for an order where it is so configured. */
const itemsOf = (reply: Json | undefined): readonly JsonObject[] =>
  (isList(reply) ? reply : [reply]).filter((item) => item !== undefined).map(fieldsOf);

const listedServer = (item: JsonObject): ListedServer => ({
  uuid: textOf(item['uuid']) ?? '',
  status: textOf(item['status']) ?? '',
  tags: textList(item['tags']),
});

export function managedObject(object: JsonObject): ManagedObject {
  const metadata = fieldsOf(object['metadata']);
  return {
    uid: textOf(metadata['uid']) ?? '',
    resourceVersion: textOf(metadata['resourceVersion']) ?? '',
    isDeleting: textOf(metadata['deletionTimestamp']) !== undefined,
    hasFinalizer: textList(metadata['finalizers']).includes(FINALIZER),
    annotations: new Map(textsOf(metadata['annotations'])),
    serverUuid: textOf(fieldsOf(object['status'])['serverUuid']),
  };
}

/** The last step of every model: what is recorded is released, then the object may go. */
export async function releaseRecorded(calls: ModelCalls, recorded: string | undefined): Promise<'again' | 'rest'> {
  const server = recorded === undefined ? undefined : await calls.server(recorded);
  if (server === undefined || ENDED.has(server.status)) {
    await calls.removeFinalizer();
    return 'rest';
  }
  if (server.status !== 'releasing') await calls.release(server.uuid);
  return 'again';
}

const ENDED: ReadonlySet<string> = new Set(['released', 'failed']);
export const isLive = ({ status }: ListedServer): boolean => !ENDED.has(status) && status !== 'releasing';
