import { expect, inject, test } from 'vitest';
import { openStage } from './support/stage.ts';
import { ORDER } from './support/vendor.ts';

const kubeconfig = inject('kubeconfig');

const KILLED = [
  {
    name: 'after the server exists and before the reply',
    fault: { replyAfter: '60s' },
    until: 'serverExists',
    orders: 1,
  },
  { name: 'before the server exists', fault: { commit: { after: '2s' } }, until: 'orderArrived', orders: 1 },
  {
    name: 'while an order is on its way that never takes effect',
    fault: { commit: 'never', answer: { kind: 'hang' } },
    until: 'orderArrived',
    orders: 2,
  },
] as const;

test.concurrent.each(KILLED)('an operator killed $name leads to one server', async ({ fault, until, orders }) => {
  await using stage = await openStage({ kubeconfig });
  stage.vendor.addFault({ match: { operation: ORDER }, times: 1, do: fault });
  const first = await stage.operator();
  await stage.objects.create('web');
  await stage.vendor[until]();
  first.kill('SIGKILL');
  expect(await first.ended).toEqual({ code: null, signal: 'SIGKILL' });
  await stage.operator();
  const object = await stage.objects.ready('web', 60_000);
  expect(stage.vendor.lives()).toHaveLength(1);
  expect(stage.vendor.orders()).toHaveLength(orders);
  expect(object.status?.serverUuid).toBe(stage.vendor.lives()[0]?.uuid);
  expect(object.status?.order).toMatchObject({ outcome: 'created', attempts: orders });
});

test.concurrent('SIGTERM during an order waits for its reply, writes the uuid down and ends with 0', async () => {
  await using stage = await openStage({ kubeconfig });
  stage.vendor.addFault({ match: { operation: ORDER }, times: 1, do: { replyAfter: '3s' } });
  const operator = await stage.operator();
  await stage.objects.create('web');
  const server = await stage.vendor.serverExists();
  operator.kill('SIGTERM');
  expect(await operator.ended).toEqual({ code: 0, signal: null });
  const object = await stage.objects.get('web');
  expect(object.status?.order).toMatchObject({ outcome: 'created', serverUuid: server.uuid });
  expect(operator.logged('stopped')).toBe(true);
  expect(stage.vendor.orders()).toHaveLength(1);
});
