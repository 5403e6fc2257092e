import { expect, inject, test } from 'vitest';
import * as z from 'zod';
import { waitFor } from '../support/cluster/wait-for.ts';
import type { OperatorProcess } from './support/operator-process.ts';
import type { Stage } from './support/stage.ts';
import { openStage } from './support/stage.ts';
import { ORDER } from './support/vendor.ts';

const kubeconfig = inject('kubeconfig');

/** Two replicas, of which the first leads and the second is known to be waiting. */
async function twoReplicas(stage: Stage): Promise<readonly [leader: OperatorProcess, standby: OperatorProcess]> {
  const leader = await stage.operator();
  await leader.leads();
  const standby = await stage.operator();
  await waitFor(
    'the standby is ready',
    async () => (await standby.page('health', '/readyz').catch(() => undefined))?.status === 200,
  );
  return [leader, standby];
}

const Lease = z.object({ spec: z.object({ holderIdentity: z.string() }) });

async function holder(stage: Stage): Promise<string> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${stage.namespace}/leases/flexmetal-operator`;
  return Lease.parse(await stage.rest.must('GET', path)).spec.holderIdentity;
}

test.concurrent('of two replicas one works and both are ready', async () => {
  await using stage = await openStage({ kubeconfig });
  const [leader, standby] = await twoReplicas(stage);
  await stage.objects.create('web');
  await stage.objects.ready('web');
  expect(stage.vendor.orders()).toHaveLength(1);
  expect(await holder(stage)).toMatch(new RegExp(`^${leader.name}_`));
  const master = async (operator: OperatorProcess) =>
    /^leader_election_master_status\{name="flexmetal-operator"\} (\d)$/m.exec(
      (await operator.page('metrics', '/metrics')).body,
    )?.[1];
  expect(await master(leader)).toBe('1');
  expect(await master(standby)).toBe('0');
});

test.concurrent.each(['SIGKILL', 'SIGTERM'] as const)(
  'a leader that gets %s during an order is followed without a second order',
  async (signal) => {
    await using stage = await openStage({ kubeconfig });
    stage.vendor.addFault({ match: { operation: ORDER }, times: 1, do: { replyAfter: '3s' } });
    const [leader, standby] = await twoReplicas(stage);
    await stage.objects.create('web');
    await stage.vendor.serverExists();
    leader.kill(signal);
    await leader.ended;
    await standby.leads();
    await stage.objects.create('mail');
    await stage.objects.ready('web', 60_000);
    await stage.objects.ready('mail');
    expect(stage.vendor.orders().map(({ name }) => name)).toEqual(['web', 'mail']);
    expect(await holder(stage)).toMatch(new RegExp(`^${standby.name}_`));
  },
);

test.concurrent('a leader told to stop hands over at once', async () => {
  await using stage = await openStage({ kubeconfig });
  const [leader, standby] = await twoReplicas(stage);
  leader.kill('SIGTERM');
  expect(await leader.ended).toEqual({ code: 0, signal: null });
  const endedAt = performance.now();
  await standby.leads();
  // The Lease runs for 4 s; a given-back one is free within 1 s, and is looked at every 250 ms.
  expect(performance.now() - endedAt).toBeLessThan(3_000);
});

test.concurrent('a leader frozen beyond its Lease ends when it wakes and has sent nothing more', async () => {
  await using stage = await openStage({ kubeconfig });
  const [leader, standby] = await twoReplicas(stage);
  leader.kill('SIGSTOP');
  // Before its successor takes over: the sleeper wakes with these in its queue.
  await stage.objects.create('web');
  await standby.leads();
  await stage.objects.ready('web');
  await stage.objects.create('mail');
  leader.kill('SIGCONT');
  expect(await leader.ended).toEqual({ code: 1, signal: null });
  await stage.objects.ready('mail');
  expect(stage.vendor.orders().map(({ name }) => name)).toEqual(['web', 'mail']);
  expect(leader.logged('leadership lost')).toBe(true);
  expect(leader.output()).not.toContain('"method":"POST"');
});

test.concurrent('a leader frozen in the middle of an order leaves one server behind', async () => {
  await using stage = await openStage({ kubeconfig });
  stage.vendor.addFault({ match: { operation: ORDER }, times: 1, do: { replyAfter: '1s' } });
  const [leader, standby] = await twoReplicas(stage);
  await stage.objects.create('web');
  const server = await stage.vendor.serverExists();
  leader.kill('SIGSTOP');
  await standby.leads();
  const object = await stage.objects.ready('web', 60_000);
  leader.kill('SIGCONT');
  expect(await leader.ended).toEqual({ code: 1, signal: null });
  expect(object.status?.serverUuid).toBe(server.uuid);
  expect((await stage.objects.ready('web')).status?.order).toMatchObject({ outcome: 'created', attempts: 1 });
  expect(stage.vendor.orders()).toHaveLength(1);
});
