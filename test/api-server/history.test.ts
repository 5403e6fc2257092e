import { expect, test } from 'vitest';
import { fieldsOf } from '../support/api-server/json.ts';
import { aSample, SAMPLES } from '../support/api-server/sample.ts';
import { aCluster, aCreation, aMergePatch, PATH, TIMEOUT } from './harness.ts';

/** Creates, changes, reports and deletes one object, half as user, half as operator. */
async function aShortLife({ clock, user, client }: ReturnType<typeof aCluster>): Promise<void> {
  const calls = [
    aCreation('one'),
    aMergePatch('one', { metadata: { finalizers: ['example.com/hold'] } }),
    aMergePatch('one', { status: { phase: 'Up' } }, 'status'),
    aMergePatch('one', { status: { phase: 'Up' } }, 'status'),
  ];
  for (const call of calls) {
    const sent = client.send(call, { timeout: TIMEOUT });
    await clock.advance(1_000);
    await sent;
  }
  user.delete(aSample('one'));
  const released = client.send(aMergePatch('one', { metadata: { finalizers: null } }), { timeout: TIMEOUT });
  await clock.advance(1_000);
  await released;
}

test('every version of every object is kept, with who made it and when', async () => {
  const cluster = aCluster();
  await aShortLife(cluster);
  const changes = cluster.server.history.filter(({ resource }) => resource === SAMPLES);
  const start = changes[0]?.at ?? 0;
  expect(changes.map(({ revision, at, by, verb, key }) => [revision, at - start, by, verb, key])).toEqual([
    [4, 0, 'operator', 'create', 'default/one'],
    [5, 1_000, 'operator', 'update', 'default/one'],
    [6, 2_000, 'operator', 'status', 'default/one'],
    [7, 3_999, 'user', 'update', 'default/one'],
    [8, 4_000, 'operator', 'delete', 'default/one'],
  ]);
  expect(changes.map(({ before }) => before)).toEqual([undefined, ...changes.slice(0, -1).map(({ object }) => object)]);
  expect(changes[3]?.object).toMatchObject({ metadata: { generation: 2, deletionGracePeriodSeconds: 0 } });
});

test('requests and changes are counted by client and resource', async () => {
  const cluster = aCluster();
  await aShortLife(cluster);
  const { traffic } = cluster.server;
  expect(traffic.writes({ client: 'operator' })).toBe(5);
  expect(traffic.changes({ client: 'operator' })).toBe(4);
  expect(traffic.rows({ client: 'operator', endpoint: 'status' })).toEqual([
    { client: 'operator', verb: 'patch', resource: SAMPLES, endpoint: 'status', requests: 2, changes: 1 },
  ]);
  expect(traffic.writes({ client: 'user', resource: SAMPLES })).toBe(1);
});

test('the same seed gives the same history', async () => {
  const [first, second, other] = [aCluster(7), aCluster(7), aCluster(8)];
  await Promise.all([first, second, other].map(aShortLife));
  expect(second.server.history).toEqual(first.server.history);
  expect(other.server.history).not.toEqual(first.server.history);
});

test('a listener hears each change at its instant', () => {
  const { server, user } = aCluster();
  const heard: string[] = [];
  const stop = server.onChange(({ verb, key }) => heard.push(`${verb} ${key}`));
  user.create(aSample('one'));
  expect(heard).toEqual(['create default/one']);
  stop();
  user.delete(aSample('one'));
  expect(heard).toEqual(['create default/one']);
});

test('nobody can change what is stored by changing what was read', () => {
  const { server, user } = aCluster();
  user.create(aSample('one'));
  const { body } = server.handle('operator', { method: 'GET', path: `${PATH}/one` });
  expect(() => Object.assign(fieldsOf(fieldsOf(body)['spec']), { place: 'there' })).toThrow(TypeError);
  expect(server.read(SAMPLES, 'default/one')).toMatchObject({ spec: { place: 'here' } });
});

test('twenty thousand writes take less than ten seconds', () => {
  const { server } = aCluster();
  server.handle('operator', aCreation('one'));
  const startedAt = performance.now();
  for (let at = 0; at < 20_000; at += 1) {
    server.handle('operator', aMergePatch('one', { status: { phase: `up ${at}` } }, 'status'));
  }
  expect(server.traffic.changes({ client: 'operator', verb: 'patch' })).toBe(20_000);
  expect(performance.now() - startedAt).toBeLessThan(10_000);
});
