import { setTimeout as delay } from 'node:timers/promises';
import { expect, inject, test } from 'vitest';
import { FINALIZER } from '../../src/resources/names.ts';
import { waitFor } from '../support/cluster/wait-for.ts';
import { SPEC } from './support/objects.ts';
import type { OperatorProcess } from './support/operator-process.ts';
import { openStage } from './support/stage.ts';
import type { Stage } from './support/stage.ts';

const kubeconfig = inject('kubeconfig');

/** Several listings of the vendor at rest, and several renewals of the Lease. */
const QUIET_MS = 4_000;

test.concurrent('an object becomes a server, follows its tags, and goes with it', async () => {
  await using stage = await openStage({ kubeconfig });
  const { objects, vendor } = stage;
  const operator = await stage.operator();
  await objects.create('web', { ...SPEC, tags: ['blue'] });

  const object = await objects.ready('web');
  const [server] = vendor.lives();
  expect(vendor.lives()).toHaveLength(1);
  expect(object.metadata.finalizers).toEqual([FINALIZER]);
  expect(object.status).toMatchObject({
    observedGeneration: object.metadata.generation,
    serverUuid: server?.uuid,
    providerID: `flexmetal://${object.metadata.uid}`,
    deliveryStatus: 'delivered',
    addresses: [
      { type: 'ExternalIP', address: expect.stringMatching(/^[\d.]+$/) },
      { type: 'ExternalIP', address: expect.stringMatching(/^[0-9a-f:]+$/) },
    ],
    placement: { location: 'EU: Rotterdam', instanceType: 'bm7.std.8' },
    order: { outcome: 'created', attempts: 1, serverUuid: server?.uuid },
  });
  expect(object.status?.conditions?.map(({ type, status }) => `${type}=${status}`).sort()).toEqual([
    'Delivered=True',
    'Ordered=True',
    'Ready=True',
    'Reconciling=False',
    'Stalled=False',
    'Synced=True',
  ]);
  expect(await objects.columns('web')).toMatchObject({
    Name: 'web',
    Ready: 'True',
    Reason: 'Ready',
    Type: 'bm7.std.8',
    Location: 'EU: Rotterdam',
    IP: expect.stringMatching(/^[\d.]+$/),
    UUID: server?.uuid,
    Status: 'delivered',
    OS: 'ubuntu-2404-lts',
  });

  await objects.patch('web', { spec: { tags: ['green'] } });
  await objects.when('tagged green', 'web', ({ status }) => status?.appliedTags?.includes('green') === true);
  const tagged = await objects.ready('web');
  expect(tagged.status?.observedGeneration).toBe(tagged.metadata.generation);
  expect(vendor.lives()[0]?.tags).toContain('green');
  expect(vendor.lives()[0]?.tags).not.toContain('blue');

  await staysQuiet(stage, operator);

  await objects.delete('web');
  await objects.gone('web');
  expect(vendor.lives().map(({ end }) => end)).toEqual(['released']);
  expect(vendor.changes().map(({ operation }) => operation)).toEqual([
    'createFlexMetalServer',
    'createFlexMetalServerTag',
    'deleteFlexMetalServerTag',
    'deleteFlexMetalServer',
  ]);
  const told = await waitFor('the last event is written', async () => {
    const reasons = (await objects.events()).map(({ reason }) => reason);
    return reasons.includes('ServerReleased') ? reasons : undefined;
  });
  expect(told).toEqual(
    expect.arrayContaining([
      'OrderSent',
      'ServerOrdered',
      'ServerDelivered',
      'TagAdded',
      'TagRemoved',
      'ReleaseSent',
      'ServerReleased',
    ]),
  );

  await staysQuiet(stage, operator);
});

/** Nothing is written for a while but the Lease, by the operator's own count and by what the API server holds. */
async function staysQuiet(stage: Stage, operator: OperatorProcess): Promise<void> {
  const written = async () => ({
    requests: writesOf((await operator.page('metrics', '/metrics')).body),
    objects: (await stage.objects.list()).map(({ metadata }) => metadata.resourceVersion),
    events: (await stage.objects.events()).length,
    changesAtTheVendor: stage.vendor.changes().length,
  });
  // Events come a moment after what they tell of.
  await delay(1_500);
  const before = await written();
  await delay(QUIET_MS);
  const after = await written();
  expect(after).toEqual({ ...before, requests: { ...before.requests, PUT: expect.any(Number) } });
  expect(after.requests.PUT).toBeGreaterThan(before.requests.PUT);
}

/** Requests to the API server so far that may write; PUT is the Lease's alone. */
function writesOf(metrics: string): Readonly<Record<'POST' | 'PUT' | 'PATCH' | 'DELETE', number>> {
  const count = (method: string): number =>
    [...metrics.matchAll(new RegExp(`^rest_client_requests_total\\{.*method="${method}".*\\} (\\d+)$`, 'gm'))].reduce(
      (sum, [, value]) => sum + Number(value),
      0,
    );
  return { POST: count('POST'), PUT: count('PUT'), PATCH: count('PATCH'), DELETE: count('DELETE') };
}

test.concurrent('health and metrics answer under the names that dashboards know', async () => {
  await using stage = await openStage({ kubeconfig });
  const operator = await stage.operator();
  await stage.objects.create('web');
  await stage.objects.ready('web');
  for (const path of ['/healthz', '/livez', '/readyz'])
    expect(await operator.page('health', path)).toEqual({ status: 200, body: 'ok\n' });
  expect((await operator.page('health', '/readyz?verbose')).body).toBe('[+] informer ok\nok\n');
  expect((await operator.page('health', '/metrics')).status).toBe(404);
  const { status, body } = await operator.page('metrics', '/metrics');
  expect(status).toBe(200);
  const names = new Set([...body.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
  expect([...names]).toEqual(expect.arrayContaining(KNOWN_TO_DASHBOARDS));
  expect(body).toMatch(/^controller_runtime_reconcile_total\{controller="flexmetalserver",result="success"\} [1-9]/m);
  expect(body).toMatch(/^workqueue_adds_total\{name="flexmetalserver",controller="flexmetalserver"\} [1-9]/m);
  expect(body).toMatch(/^flexmetal_order_attempts_total\{result="created"\} 1$/m);
  expect(body).toMatch(/^flexmetal_servers\{phase="Ready"\} 1$/m);
});

const KNOWN_TO_DASHBOARDS = [
  'controller_runtime_reconcile_total',
  'controller_runtime_reconcile_errors_total',
  'controller_runtime_reconcile_time_seconds',
  'controller_runtime_active_workers',
  'controller_runtime_max_concurrent_reconciles',
  'workqueue_depth',
  'workqueue_adds_total',
  'workqueue_queue_duration_seconds',
  'workqueue_work_duration_seconds',
  'workqueue_retries_total',
  'workqueue_unfinished_work_seconds',
  'workqueue_longest_running_processor_seconds',
  'leader_election_master_status',
  'rest_client_requests_total',
  'process_cpu_seconds_total',
];
