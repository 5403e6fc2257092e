import { afterAll, beforeAll, expect, test } from 'vitest';
import { intentions, refusal, removeEverything } from '../../scripts/demo/foreign-cluster.ts';
import { prepareCluster } from '../../scripts/demo/tour.ts';
import { startControlPlane } from '../support/cluster/control-plane.ts';
import type { ControlPlane } from '../support/cluster/control-plane.ts';
import { applyCrds, CRD_COLLECTION, createNamespace } from '../support/cluster/kit.ts';
import { openRest } from '../support/cluster/rest.ts';
import type { Rest } from '../support/cluster/rest.ts';

// A cluster of its own: whether CRDs are there is what is asked.
let controlPlane: ControlPlane;
let rest: Rest;
beforeAll(async () => {
  controlPlane = await startControlPlane({ log: () => undefined });
  rest = openRest(controlPlane.kubeconfigPath);
});
afterAll(async () => {
  await rest.close();
  await controlPlane.stop();
});

const CRD = `${CRD_COLLECTION}/flexmetalservers.flexmetal.i3d.net`;
const NAMESPACE = '/api/v1/namespaces/flexmetal-demo';
const servers = (namespace: string): string =>
  `/apis/flexmetal.i3d.net/v1alpha1/namespaces/${namespace}/flexmetalservers`;
const SERVER = {
  apiVersion: 'flexmetal.i3d.net/v1alpha1',
  kind: 'FlexMetalServer',
  metadata: { name: 'one' },
  spec: {
    location: 'EU: Rotterdam',
    instanceType: 'bm7.std.8',
    os: { slug: 'windows-2022' },
    deletionProtection: true,
  },
};

test('an empty cluster is welcome, and the user is told what will be made in it', async () => {
  expect(await refusal(rest)).toBeUndefined();
  const text = intentions(rest).join('\n');
  for (const word of [controlPlane.url, 'flexmetalservers.flexmetal.i3d.net', 'flexmetal-demo', 'removes all of it'])
    expect(text).toContain(word);
});

test('everything the demo makes is removed again, also what is protected', async () => {
  await prepareCluster(rest);
  expect(await refusal(rest)).toBeUndefined();
  await rest.must('POST', servers('flexmetal-demo'), { body: SERVER });
  expect(await removeEverything(rest)).toEqual([]);
  expect((await rest.request('GET', CRD)).status).toBe(404);
  expect(await rest.must('GET', NAMESPACE)).toMatchObject({ metadata: { deletionTimestamp: expect.any(String) } });
  expect(await refusal(rest)).toContain('of an earlier demo is still being removed');
});

test("a CRD that is somebody else's is refused: an operator there would order for real", async () => {
  await applyCrds(rest);
  expect(await refusal(rest)).toContain('is installed and not by a demo');
});

test('a cluster that holds FlexMetalServers is refused, and its CRDs outlive the clearing', async () => {
  const namespace = await createNamespace(rest);
  await rest.must('POST', servers(namespace), { body: SERVER });
  expect(await refusal(rest)).toContain('already holds 1 FlexMetalServers');
  expect(await removeEverything(rest)).toEqual(['1 FlexMetalServers of others exist now, so the CRDs stay']);
  expect((await rest.request('GET', CRD)).status).toBe(200);
});
