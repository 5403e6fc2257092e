import * as z from 'zod';
import { API_VERSION, GROUP, VERSION } from '../../src/resources/names.ts';
import type { Rest } from '../../test/support/cluster/rest.ts';

const PUBLIC_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleE you@example.com';

export const manifestOf = (name: string, tags: readonly string[]) => ({
  apiVersion: API_VERSION,
  kind: 'FlexMetalServer',
  metadata: { name, labels: { 'app.kubernetes.io/part-of': 'soak' } },
  spec: {
    location: 'EU: Rotterdam',
    instanceType: 'bm7.std.8',
    os: { slug: 'ubuntu-2404-lts' },
    sshKeys: [{ publicKey: PUBLIC_KEY }],
    tags,
  },
});

/** A FlexMetalServer as far as the soak looks at it; what else it has is kept, for those who write the whole of it back. */
const ServerObject = z.looseObject({
  metadata: z.looseObject({
    name: z.string(),
    uid: z.string(),
    annotations: z.record(z.string(), z.string()).optional(),
    deletionTimestamp: z.string().optional(),
  }),
  status: z
    .looseObject({
      serverUuid: z.string().optional(),
      conditions: z
        .array(z.object({ type: z.string(), status: z.string(), reason: z.string(), message: z.string() }))
        .default([]),
      order: z.looseObject({ attempt: z.string() }).optional(),
    })
    .optional(),
});
export type ServerObject = z.infer<typeof ServerObject>;
const List = z.object({ items: z.array(ServerObject) });

export const serversPath = (namespace: string): string =>
  `/apis/${GROUP}/${VERSION}/namespaces/${namespace}/flexmetalservers`;

export async function listObjects(rest: Rest, namespace: string): Promise<readonly ServerObject[]> {
  return List.parse(await rest.must('GET', serversPath(namespace))).items;
}

export const parseObject = (body: unknown): ServerObject => ServerObject.parse(body);

const readyOf = ({ status }: ServerObject) => status?.conditions.find(({ type }) => type === 'Ready');
export const isReady = (object: ServerObject): boolean => readyOf(object)?.status === 'True';
/** Why it is Ready, or is not. */
export const reasonOf = (object: ServerObject): string => readyOf(object)?.reason ?? 'none';
export const messageOf = (object: ServerObject): string => readyOf(object)?.message ?? '';
