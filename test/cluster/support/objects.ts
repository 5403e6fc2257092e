import * as z from 'zod';
import { API_VERSION } from '../../../src/resources/names.ts';
import { MINIMAL_SPEC } from '../../resources/flexmetalserver/spec-cases.ts';
import type { Reply, Rest } from '../../support/cluster/rest.ts';
import { waitFor } from '../../support/cluster/wait-for.ts';

const Condition = z.object({ type: z.string(), status: z.string(), reason: z.string(), message: z.string() });

/** A FlexMetalServer as far as these tests look at it; what else it has is kept. */
const ServerObject = z.looseObject({
  metadata: z.looseObject({
    name: z.string(),
    uid: z.string(),
    resourceVersion: z.string(),
    generation: z.number(),
    annotations: z.record(z.string(), z.string()).optional(),
    finalizers: z.array(z.string()).optional(),
    deletionTimestamp: z.string().optional(),
  }),
  status: z
    .looseObject({
      conditions: z.array(Condition).optional(),
      serverUuid: z.string().optional(),
      deliveryStatus: z.string().optional(),
      observedGeneration: z.number().optional(),
      appliedTags: z.array(z.string()).optional(),
      order: z.looseObject({ outcome: z.string(), attempts: z.number(), serverUuid: z.string().optional() }).optional(),
    })
    .optional(),
});
export type ServerObject = z.infer<typeof ServerObject>;

const ServerList = z.object({ items: z.array(ServerObject) });

const EventList = z.object({
  items: z.array(
    z.looseObject({
      type: z.string(),
      reason: z.string(),
      note: z.string(),
      regarding: z.object({ name: z.string() }),
    }),
  ),
});

export const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFakeFakeFakeFakeFakeFakeFakeFakeFakeFakeFake jane@example.com';
export const SPEC = { ...MINIMAL_SPEC, sshKeys: [{ publicKey: KEY }] };

export const ready = (object: ServerObject): boolean => statusOf(object, 'Ready') === 'True';

export const statusOf = (object: ServerObject, type: string): string | undefined =>
  object.status?.conditions?.find((condition) => condition.type === type)?.status;

/** The FlexMetalServers of one namespace, as their users handle them. */
export class Objects {
  readonly #rest: Rest;
  readonly #namespace: string;
  readonly collection: string;

  constructor(rest: Rest, namespace: string) {
    this.#rest = rest;
    this.#namespace = namespace;
    this.collection = `/apis/${API_VERSION}/namespaces/${namespace}/flexmetalservers`;
  }

  async create(name: string, spec: object = SPEC, metadata: object = {}): Promise<void> {
    await this.#rest.must('POST', this.collection, { body: { ...TYPE, metadata: { ...metadata, name }, spec } });
  }

  async get(name: string): Promise<ServerObject> {
    return ServerObject.parse(await this.#rest.must('GET', `${this.collection}/${name}`));
  }

  async list(): Promise<readonly ServerObject[]> {
    return ServerList.parse(await this.#rest.must('GET', this.collection)).items;
  }

  patch(name: string, patch: object): Promise<unknown> {
    return this.#rest.must('PATCH', `${this.collection}/${name}`, { body: patch, contentType: MERGE });
  }

  /** PUT of the whole object, as a client that has forgotten what it does not know. */
  replace(object: ServerObject, part: '' | '/status' = ''): Promise<Reply> {
    return this.#rest.request('PUT', `${this.collection}/${object.metadata.name}${part}`, { body: object });
  }

  async delete(name: string): Promise<void> {
    await this.#rest.must('DELETE', `${this.collection}/${name}`);
  }

  /** The object once `accept` likes it. Throws with its last state. */
  async when(what: string, name: string, accept: (object: ServerObject) => boolean, timeoutMs = 30_000) {
    let last: ServerObject | undefined;
    try {
      return await waitFor(
        `${name} is ${what}`,
        async () => {
          last = await this.get(name);
          return accept(last) ? last : undefined;
        },
        { timeoutMs },
      );
    } catch (error) {
      throw new Error(`${name} never was ${what}: ${JSON.stringify(last?.status?.conditions)}`, { cause: error });
    }
  }

  ready(name: string, timeoutMs = 30_000): Promise<ServerObject> {
    return this.when('Ready', name, ready, timeoutMs);
  }

  /** Resolves when the API server has no such object any more. */
  async gone(name: string): Promise<void> {
    await waitFor(
      `${name} is gone`,
      async () => (await this.#rest.request('GET', `${this.collection}/${name}`)).status === 404,
    );
  }

  /** What kubectl shows of one object, by the heads of its columns, also those of `-o wide`. */
  async columns(name: string): Promise<Readonly<Record<string, unknown>>> {
    const table = Table.parse(await this.#rest.must('GET', `${this.collection}/${name}`, { accept: AS_TABLE }));
    return Object.fromEntries(
      table.columnDefinitions.map((column, index) => [column.name, table.rows[0]?.cells[index]]),
    );
  }

  async events() {
    const events = await this.#rest.must('GET', `/apis/events.k8s.io/v1/namespaces/${this.#namespace}/events`);
    return EventList.parse(events).items;
  }
}

const Table = z.object({
  columnDefinitions: z.array(z.object({ name: z.string() })),
  rows: z.array(z.object({ cells: z.array(z.unknown()) })),
});
const AS_TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';

const TYPE = { apiVersion: API_VERSION, kind: 'FlexMetalServer' };
const MERGE = 'application/merge-patch+json';
