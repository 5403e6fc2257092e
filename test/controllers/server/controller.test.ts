import { expect, test } from 'vitest';
import type { ObjectKey } from '../../../src/base/ids.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { seconds } from '../../../src/base/time.ts';
import { Poller } from '../../../src/controllers/account-view.ts';
import { Brakes } from '../../../src/controllers/brakes.ts';
import { GO } from '../../../src/controllers/fence.ts';
import { reconcile } from '../../../src/controllers/reconcile.ts';
import { ServerController } from '../../../src/controllers/server/controller.ts';
import { wait } from '../../../src/core/model/decision.ts';
import { OwnWrites } from '../../../src/kube/own-writes.ts';
import { ObjectStore } from '../../../src/kube/store.ts';
import type { KubeResult } from '../../../src/kube/transport.ts';
import { WorkQueue } from '../../../src/kube/work-queue.ts';
import type { Happening } from '../../../src/observability/happening.ts';
import { ok, status } from '../../kube/support/scripted-transport.ts';
import {
  ACCOUNT,
  aLedger,
  aNewSnapshot,
  anEntry,
  aServer,
  aSettings,
  aSnapshot,
  aSpec,
  CLUSTER,
  KEY,
  NOW,
  uuid,
} from '../../support/builders.ts';
import { raw, talkingTo } from './support.ts';

/** A controller whose object has a server that only single reads show. */
function controlling(heard: Happening[] = [], object = raw(anEntry())) {
  const { client, transport, clock } = talkingTo(undefined);
  const random = seededRandom(1);
  const store = new ObjectStore((error) => {
    throw error;
  });
  const queue = new WorkQueue<ObjectKey>({ clock, random });
  const account = { kind: 'known', account: ACCOUNT } as const;
  const none = () => Promise.reject(new Error('nothing is to be sent'));
  const controller = new ServerController({
    client,
    vendor: {
      account: () => Promise.resolve(account),
      getServer: () => Promise.resolve({ kind: 'present', server: aServer({ status: 'provisioning' }) }),
      addTag: none,
      removeTag: none,
      openOrder: none,
      openRelease: none,
    },
    store,
    ownWrites: new OwnWrites(),
    queue,
    poller: new Poller({
      clock,
      list: none,
      account: () => Promise.resolve(account),
      moving: seconds(15),
      still: seconds(60),
      isMoving: () => false,
      continuedFrom: () => false,
      onListing: () => undefined,
      onFailure: () => undefined,
    }),
    brakes: new Brakes(CLUSTER),
    teller: {
      tell: (happening) => void heard.push(happening),
      standing: () => undefined,
      // What was told about an object is kept until it is forgotten.
      forget: ({ uid }) => {
        const kept = heard.filter((happening) => !('object' in happening && happening.object?.uid === uid));
        heard.splice(0, heard.length, ...kept);
      },
    },
    settings: aSettings(),
    clock,
    random,
    mayAct: () => GO,
    onSecret: () => undefined,
  });
  store.upsert(object);
  const pass = (answer: () => KubeResult) => {
    transport.answer = answer;
    return reconcile(controller, { key: KEY, queuedAt: clock.monotonic(), priority: 'change' });
  };
  return { controller, store, object, queue, clock, pass, transport };
}

test('an object that is followed is known as the owner of its server, and waits for the next listing', async () => {
  const { controller, object, pass } = controlling();
  await pass(() => ok(object));
  expect(controller.ownerOf(uuid(1))).toBe(KEY);
  expect([...controller.moving]).toEqual([KEY]);
  expect([...controller.standing()]).toEqual([
    { phase: 'Provisioning', reason: 'Provisioning', orderUnclear: false, server: uuid(1) },
  ]);
});

test('an object that leaves the cache during its pass leaves nothing behind: its server is an orphan at once', async () => {
  const { controller, store, object, queue, pass } = controlling();
  await pass(() => {
    store.remove(object);
    controller.forget(object.metadata.uid, KEY);
    return status(404, 'NotFound');
  });
  expect(controller.ownerOf(uuid(1))).toBeUndefined();
  expect([[...controller.moving], [...controller.standing()], queue.stats().waiting]).toEqual([[], [], 0]);
});

test('an object that leaves the cache while it lets go of its finalizer is told of no more afterwards', async () => {
  const heard: Happening[] = [];
  const going = raw(anEntry(), {
    metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' },
    spec: aSpec({ deletionPolicy: 'Retain' }),
  });
  const { controller, store, pass } = controlling(heard, going);
  let patches = 0;
  await pass(() => {
    patches += 1;
    // The watch is often quicker than the reply.
    store.remove(going);
    controller.forget(going.metadata.uid, KEY);
    return ok({ ...going, metadata: { ...going.metadata, finalizers: [] } });
  });
  expect(patches).toBe(1);
  expect(heard).toEqual([]);
});

