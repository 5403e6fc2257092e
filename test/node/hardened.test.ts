import path from 'node:path';
import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { Objects } from '../cluster/support/objects.ts';
import { waitFor } from '../support/cluster/wait-for.ts';
import { tidy } from '../support/node/claim.ts';
import type { Cluster } from '../support/node/cluster.ts';
import { openCluster } from '../support/node/cluster.ts';
import { endpointSlicesOf, portsOf } from '../support/node/endpoint-slices.ts';
import { containerOf, isReady, leaderOf, restartsOf } from '../support/node/pods.ts';
import { QUICK, Release } from '../support/node/release.ts';
import { NODE, WITHOUT_NODE } from '../support/node/with-node.ts';

const WAIT_MS = 120_000;
const HARDENED = path.join(import.meta.dirname, '../../helm/flexmetal-operator/values-hardened.yaml');

describe.skipIf(WITHOUT_NODE !== '')(`a release with the hardened values${WITHOUT_NODE}`, () => {
  let cluster: Cluster;
  let release: Release;
  let objects: Objects;
  beforeAll(async () => {
    cluster = await openCluster(NODE);
    const namespace = await cluster.namespace('hardened', {
      'pod-security.kubernetes.io/enforce': 'restricted',
      'pod-security.kubernetes.io/warn': 'restricted',
    });
    release = new Release(cluster, NODE, namespace);
    objects = new Objects(cluster.rest, namespace);
    // Where pods reach the API is not where the kubeconfig does, if that goes through a mapped port.
    const kubernetes = await endpointSlicesOf(cluster.rest, 'default', 'kubernetes');
    await release.install(
      {
        ...QUICK,
        // Slow enough that a leader can go while a server is on its way.
        simulator: { enabled: true, timeScale: 120 },
        // A node for each replica and a registry to pull from are what a cluster of tests may lack.
        podAntiAffinity: 'soft',
        networkPolicy: { enabled: true, kubernetesPorts: [443, ...portsOf(kubernetes)] },
      },
      ['--values', HARDENED, '--set', 'image.pullPolicy=IfNotPresent', '--set', 'podAntiAffinity=soft'],
    );
  });
  afterAll(async () => {
    if (cluster === undefined) return;
    if (release !== undefined) await tidy(cluster, [release.namespace]);
    await cluster.close();
  });

  test('is what the file says', async () => {
    const values: unknown = JSON.parse(
      await cluster.helm(['get', 'values', release.name, '--namespace', release.namespace, '--output', 'json']),
    );
    const { podAntiAffinity: _, image: __, ...others } = z.looseObject({}).parse(load(readFileSync(HARDENED, 'utf8')));
    expect(values).toMatchObject(others);
  });

  test('has two operators, admitted where pods are restricted', async () => {
    const pods = await release.operators();
    expect(pods.map((pod) => [isReady(pod), restartsOf(pod)])).toEqual([
      [true, 0],
      [true, 0],
    ]);
  });

  test.each(['operator', 'simulator'])('runs without rights and cannot write: %s', async (container) => {
    const [pod] = container === 'operator' ? await release.operators() : [await release.simulator()];
    if (pod === undefined) throw new Error('there is no pod');
    const found = await cluster.evaluate(
      containerOf(pod, container),
      `const fs = require('node:fs');
       const trial = (file) => { try { fs.writeFileSync(file, ''); return 'written'; } catch ({ code }) { return code; } };
       const [, capabilities] = /^CapBnd:\\s*(\\S+)$/m.exec(fs.readFileSync('/proc/1/status', 'utf8'));
       const [, privileges] = /^NoNewPrivs:\\s*(\\S+)$/m.exec(fs.readFileSync('/proc/1/status', 'utf8'));
       const [, seccomp] = /^Seccomp:\\s*(\\S+)$/m.exec(fs.readFileSync('/proc/1/status', 'utf8'));
       return { files: ['/x', '/tmp/x', '/var/run/secrets/flexmetal/x'].map(trial), ids: [process.getuid(), process.getgid()],
         capabilities: Number(capabilities), privileges, seccomp };`,
    );
    expect(found).toEqual({
      files: ['EROFS', 'EROFS', 'EROFS'],
      ids: [65_532, 65_532],
      capabilities: 0,
      privileges: '1',
      seccomp: '2',
    });
  });

  test('goes on with an order when the pod that leads is deleted', async () => {
    const leader = await leaderOf(cluster, release.namespace);
    await objects.create('web');
    const isOnItsWay = async () => (await release.truth.servers()).length === 1;
    await waitFor('the order has taken effect', isOnItsWay, { timeoutMs: WAIT_MS });
    await cluster.rest.must('DELETE', `/api/v1/namespaces/${release.namespace}/pods/${leader.metadata.name}`);
    const next = await leaderOf(cluster, release.namespace);
    expect(next.metadata.uid).not.toBe(leader.metadata.uid);
    const object = await objects.ready('web', WAIT_MS);
    expect((await release.truth.servers()).map(({ uuid }) => uuid)).toEqual([object.status?.serverUuid]);
    expect(await release.truth.orders()).toEqual(['web']);
    expect(restartsOf(next)).toBe(0);
  });

  test('refuses to delete a protected server, and releases it when it is protected no more', async () => {
    await objects.patch('web', { spec: { deletionProtection: true } });
    await expect(objects.delete('web')).rejects.toThrow(/has spec\.deletionProtection: true/);
    await objects.patch('web', { spec: { deletionProtection: false } });
    await objects.delete('web');
    await objects.gone('web');
    expect(await release.truth.servers()).toMatchObject([{ status: 'released' }]);
  });
});
