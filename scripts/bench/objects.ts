import * as z from 'zod';
import { API_VERSION } from '../../src/resources/names.ts';
import type { Rest } from '../../test/support/cluster/rest.ts';
import { serversPath } from './stage.ts';

const PUBLIC_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleE you@example.com';

/** An object as people write it: a key, a script, some tags. About 1 kB. */
export const aServerManifest = (namespace: string, name: string) => ({
  apiVersion: API_VERSION,
  kind: 'FlexMetalServer',
  metadata: { name, namespace, labels: { 'app.kubernetes.io/part-of': 'bench', team: 'games' } },
  spec: {
    location: 'EU: Rotterdam',
    instanceType: 'bm7.std.8',
    os: { slug: 'ubuntu-2404-lts' },
    sshKeys: [{ publicKey: PUBLIC_KEY }],
    postInstallScript: { inline: `#!/bin/sh\n${'echo "one more line of a script that installs things"\n'.repeat(8)}` },
    tags: ['team:games', 'stage:bench'],
  },
});

/** Calls in flight when many objects are created: enough to keep the API server busy, as a GitOps tool does. */
const CREATES_AT_ONCE = 16;

/** Creates `count` objects. @returns how long that took, in milliseconds */
export async function createMany(rest: Rest, namespace: string, count: number): Promise<number> {
  const startedAt = performance.now();
  let next = 0;
  const creator = async (): Promise<void> => {
    while (next < count) {
      const name = `server-${next}`;
      next += 1;
      await rest.must('POST', serversPath(namespace), { body: aServerManifest(namespace, name) });
    }
  };
  await Promise.all(Array.from({ length: CREATES_AT_ONCE }, creator));
  return performance.now() - startedAt;
}

const ListedServers = z.object({
  items: z.array(
    z.object({
      status: z
        .object({ phase: z.string(), order: z.object({ outcome: z.string() }) })
        .partial()
        .optional(),
    }),
  ),
});

export interface FleetView {
  readonly ready: number;
  /** Objects whose order counts as perhaps sent, should the operator die now. */
  readonly openOrders: number;
}

/** The objects of a namespace, counted. */
export async function lookAt(rest: Rest, namespace: string): Promise<FleetView> {
  // Version 0: from the API server's memory, so that looking costs it little.
  const { items } = ListedServers.parse(await rest.must('GET', `${serversPath(namespace)}?resourceVersion=0`));
  const count = (which: (status: (typeof items)[number]['status']) => boolean): number =>
    items.filter(({ status }) => which(status)).length;
  return {
    // The printed phase is Ready exactly when the condition is.
    ready: count((status) => status?.phase === 'Ready'),
    openOrders: count((status) => status?.order?.outcome === 'open'),
  };
}
