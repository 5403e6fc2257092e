import { describe, expect, test } from 'vitest';
import { millis, seconds } from '../../src/base/time.ts';
import { seededRandom } from '../../src/base/random.ts';
import { ApiServer } from '../support/api-server/api-server.ts';
import { fieldsOf, textOf } from '../support/api-server/json.ts';
import { aSample, SAMPLE_KINDS } from '../support/api-server/sample.ts';
import { ClusterUser } from '../support/api-server/user.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { aCluster, aMergePatch, LATENCY, PATH, TIMEOUT, watching } from './harness.ts';

/** A cluster with one watch that is open and has seen nothing yet. */
async function aWatchedCluster(query = '', idleTimeout = seconds(300)) {
  const cluster = aCluster();
  const watch = watching(cluster.client, `&resourceVersion=${cluster.server.revision}${query}`, idleTimeout);
  await cluster.clock.advance(2);
  return { ...cluster, watch };
}

describe('what a watch tells', () => {
  test('it tells of a change after the delay, never at once', async () => {
    const { clock, user, watch } = await aWatchedCluster();
    user.create(aSample('one'));
    await clock.advance(LATENCY.watch - 1);
    expect(watch.lines).toEqual([]);
    await clock.advance(1);
    expect(watch.lines).toEqual(['ADDED one 4']);
  });

  test('changes keep their order although their delays differ', async () => {
    const clock = new VirtualClock();
    const delays = [50, 1, 30, 2].map(millis);
    const watch = (): ReturnType<typeof millis> => delays.shift() ?? millis(1);
    // The first two are used up by the namespaces that are there from the start.
    delays.unshift(millis(0), millis(0));
    const server = new ApiServer({
      clock,
      random: seededRandom(1),
      kinds: SAMPLE_KINDS,
      latency: { ...LATENCY, watch },
    });
    const user = new ClusterUser(server);
    const watched = watching(server.transportFor('operator'), `&resourceVersion=${server.revision}`);
    await clock.advance(2);
    for (const name of ['one', 'two', 'three', 'four']) user.create(aSample(name));
    await clock.advance(100);
    expect(watched.lines).toEqual(['ADDED one 4', 'ADDED two 5', 'ADDED three 6', 'ADDED four 7']);
  });

  test('a watch from an older version is told what it missed', async () => {
    const { clock, server, user, client } = aCluster();
    const { revision } = server;
    user.create(aSample('one'));
    user.edit(aSample('one'), { spec: { place: 'there' } });
    user.delete(aSample('one'));
    await clock.advance(10);
    const watch = watching(client, `&resourceVersion=${revision}`);
    await clock.advance(10);
    expect(watch.lines).toEqual(['ADDED one 4', 'MODIFIED one 5', 'DELETED one 6']);
  });

  test('a bookmark comes each minute once something has happened', async () => {
    const { clock, user, watch } = await aWatchedCluster('&allowWatchBookmarks=true');
    await clock.advance(61_000);
    expect(watch.lines).toEqual([]);
    user.create(aSample('one'));
    await clock.advance(60_000);
    expect(watch.lines).toEqual(['ADDED one 4', 'BOOKMARK 4']);
  });
});

