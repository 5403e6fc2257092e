import { expect, inject, test } from 'vitest';
import { readMarks } from '../../src/resources/names.ts';
import { waitFor } from '../support/cluster/wait-for.ts';
import { ready } from './support/objects.ts';
import { openStage } from './support/stage.ts';

const kubeconfig = inject('kubeconfig');

const COUNT = 200;

test('two hundred objects at once become two hundred servers', { timeout: 150_000 }, async () => {
  await using stage = await openStage({
    kubeconfig,
    vendor: { delivery: { takes: '2s' }, manners: { deliverySteps: 'few' } },
  });
  const { objects, vendor } = stage;
  const operator = await stage.operator({
    'servers-max': '1000',
    'orders-per-hour-max': '1000',
    'requests-per-second': '1000',
    'request-burst': '1000',
    'poll-interval-moving': '1s',
    workers: '16',
    'log-level': 'info',
  });
  await operator.leads();
  await Promise.all(Array.from({ length: COUNT }, (_, index) => objects.create(`web-${index}`)));
  await waitFor('all are Ready', async () => (await objects.list()).filter(ready).length === COUNT, {
    timeoutMs: 120_000,
    everyMs: 500,
  });
  const found = await objects.list();
  expect(vendor.orders()).toHaveLength(COUNT);
  expect(vendor.lives()).toHaveLength(COUNT);
  // Each object has the very server that carries its uid, and no other.
  const owners = new Map(vendor.lives().map(({ uuid, tags }) => [uuid, readMarks(tags).uids.join()]));
  expect(new Map(found.map(({ status, metadata }) => [status?.serverUuid, metadata.uid]))).toEqual(owners);
  expect(operator.end).toBeUndefined();
});

test('of many objects at once only as many are ordered as the brake allows', async () => {
  await using stage = await openStage({ kubeconfig });
  const { objects, vendor } = stage;
  await stage.operator({ 'servers-max': '5', workers: '16' });
  await Promise.all(Array.from({ length: 20 }, (_, index) => objects.create(`web-${index}`)));
  const byReason = async () => {
    const reasons = (await objects.list()).map(
      ({ status }) => status?.conditions?.find(({ type }) => type === 'Ready')?.reason,
    );
    return {
      ready: reasons.filter((it) => it === 'Ready').length,
      held: reasons.filter((it) => it === 'BrakeEngaged').length,
    };
  };
  await waitFor('five are Ready and the rest say why not', async () => {
    const { ready: done, held } = await byReason();
    return done === 5 && held === 15;
  });
  expect(vendor.orders()).toHaveLength(5);
  // A place that becomes free is taken by one of those that wait.
  const [first] = (await objects.list()).filter(ready);
  await objects.delete(first?.metadata.name ?? '');
  await objects.gone(first?.metadata.name ?? '');
  await vendor.orderArrived(6);
  await waitFor('five are Ready again', async () => (await byReason()).ready === 5);
  expect(vendor.orders()).toHaveLength(6);
});
