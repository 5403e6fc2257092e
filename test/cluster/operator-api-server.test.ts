import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ControlPlane } from '../support/cluster/control-plane.ts';
import { startControlPlane } from '../support/cluster/control-plane.ts';
import { waitFor } from '../support/cluster/wait-for.ts';
import { ready } from './support/objects.ts';
import { openStage } from './support/stage.ts';
import type { Stage } from './support/stage.ts';
import { ORDER } from './support/vendor.ts';

/** One of its own: the others' must not be restarted under them. */
let controlPlane: ControlPlane;

beforeAll(async () => {
  controlPlane = await startControlPlane({ log: () => undefined });
});
afterAll(() => controlPlane.stop());

/** Longer than a restart takes (some 3 s), so that the same leader can go on. */
const PATIENT = { 'lease-duration': '30s', 'lease-renew-deadline': '20s' };

const names = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `web-${index}`);

async function allReady({ objects }: Stage, count: number): Promise<void> {
  await waitFor(`${count} objects are Ready`, async () => (await objects.list()).filter(ready).length === count, {
    timeoutMs: 60_000,
    everyMs: 250,
  });
}

/** The objects' servers and the vendor's, in one order: each object has one, and there is none besides. */
async function serversOf({ objects, vendor }: Stage) {
  return {
    ofObjects: (await objects.list()).map(({ status }) => status?.serverUuid ?? 'none').toSorted(byText),
    ofVendor: vendor
      .lives()
      .map(({ uuid }): string => uuid)
      .toSorted(byText),
  };
}

const byText = (left: string, right: string): number => left.localeCompare(right);

test.each(['kill', 'terminate'] as const)(
  'an API server that ends (%s) while objects are ordered costs nothing',
  async (how) => {
    await using stage = await openStage({ kubeconfig: controlPlane.kubeconfigPath });
    stage.vendor.addFault({ match: { operation: ORDER }, do: { replyAfter: '500ms' } });
    const operator = await stage.operator(PATIENT);
    await Promise.all(names(12).map((name) => stage.objects.create(name)));
    await stage.vendor.orderArrived(4);
    await controlPlane.stopApiServer(how);
    // Answers to these orders come while nothing can be written down.
    await controlPlane.startApiServer();
    await allReady(stage, 12);
    const { ofObjects, ofVendor } = await serversOf(stage);
    expect(ofObjects).toEqual(ofVendor);
    expect(stage.vendor.orders()).toHaveLength(12);
    expect(operator.end).toBeUndefined();
  },
);

test('a leader that cannot renew its Lease ends, and its successor orders nothing twice', async () => {
  await using stage = await openStage({ kubeconfig: controlPlane.kubeconfigPath });
  stage.vendor.addFault({ match: { operation: ORDER }, do: { replyAfter: '500ms' } });
  const operator = await stage.operator();
  await Promise.all(names(6).map((name) => stage.objects.create(name)));
  await stage.vendor.orderArrived(2);
  await controlPlane.stopApiServer('kill');
  expect(await operator.ended).toEqual({ code: 1, signal: null });
  await controlPlane.startApiServer();
  await stage.operator();
  await allReady(stage, 6);
  const { ofObjects, ofVendor } = await serversOf(stage);
  expect(ofVendor).toHaveLength(6);
  expect(ofObjects).toEqual(ofVendor);
});

test('a watch that may not go on from where it was (410 Gone) begins anew', async () => {
  await using stage = await openStage({ kubeconfig: controlPlane.kubeconfigPath });
  const operator = await stage.operator(PATIENT);
  await stage.objects.create('before');
  await stage.objects.ready('before');
  await controlPlane.stopApiServer();
  await controlPlane.compactEtcd();
  await controlPlane.startApiServer();
  await stage.objects.create('after');
  await stage.objects.patch('before', { spec: { tags: ['green'] } });
  await stage.objects.ready('after');
  expect(operator.output()).toContain('"end":"expired"');
  await stage.objects.when('tagged', 'before', ({ status }) => status?.appliedTags?.includes('green') === true);
  const { ofObjects, ofVendor } = await serversOf(stage);
  expect(ofObjects).toEqual(ofVendor);
  expect(stage.vendor.orders()).toHaveLength(2);
  expect(operator.end).toBeUndefined();
});