describe('how a watch ends', () => {
  test('after the time that the client named', async () => {
    const { clock, watch } = await aWatchedCluster('&timeoutSeconds=30');
    await clock.advance(29_000);
    expect(watch.lines).toEqual([]);
    await clock.advance(2_000);
    expect(watch.lines).toEqual(['ended']);
  });

  test.each([
    ['its connection breaks', 'breakWatches', ['ADDED one 4', 'broken: ECONNRESET']],
    ['the server ends it', 'endWatches', ['ADDED one 4', 'ended']],
    ['the server has lost the place', 'expireWatches', ['ADDED one 4', 'ERROR 410', 'ended']],
  ] as const)('%s', async (_name, control, expected) => {
    const { clock, server, user, watch } = await aWatchedCluster();
    user.create(aSample('one'));
    await clock.advance(10);
    server[control]();
    user.create(aSample('two'));
    await clock.advance(10);
    expect(watch.lines).toEqual(expected);
  });

  test('a half-open one is silent until the client has waited long enough', async () => {
    const { clock, server, user, watch } = await aWatchedCluster('', seconds(90));
    server.silenceWatches();
    user.create(aSample('one'));
    await clock.advance(89_000);
    expect(watch.lines).toEqual([]);
    await clock.advance(2_000);
    expect(watch.lines).toEqual(['broken: idle']);
  });

  test('a server that lost events says so only later, and brings none of them', async () => {
    const { clock, server, user, watch } = await aWatchedCluster();
    server.missWatches('operator', seconds(30));
    user.create(aSample('one'));
    await clock.advance(29_000);
    expect(watch.lines).toEqual([]);
    await clock.advance(2_000);
    expect(watch.lines).toEqual(['ERROR 410', 'ended']);
  });

  test('the client gives it up', async () => {
    const { clock, user, watch } = await aWatchedCluster();
    watch.abort.abort();
    user.create(aSample('one'));
    await clock.advance(10);
    expect(watch.lines).toEqual(['broken: aborted']);
  });

  test('nothing is left behind when all watches have ended', async () => {
    const { clock, server } = await aWatchedCluster('&allowWatchBookmarks=true');
    server.endWatches();
    await clock.advance(10);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('what the server forgets', () => {
  test('a watch from before a compaction is told 410', async () => {
    const { clock, server, user, client } = aCluster();
    const { revision } = server;
    user.create(aSample('one'));
    server.compact();
    const old = watching(client, `&resourceVersion=${revision}`);
    const present = watching(client, `&resourceVersion=${server.revision}`);
    await clock.advance(10);
    expect([old.lines, present.lines]).toEqual([['ERROR 410', 'ended'], []]);
  });

  test('a list that was begun before a compaction cannot go on', async () => {
    const { clock, server, user, client } = aCluster();
    for (const name of ['one', 'two']) user.create(aSample(name));
    const first = server.handle('operator', { method: 'GET', path: `${PATH}?limit=1` });
    user.delete(aSample('two'));
    server.compact();
    const token = textOf(fieldsOf(fieldsOf(first.body)['metadata'])['continue']) ?? '';
    const page = client.send({ method: 'GET', path: `${PATH}?limit=1&continue=${token}` }, { timeout: TIMEOUT });
    await clock.advance(10);
    expect(await page).toMatchObject({ status: 410, body: { reason: 'Expired' } });
  });
});

describe('caches that stand still', () => {
  test('a frozen client sees old objects in watches and cached reads, and the present ones in all other reads', async () => {
    const { clock, server, user, client } = aCluster();
    user.create(aSample('one'));
    await clock.advance(10);
    server.freezeWatches('operator');
    user.edit(aSample('one'), { spec: { place: 'there' } });
    const watch = watching(client, `&resourceVersion=${server.revision - 1}`);
    const read = (query: string) => client.send({ method: 'GET', path: `${PATH}/one${query}` }, { timeout: TIMEOUT });
    const reads = Promise.all([read(''), read('?resourceVersion=0')]);
    await clock.advance(60_000);
    expect(watch.lines).toEqual([]);
    expect(await reads).toMatchObject([{ body: { spec: { place: 'there' } } }, { body: { spec: { place: 'here' } } }]);
    server.thawWatches('operator');
    await clock.settle();
    expect(watch.lines).toEqual(['MODIFIED one 5']);
  });

  test('others are not frozen', async () => {
    const { clock, server, user } = aCluster();
    server.freezeWatches('operator');
    const watch = watching(server.transportFor('another'), `&resourceVersion=${server.revision}`);
    user.create(aSample('one'));
    await clock.advance(10);
    expect(watch.lines).toEqual(['ADDED one 4']);
  });
});

test('a watch that repeats brings each line twice, later all of them again in their order, and then goes on as usual', async () => {
  const { clock, server, user, watch } = await aWatchedCluster();
  user.create(aSample('one'));
  await clock.advance(10);
  server.repeatWatches('operator', seconds(20));
  user.create(aSample('two'));
  user.edit(aSample('two'), { spec: { place: 'there' } });
  await clock.advance(10);
  const twice = ['ADDED two 5', 'ADDED two 5', 'MODIFIED two 6', 'MODIFIED two 6'];
  expect(watch.lines).toEqual(['ADDED one 4', ...twice]);
  await clock.advance(20_000);
  user.create(aSample('three'));
  await clock.advance(10);
  expect(watch.lines).toEqual(['ADDED one 4', ...twice, 'ADDED two 5', 'MODIFIED two 6', 'ADDED three 7']);
});

test('a server that is down refuses calls and breaks watches, and comes back with its data', async () => {
  const { clock, server, client, user, watch } = await aWatchedCluster();
  user.create(aSample('one'));
  const late = client.send(aMergePatch('one', { spec: { place: 'there' } }), { timeout: TIMEOUT });
  server.goDown();
  await clock.advance(10);
  expect(await late).toEqual({ kind: 'failed', sent: 'maybe', cause: 'ECONNRESET' });
  expect(watch.lines).toEqual(['broken: ECONNRESET']);
  expect(await client.send({ method: 'GET', path: PATH }, { timeout: TIMEOUT })).toMatchObject({ sent: 'no' });
  server.comeUp();
  const read = client.send({ method: 'GET', path: `${PATH}/one` }, { timeout: TIMEOUT });
  await clock.advance(10);
  expect(await read).toMatchObject({ status: 200, body: { spec: { place: 'here' } } });
});
