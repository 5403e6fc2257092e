import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Objects } from '../cluster/support/objects.ts';
import { tidy } from '../support/node/claim.ts';
import type { Cluster } from '../support/node/cluster.ts';
import { openCluster } from '../support/node/cluster.ts';
import type { Pod } from '../support/node/pods.ts';
import { isReady, metricsOf, restartsOf, startOf } from '../support/node/pods.ts';
import { QUICK, Release } from '../support/node/release.ts';
import { NODE, WITHOUT_NODE } from '../support/node/with-node.ts';

const WAIT_MS = 120_000;

/** One release from its first day on; the tests go on where the last one ended. */
describe.skipIf(WITHOUT_NODE !== '')(`a trial with the simulator${WITHOUT_NODE}`, () => {
  let cluster: Cluster;
  let release: Release;
  let objects: Objects;
  let notes: string;
  beforeAll(async () => {
    cluster = await openCluster(NODE);
    const namespace = await cluster.namespace('trial');
    release = new Release(cluster, NODE, namespace);
    objects = new Objects(cluster.rest, namespace);
    notes = await release.install(QUICK);
  });
  afterAll(async () => {
    if (cluster === undefined) return;
    if (release !== undefined) await tidy(cluster, [release.namespace]);
    await cluster.close();
  });

  /** The one server is what it was, nobody ordered another, and the operator that runs now works on it. */
  async function goesOn(uuid: string | undefined, tag: string): Promise<void> {
    await objects.patch('web', { spec: { tags: [tag] } });
    const object = await objects.when(
      `tagged ${tag}`,
      'web',
      ({ status }) => status?.appliedTags?.includes(tag) === true,
      WAIT_MS,
    );
    expect(object.status?.serverUuid).toBe(uuid);
    await objects.ready('web', WAIT_MS);
    const servers = await release.truth.servers();
    expect(servers.map((server) => [server.uuid, server.status, server.tags.includes(tag)])).toEqual([
      [uuid, 'delivered', true],
    ]);
    expect(await release.truth.orders()).toEqual(['web']);
  }

  const uidOf = ({ metadata }: Pod): string => metadata.uid;

  test('is ready when helm says so, and says that nothing is real', async () => {
    const pods = [await release.operator(), await release.simulator()];
    expect(pods.map((pod) => [isReady(pod), restartsOf(pod)])).toEqual([
      [true, 0],
      [true, 0],
    ]);
    expect(notes).toContain('SIMULATED: nothing is ordered');
  });

  test('delivers a server', async () => {
    await objects.create('web');
    const object = await objects.ready('web', WAIT_MS);
    expect(await release.truth.servers()).toMatchObject([{ uuid: object.status?.serverUuid, status: 'delivered' }]);
  });

  test('passes `helm test`', async () => {
    const { code, output } = await release.test();
    expect([code, output]).toEqual([0, expect.stringMatching(/Phase:\s+Succeeded/)]);
  });

  test('keeps its server over an upgrade that starts another operator', async () => {
    const [operator, simulator] = [uidOf(await release.operator()), uidOf(await release.simulator())];
    const { serverUuid } = (await objects.get('web')).status ?? {};
    await release.upgrade({ ...QUICK, config: { ...QUICK.config, workers: 2 } });
    expect(uidOf(await release.operator())).not.toBe(operator);
    expect(uidOf(await release.simulator())).toBe(simulator);
    await goesOn(serverUuid, 'after-upgrade');
  });

  test('keeps its server over a rollback', async () => {
    const [operator, simulator] = [uidOf(await release.operator()), uidOf(await release.simulator())];
    const { serverUuid } = (await objects.get('web')).status ?? {};
    await release.rollback(1);
    expect(uidOf(await release.operator())).not.toBe(operator);
    expect(uidOf(await release.simulator())).toBe(simulator);
    await goesOn(serverUuid, 'after-rollback');
  });

  test('says Lost when another simulator has forgotten the server, and orders no other', async () => {
    const { serverUuid } = (await objects.get('web')).status ?? {};
    await release.upgrade({ ...QUICK, simulator: { ...QUICK.simulator, timeScale: 601 } });
    const lost = await objects.when(
      'lost',
      'web',
      ({ status }) => status?.conditions?.some(({ type, reason }) => type === 'Ready' && reason === 'Lost') === true,
      WAIT_MS,
    );
    expect(JSON.stringify(lost.status?.conditions)).toContain(`Server ${serverUuid} is gone`);
    expect(await release.truth.orders()).toEqual([]);
    await objects.delete('web');
    await objects.gone('web');
  });

  test('was refused nothing by the API server, and is small', async ({ annotate }) => {
    const operator = await release.operator();
    const metrics = await metricsOf(cluster, operator);
    expect(metrics).not.toMatch(/^rest_client_requests_total\{code="403".*\} [1-9]/m);
    const rss = Number(/^process_resident_memory_bytes (\S+)$/m.exec(metrics)?.[1]) / 1_048_576;
    const { fromMaking, fromStart } = startOf(operator);
    await annotate(
      `RSS: ${rss.toFixed(0)} MiB. Ready ${fromMaking} s after the pod was made, ${fromStart} s after its container started`,
    );
    expect(rss).toBeLessThan(256);
    expect(fromMaking).toBeLessThan(120);
  });
});
