import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GROUP } from '../../src/resources/names.ts';
import { Objects } from '../cluster/support/objects.ts';
import { CRD_COLLECTION } from '../support/cluster/kit.ts';
import { waitFor } from '../support/cluster/wait-for.ts';
import { tidy } from '../support/node/claim.ts';
import type { Cluster } from '../support/node/cluster.ts';
import { openCluster } from '../support/node/cluster.ts';
import { isReady } from '../support/node/pods.ts';
import type { Values } from '../support/node/release.ts';
import { LOOKING, Release } from '../support/node/release.ts';
import type { PodVendor } from '../support/node/vendor.ts';
import { startVendor } from '../support/node/vendor.ts';
import { NODE, WITHOUT_NODE } from '../support/node/with-node.ts';

const WAIT_MS = 120_000;
const CRD = `${CRD_COLLECTION}/flexmetalservers.${GROUP}`;

/** One release and one server; the tests go on where the last one ended. */
describe.skipIf(WITHOUT_NODE !== '')(`a release with an API outside${WITHOUT_NODE}`, () => {
  let cluster: Cluster;
  let release: Release;
  let objects: Objects;
  let vendor: PodVendor;
  let outside: string;
  let values: Values;
  beforeAll(async () => {
    cluster = await openCluster(NODE);
    const namespace = await cluster.namespace('life', { 'pod-security.kubernetes.io/enforce': 'restricted' });
    outside = await cluster.namespace('outside');
    release = new Release(cluster, NODE, namespace);
    objects = new Objects(cluster.rest, namespace);
    vendor = await startVendor(cluster, outside);
    const core = `/api/v1/namespaces/${namespace}`;
    const metadata = { name: 'flexmetal' };
    await cluster.rest.must('POST', `${core}/secrets`, { body: { metadata, stringData: { key: vendor.token } } });
    await cluster.rest.must('POST', `${core}/configmaps`, {
      body: { metadata, data: { 'ca.pem': vendor.certificateAuthority } },
    });
    values = {
      config: LOOKING,
      api: {
        url: vendor.url,
        token: { existingSecret: { name: 'flexmetal', key: 'key' } },
        ca: { existingConfigMap: { name: 'flexmetal', key: 'ca.pem' } },
      },
    };
    await release.install(values);
  });
  afterAll(async () => {
    if (cluster === undefined) return;
    if (release !== undefined) await tidy(cluster, [release.namespace, outside]);
    await cluster.close();
  });

  const serverOf = async (): Promise<string | undefined> => (await objects.get('web')).status?.serverUuid;

  test('orders there, with the token and the authority that are mounted', async () => {
    await objects.create('web');
    await objects.ready('web', WAIT_MS);
    expect(await vendor.servers()).toMatchObject([{ uuid: await serverOf(), status: 'delivered' }]);
  });

  test('is not uninstalled while a server lives', async () => {
    const { code, output } = await release.uninstall();
    expect(code).not.toBe(0);
    expect(output).toContain('1 FlexMetalServer is left');
    expect(output).toContain(`server ${await serverOf()}`);
    expect(await release.exists()).toBe(true);
    expect(isReady(await release.operator())).toBe(true);
    await objects.ready('web');
  });

  test('is uninstalled when that is meant, and leaves CRD, object and server', async () => {
    const before = await objects.get('web');
    const { code, output } = await release.uninstall(['--no-hooks']);
    expect([code, output]).toEqual([0, expect.stringContaining('uninstalled')]);
    expect(await release.operators()).toEqual([]);
    expect((await cluster.rest.request('GET', CRD)).status).toBe(200);
    const after = await objects.get('web');
    expect([after.metadata.uid, after.metadata.deletionTimestamp, after.status?.serverUuid]).toEqual([
      before.metadata.uid,
      undefined,
      before.status?.serverUuid,
    ]);
    expect(await vendor.servers()).toMatchObject([{ uuid: before.status?.serverUuid, status: 'delivered' }]);
  });

  test('goes on with the same server when it is installed again', async () => {
    const server = await serverOf();
    await release.install(values);
    await objects.patch('web', { spec: { tags: ['again'] } });
    await objects.when('tagged', 'web', ({ status }) => status?.appliedTags?.includes('again') === true, WAIT_MS);
    expect((await objects.ready('web', WAIT_MS)).status?.serverUuid).toBe(server);
    expect(await vendor.orders()).toEqual(['web']);
  });

  test('is uninstalled when no server is left, and leaves the CRD', async () => {
    await objects.delete('web');
    await objects.gone('web');
    expect(await vendor.servers()).toMatchObject([{ status: 'released' }]);
    const { code, output } = await release.uninstall();
    expect([code, output]).toEqual([0, expect.stringContaining('uninstalled')]);
    expect((await cluster.rest.request('GET', CRD)).status).toBe(200);
    const left = () =>
      cluster.kubectl([
        'get',
        'all,configmap,secret,role,rolebinding,networkpolicy,serviceaccount',
        '--namespace',
        release.namespace,
        '--selector',
        'app.kubernetes.io/part-of=flexmetal-operator',
        '--output',
        'name',
      ]);
    // The pod ends what it is at first.
    await waitFor('nothing of the release is left', async () => (await left()) === '', { timeoutMs: WAIT_MS });
  });
});
