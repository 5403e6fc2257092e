import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WorldConfigInput } from '../../src/simulator/config.ts';
import { ready } from '../cluster/support/objects.ts';
import { waitFor } from '../support/cluster/wait-for.ts';
import type { ContainedControlPlane } from '../support/containers/control-plane.ts';
import { startControlPlane } from '../support/containers/control-plane.ts';
import type { Stage } from '../support/containers/stage.ts';
import { openStage } from '../support/containers/stage.ts';
import { IMAGES, WITHOUT_IMAGES } from '../support/containers/with-images.ts';
import { ORDER } from '../support/simulator-truth.ts';

describe.skipIf(WITHOUT_IMAGES !== '')(`the operator in a container${WITHOUT_IMAGES}`, () => {
  let controlPlane: ContainedControlPlane;
  beforeAll(async () => {
    controlPlane = await startControlPlane(IMAGES.controlPlane);
  });
  afterAll(() => controlPlane?.[Symbol.asyncDispose]());

  const stageWith = (scenario: WorldConfigInput = {}): Promise<Stage> => openStage(IMAGES, controlPlane, scenario);

  test('orders, follows and releases with a read-only root and no capability', async () => {
    await using stage = await stageWith();
    const operator = await stage.operator();
    await operator.ready();
    await stage.objects.create('web');
    const object = await stage.objects.ready('web', WAIT_MS);
    expect((await stage.vendor.servers()).map(({ uuid }) => uuid)).toEqual([object.status?.serverUuid]);
    await stage.objects.delete('web');
    await stage.objects.gone('web');
    expect((await stage.vendor.servers()).map(({ status }) => status)).toEqual(['released']);
    expect(await operator.isRunning()).toBe(true);
    expect(await operator.output()).not.toContain(stage.vendor.token);
  });

  test('killed in the middle of an order, it finds its server again', async () => {
    await using stage = await stageWith();
    const operator = await stage.operator();
    await operator.leads();
    await orderInFlight(stage);
    await operator.kill('SIGKILL');
    expect(await operator.ended()).toEqual({ code: 137, isOutOfMemory: false });
    await operator.startAgain();
    await expectOneServer(stage);
  });

  test('told to stop in the middle of an order, it ends when the order has', async () => {
    await using stage = await stageWith();
    const operator = await stage.operator();
    await operator.leads();
    await orderInFlight(stage);
    await operator.kill('SIGTERM');
    expect(await operator.ended()).toEqual({ code: 0, isOutOfMemory: false });
    const [server] = await stage.vendor.servers();
    const { status } = await stage.objects.get('web');
    expect([status?.serverUuid, status?.order?.outcome]).toEqual([server?.uuid, 'created']);
    await operator.startAgain();
    await expectOneServer(stage);
  });

  test('paused in the middle of an order, it is followed by another, and ends when it wakes', async () => {
    await using stage = await stageWith();
    const leader = await stage.operator();
    await leader.leads();
    const standby = await stage.operator();
    await standby.ready();
    await orderInFlight(stage);
    await leader.pause();
    await standby.leads();
    await stage.objects.ready('web', WAIT_MS);
    await leader.unpause();
    expect(await leader.ended()).toEqual({ code: 1, isOutOfMemory: false });
    await expectOneServer(stage);
  });

  test('cut off from Kubernetes in the middle of an order, it ends, and goes on when it is started again', async () => {
    await using stage = await stageWith();
    const operator = await stage.operator();
    await operator.leads();
    await orderInFlight(stage);
    await operator.cut('kubernetes');
    expect(await operator.ended()).toEqual({ code: 1, isOutOfMemory: false });
    await operator.mend('kubernetes');
    await operator.startAgain();
    await expectOneServer(stage);
  });

  test('cut off from the vendor in the middle of an order, it says that this is unclear and settles it afterwards', async () => {
    await using stage = await stageWith();
    const operator = await stage.operator();
    await operator.leads();
    await orderInFlight(stage);
    await operator.cut('vendor');
    const isUnclear = ({ status }: Awaited<ReturnType<Stage['objects']['get']>>): boolean =>
      status?.conditions?.find(({ type }) => type === 'Ready')?.reason === 'OrderUnclear';
    await stage.objects.when('unclear', 'web', isUnclear, WAIT_MS);
    await operator.mend('vendor');
    await expectOneServer(stage);
    expect(await operator.isRunning()).toBe(true);
  });

  test(`keeps ${MANY} objects in ${MEMORY_MIB} MiB`, { timeout: 1_200_000 }, async ({ annotate }) => {
    await using stage = await stageWith({ delivery: { takes: '2s' }, manners: { deliverySteps: 'few' } });
    const operator = await stage.operator({ flags: UNBRAKED, memoryBytes: MEMORY_MIB * MIB });
    await operator.ready();
    for (let from = 0; from < MANY; from += CREATES_AT_ONCE)
      await Promise.all(
        Array.from({ length: Math.min(CREATES_AT_ONCE, MANY - from) }, (_, index) =>
          stage.objects.create(`web-${from + index}`),
        ),
      );
    await waitFor('all are Ready', async () => (await stage.objects.list()).filter(ready).length === MANY, {
      timeoutMs: 1_000_000,
      everyMs: 3_000,
    });
    const rss = (await operator.metric('process_resident_memory_bytes')) / MIB;
    await annotate(`RSS with ${MANY} objects: ${rss.toFixed(0)} MiB`);
    expect(await stage.vendor.servers()).toHaveLength(MANY);
    expect(await operator.isRunning()).toBe(true);
  });
});

/** An order that has taken effect, and of which the operator does not know yet. */
async function orderInFlight(stage: Stage): Promise<void> {
  await stage.vendor.addFault({ match: { operation: ORDER }, times: 1, do: { replyAfter: '4s' } });
  await stage.objects.create('web');
  await stage.vendor.serverExists();
}

async function expectOneServer(stage: Stage): Promise<void> {
  const object = await stage.objects.ready('web', WAIT_MS);
  expect(await stage.vendor.orders()).toEqual(['web']);
  expect((await stage.vendor.servers()).map(({ uuid }) => uuid)).toEqual([object.status?.serverUuid]);
}

const WAIT_MS = 120_000;

const MANY = 2_000;
const MIB = 1_048_576;
const MEMORY_MIB = 256;
const CREATES_AT_ONCE = 16;
const UNBRAKED = {
  'servers-max': '10000',
  'orders-per-hour-max': '10000',
  'requests-per-second': '1000',
  'request-burst': '1000',
  'poll-interval-moving': '2s',
  'poll-interval-still': '5s',
  workers: '16',
  'log-level': 'warn',
};