test('an object that was let go is not looked at again before the cache knows', async () => {
  const heard: Happening[] = [];
  const going = raw(anEntry(), {
    metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' },
    spec: aSpec({ deletionPolicy: 'Retain' }),
  });
  const { controller, store, pass } = controlling(heard, going);
  const kinds = () => heard.map(({ kind }) => kind).filter((kind) => kind === 'retained');
  await pass(() => ok({ ...going, metadata: { ...going.metadata, finalizers: [] } }));
  expect(kinds()).toEqual(['retained']);
  await pass(() => {
    store.remove(going);
    controller.forget(going.metadata.uid, KEY);
    return status(404, 'NotFound');
  });
  // The second pass was none, so it asked for nothing, and nothing was forgotten.
  expect(kinds()).toEqual(['retained']);
  // Whoever stands in the cache with another version is there again, as after a restore.
  store.upsert({ ...going, metadata: { ...going.metadata, resourceVersion: '99' } });
  let asked = 0;
  await pass(() => {
    asked += 1;
    return status(404, 'NotFound');
  });
  expect(asked).toBeGreaterThan(0);
});

test('the failures of an object go with it: the next one of its name begins anew', async () => {
  const { controller, store, object, queue, pass } = controlling();
  const failuresOfNext = async (): Promise<number> => {
    const over = new AbortController();
    let seen: number | undefined;
    queue.add(KEY);
    await queue.run(
      async ({ failures }) => {
        seen = failures;
        over.abort();
      },
      { concurrency: 1, signal: over.signal },
    );
    return seen ?? NaN;
  };
  await pass(() => status(409, 'Conflict'));
  expect(await failuresOfNext()).toBe(1);
  store.remove(object);
  controller.forget(object.metadata.uid, KEY);
  expect(await failuresOfNext()).toBe(0);
});

test('an object that failed and is found gone by its next pass leaves nothing in the queue', async () => {
  const { store, object, queue, pass } = controlling();
  await pass(() => status(409, 'Conflict'));
  store.remove(object);
  queue.addRateLimited(KEY);
  await pass(() => ok(object));
  const over = new AbortController();
  const failures: number[] = [];
  queue.add(KEY);
  await queue.run(
    async (item) => {
      failures.push(item.failures);
      over.abort();
    },
    { concurrency: 1, signal: over.signal },
  );
  expect(failures).toEqual([0]);
});

test('an object that has another server owns its former one no more', async () => {
  const { controller, clock, object, transport } = controlling();
  transport.answer = () => ok(object);
  const look = { key: KEY, queuedAt: clock.monotonic(), priority: 'change' } as const;
  const rest = wait('Provisioning', '', { kind: 'onChange' });
  await controller.conclude(look, { kind: 'rested', snapshot: aSnapshot(), rest });
  expect(controller.ownerOf(uuid(1))).toBe(KEY);
  const replaced = aSnapshot({
    ledger: aLedger({ outcome: { kind: 'created', server: uuid(2), proof: 'reply', at: NOW } }),
  });
  await controller.conclude(look, { kind: 'rested', snapshot: replaced, rest });
  expect([controller.ownerOf(uuid(1)), controller.ownerOf(uuid(2))]).toEqual([undefined, KEY]);
});

test('a look by rhythm brings no news of an object, unless it is the first one', async () => {
  const { controller, clock } = controlling();
  const newsAfter = async (priority: 'change' | 'resync') => {
    await clock.advance(1_000);
    const snapshot = await controller.gather({ key: KEY, queuedAt: clock.monotonic(), priority });
    return snapshot?.newsAt;
  };
  expect(await newsAfter('resync')).toBe(1_000);
  expect(await newsAfter('resync')).toBe(1_000);
  expect(await newsAfter('change')).toBe(3_000);
  expect(await newsAfter('resync')).toBe(3_000);
});

test('an object that is gone but still in the cache is looked at again later, not at once', async () => {
  const { queue, clock, pass } = controlling();
  await pass(() => status(404, 'NotFound'));
  expect(queue.stats()).toMatchObject({ waiting: 1, depth: { change: 0, resync: 0 } });
  expect(clock.pendingTimers).toBe(0);
});

test('a brake is told as released when it holds no object any more, by whatever way', async () => {
  const heard: Happening[] = [];
  const { controller, clock, object, transport } = controlling(heard);
  transport.answer = () => ok(object);
  const released = () => heard.filter(({ kind }) => kind === 'brakeReleased').length;
  const look = { key: KEY, queuedAt: clock.monotonic(), priority: 'change' } as const;
  const rested = (reason: 'BrakeEngaged' | 'Ordering') => {
    const snapshot = aNewSnapshot({ brakes: { servers: 100, ordersLastHour: 0 } });
    return controller.conclude(look, { kind: 'rested', snapshot, rest: wait(reason, '', { kind: 'onChange' }) });
  };
  await rested('BrakeEngaged');
  await rested('BrakeEngaged');
  expect(released()).toBe(0);
  await rested('Ordering');
  expect(released()).toBe(1);
  await rested('BrakeEngaged');
  controller.forget(aNewSnapshot().object.uid, KEY);
  expect(released()).toBe(2);
});
