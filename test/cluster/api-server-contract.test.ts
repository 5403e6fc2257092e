import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { loadKubeConfig } from '../../src/kube/credentials.ts';
import { UndiciTransport } from '../../src/kube/undici-transport.ts';
import { seededRandom } from '../../src/base/random.ts';
import { systemClock } from '../../src/runtime/system-clock.ts';
import { ApiServer } from '../support/api-server/api-server.ts';
import { CONTRACT_CASES } from '../support/api-server/contract/cases.ts';
import { projectKinds } from '../support/api-server/crd-kind.ts';
import { forgottenCase } from '../support/api-server/contract/forgotten-case.ts';
import { Session } from '../support/api-server/contract/session.ts';
import { SAMPLE_CRD, SAMPLE_KINDS } from '../support/api-server/sample.ts';
import { startControlPlane } from '../support/cluster/control-plane.ts';
import { applyCrds, createNamespace } from '../support/cluster/kit.ts';
import { openRest, type Rest } from '../support/cluster/rest.ts';

const KINDS = [...SAMPLE_KINDS, ...projectKinds()];
const random = seededRandom(1);
const shared = openCluster(inject('kubeconfig'));
const inMemory = new ApiServer({ clock: systemClock, random, kinds: KINDS });

beforeAll(async () => {
  await applySampleCrd(shared);
  await applyCrds(shared.admin);
});
afterAll(() => shared.close());

test.each(CONTRACT_CASES)('the in-memory API server is as the real one: %s', async (_name, run) => {
  const namespace = await createNamespace(shared.admin, 'contract');
  inMemory.addNamespace(namespace);
  // The real server keeps no events from before its watch cache was filled either.
  inMemory.compact();
  const real = new Session(shared.transport, namespace);
  const simulated = new Session(inMemory.transportFor('contract'), namespace);
  await Promise.all([run(real), run(simulated)]);
  expect(simulated.record).toEqual(real.record);
});

test('the in-memory API server is as the real one: what was compacted is gone', async () => {
  const controlPlane = await startControlPlane({ log: () => undefined });
  const cluster = openCluster(controlPlane.kubeconfigPath);
  try {
    await applySampleCrd(cluster);
    const namespace = await createNamespace(cluster.admin, 'contract');
    const real = new Session(cluster.transport, namespace);
    await forgottenCase(real, async () => {
      await controlPlane.compactEtcd();
      // Until then the API server answers from its cache.
      await controlPlane.restartApiServer();
    });

    const server = new ApiServer({ clock: systemClock, random, kinds: KINDS });
    server.addNamespace(namespace);
    const simulated = new Session(server.transportFor('contract'), namespace);
    await forgottenCase(simulated, async () => server.compact());
    expect(simulated.record).toEqual(real.record);
  } finally {
    await cluster.close();
    await controlPlane.stop();
  }
});

interface Cluster {
  readonly admin: Rest;
  readonly transport: UndiciTransport;
  close(): Promise<void>;
}

function openCluster(kubeconfig: string): Cluster {
  const admin = openRest(kubeconfig);
  const loadConfig = (): KubeConfig => loadKubeConfig({ kubeconfig });
  const transport = new UndiciTransport({ loadConfig, clock: systemClock, userAgent: 'api-server-contract' });
  const close = async (): Promise<void> => {
    await transport.close();
    await admin.close();
  };
  return { admin, transport, close };
}

async function applySampleCrd({ admin }: Cluster): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'flexmetal-sample-'));
  writeFileSync(path.join(folder, 'samples.yaml'), SAMPLE_CRD);
  await applyCrds(admin, folder);
}
