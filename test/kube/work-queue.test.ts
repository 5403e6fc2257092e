import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { sleep } from '../../src/base/clock.ts';
import type { Millis } from '../../src/base/time.ts';
import { millis, monotonic, seconds } from '../../src/base/time.ts';
import type { WorkItem, WorkQueueOptions } from '../../src/kube/work-queue.ts';
import { WorkQueue } from '../../src/kube/work-queue.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

function setUp(
  options: Partial<WorkQueueOptions<string>> & { readonly concurrency?: number; readonly workMs?: number } = {},
) {
  const clock = new VirtualClock();
  const queue = new WorkQueue<string>({ clock, random: { next: () => 1, hex: () => '' }, ...options });
  const runs: string[] = [];
  const items: WorkItem<string>[] = [];
  const stopping = new AbortController();
  let running = 0;
  let runningMax = 0;
  const worker = async (item: WorkItem<string>): Promise<void> => {
    items.push(item);
    runs.push(`${item.key}@${clock.monotonic()}`);
    running += 1;
    runningMax = Math.max(runningMax, running);
    await sleep(clock, millis(options.workMs ?? 0));
    running -= 1;
  };
  const start = (work = worker): Promise<void> =>
    queue.run(work, { concurrency: options.concurrency ?? 1, signal: stopping.signal });
  return { clock, queue, runs, items, stopping, start, runningMax: () => runningMax };
}

describe('adding', () => {
  test('a key that is added often before its turn runs once', async () => {
    const { clock, queue, runs, start } = setUp();
    for (const key of ['a', 'b', 'a', 'a', 'b']) queue.add(key);
    void start();
    await clock.advance(10);
    expect(runs).toEqual(['a@0', 'b@0']);
  });

  test('a key that is added while it is worked on runs again afterwards, once, and never beside itself', async () => {
    const { clock, queue, runs, start, runningMax } = setUp({ workMs: 100, concurrency: 4 });
    void start();
    queue.add('a');
    await clock.advance(10);
    queue.add('a');
    queue.add('a');
    await clock.advance(500);
    expect(runs).toEqual(['a@0', 'a@100']);
    expect(runningMax()).toBe(1);
  });

  test('queuedAt is when it was first added, also for a run that had to wait for the former one', async () => {
    const { clock, queue, items, start } = setUp({ workMs: 100 });
    void start();
    queue.add('a');
    await clock.advance(10);
    queue.add('a');
    await clock.advance(10);
    queue.add('a');
    await clock.advance(500);
    expect(items.map((item) => item.queuedAt)).toEqual([0, 10]);
  });

  test('the worker is never called from inside add', async () => {
    const { clock, queue, runs, start } = setUp();
    void start();
    queue.add('a');
    expect(runs).toEqual([]);
    await clock.settle();
    expect(runs).toEqual(['a@0']);
  });
});

describe('adding for later', () => {
  test.each<[string, (queue: WorkQueue<string>) => void, string[]]>([
    ['it runs when due', (queue) => queue.addAfter('a', millis(50)), ['a@50']],
    [
      'the earliest wins, when it is asked for last',
      (queue) => [80, 30].forEach((ms) => queue.addAfter('a', millis(ms))),
      ['a@30'],
    ],
    [
      'the earliest wins, when it is asked for first',
      (queue) => [30, 80].forEach((ms) => queue.addAfter('a', millis(ms))),
      ['a@30'],
    ],
    [
      'now is the earliest of all',
      (queue) => {
        queue.addAfter('a', millis(30));
        queue.add('a');
      },
      ['a@0'],
    ],
    ['a negative delay is now', (queue) => queue.addAfter('a', millis(-5)), ['a@0']],
    [
      'different keys keep their own times',
      (queue) => {
        for (const [key, ms] of [
          ['a', 40],
          ['b', 20],
          ['c', 60],
          ['d', 20],
        ] as const)
          queue.addAfter(key, millis(ms));
      },
      ['b@20', 'd@20', 'a@40', 'c@60'],
    ],
  ])('%s', async (_name, add, expected) => {
    const { clock, queue, runs, start } = setUp({ concurrency: 8 });
    void start();
    add(queue);
    await clock.advance(1_000);
    expect(runs).toEqual(expected);
    expect(clock.pendingTimers).toBe(0);
  });

  test('queuedAt is when it became due, however long it then waits for a free worker', async () => {
    const { clock, queue, items, start } = setUp({ workMs: 100 });
    void start();
    queue.add('a');
    queue.addAfter('b', millis(30));
    await clock.advance(500);
    expect(items.map(({ key, queuedAt }) => [key, queuedAt])).toEqual([
      ['a', 0],
      ['b', 30],
    ]);
  });

  test('a key that is added for later while it is worked on runs when due, not before', async () => {
    const { clock, queue, runs, start } = setUp({ workMs: 100 });
    void start();
    queue.add('a');
    await clock.advance(10);
    queue.addAfter('a', millis(500));
    queue.addAfter('a', millis(200));
    await clock.advance(1_000);
    expect(runs).toEqual(['a@0', 'a@210']);
  });

  test('what became due before the start runs at the start', async () => {
    const { clock, queue, runs, start } = setUp();
    queue.addAfter('a', millis(30));
    await clock.advance(100);
    void start();
    await clock.settle();
    expect(runs).toEqual(['a@100']);
  });
});

describe('back-off', () => {
  test('doubles with each failure, up to its longest, and starts again after forget', async () => {
    const backoff = { first: millis(100), longest: millis(400) };
    const { clock, queue, start } = setUp({ backoff });
    const ranAt: number[] = [];
    void start(async () => {
      ranAt.push(clock.monotonic());
      if (ranAt.length === 5) queue.forget('a');
      queue.addRateLimited('a');
    });
    queue.add('a');
    await clock.advance(1_700);
    expect(ranAt).toEqual([0, 100, 300, 700, 1_100, 1_200, 1_400]);
  });

  test('is spread over its upper half', async () => {
    const random = seededRandom(7);
    const { clock, queue, start } = setUp({
      backoff: { first: millis(1_000), longest: seconds(60) },
      random,
      concurrency: 200,
    });
    const ranAt: number[] = [];
    void start(async () => {
      ranAt.push(clock.monotonic());
    });
    for (let index = 0; index < 200; index += 1) queue.addRateLimited(`k${index}`);
    await clock.advance(2_000);
    expect(Math.min(...ranAt)).toBeGreaterThanOrEqual(500);
    expect(Math.max(...ranAt)).toBeLessThanOrEqual(1_000);
    expect(new Set(ranAt).size).toBeGreaterThan(100);
  });

  test('a change does not wait for it', async () => {
    const { clock, queue, runs, start } = setUp({ backoff: { first: seconds(60), longest: seconds(60) } });
    void start();
    queue.addRateLimited('a');
    await clock.advance(10);
    queue.add('a');
    await clock.advance(10);
    expect(runs).toEqual(['a@10']);
  });

  test('a worker that throws is reported, and its key comes back after its back-off', async () => {
    const failures: unknown[] = [];
    const { clock, queue, start } = setUp({
      backoff: { first: millis(100), longest: seconds(1) },
      hooks: { failed: (key, error) => failures.push([key, error]) },
    });
    const ranAt: number[] = [];
    const error = new Error('a bug');
    void start(async () => {
      ranAt.push(clock.monotonic());
      if (ranAt.length === 1) throw error;
    });
    queue.add('a');
    await clock.advance(1_000);
    expect(ranAt).toEqual([0, 100]);
    expect(failures).toEqual([['a', error]]);
  });
});

describe('order and concurrency', () => {
  test('changes go before resyncs', async () => {
    const { clock, queue, runs, start } = setUp({ workMs: 10 });
    for (const key of ['r1', 'r2']) queue.add(key, 'resync');
    for (const key of ['c1', 'c2']) queue.add(key, 'change');
    void start();
    await clock.advance(100);
    expect(runs).toEqual(['c1@0', 'c2@10', 'r1@20', 'r2@30']);
  });

  test('what was begun goes before everything else, and is not put back by a change', async () => {
    const { clock, queue, runs, start } = setUp();
    queue.add('resync', 'resync');
    queue.add('change');
    queue.add('begun', 'continue');
    queue.add('begun');
    void start();
    await clock.advance(10);
    expect(runs).toEqual(['begun@0', 'change@0', 'resync@0']);
  });

  test('an object whose every look asks for the next one does not keep the others waiting for ever', async () => {
    const { clock, queue, start, stopping } = setUp();
    const seen = new Set<string>();
    queue.add('restless', 'continue');
    queue.add('change');
    queue.add('resync', 'resync');
    void start(async ({ key }) => {
      seen.add(key);
      if (seen.size === 3) stopping.abort();
      else if (key === 'restless') queue.add('restless', 'continue');
    });
    await clock.advance(10);
    expect(seen).toEqual(new Set(['restless', 'change', 'resync']));
  });

  test('a resync that becomes a change goes with the changes and keeps the time since when it waits', async () => {
    const { clock, queue, items, start } = setUp({ workMs: 10 });
    queue.add('r1', 'resync');
    queue.add('x', 'resync');
    await clock.advance(5);
    queue.add('x', 'change');
    void start();
    await clock.advance(100);
    expect(items.map(({ key, priority, queuedAt }) => [key, priority, queuedAt])).toEqual([
      ['x', 'change', 0],
      ['r1', 'resync', 0],
    ]);
  });

  test('an endless stream of changes does not keep a resync waiting for ever', async () => {
    const { clock, queue, runs, start } = setUp({ workMs: 10 });
    queue.add('r', 'resync');
    for (let index = 0; index < 30; index += 1) queue.add(`c${index}`);
    void start();
    await clock.advance(1_000);
    expect(runs.findIndex((run) => run.startsWith('r@'))).toBe(7);
  });

  test('never more at once than allowed, and as many as allowed', async () => {
    const { clock, queue, runs, start, runningMax } = setUp({ workMs: 10, concurrency: 3 });
    for (let index = 0; index < 10; index += 1) queue.add(`k${index}`);
    void start();
    await clock.advance(1_000);
    expect(runs).toHaveLength(10);
    expect(runningMax()).toBe(3);
    expect(runs.at(-1)).toBe('k9@30');
  });
});

describe('stopping', () => {
  test('begins nothing new, waits for what runs, leaves no timer', async () => {
    const { clock, queue, runs, stopping, start } = setUp({ workMs: 100 });
    let ended = false;
    void start().then(() => (ended = true));
    queue.add('a');
    queue.add('b');
    queue.addAfter('c', seconds(60));
    await clock.advance(50);
    stopping.abort();
    await clock.advance(40);
    expect(ended).toBe(false);
    await clock.advance(20);
    expect(ended).toBe(true);
    await clock.advance(100_000);
    expect(runs).toEqual(['a@0']);
    expect(clock.pendingTimers).toBe(0);
  });

  test('with nothing to do it ends at once', async () => {
    const { stopping, start } = setUp();
    stopping.abort();
    await expect(start()).resolves.toBeUndefined();
  });

  test('it runs once at a time, and can run again afterwards', async () => {
    const { clock, queue, runs, stopping, start } = setUp();
    const first = start();
    expect(() => queue.run(async () => undefined, { concurrency: 1, signal: stopping.signal })).toThrow('runs already');
    stopping.abort();
    await first;
    const again = new AbortController();
    queue.add('late');
    void queue.run(async ({ key }) => void runs.push(key), { concurrency: 1, signal: again.signal });
    await clock.settle();
    expect(runs).toEqual(['late']);
  });
});

test('what metrics are told', async () => {
  const told: string[] = [];
  const { clock, queue, start } = setUp({
    workMs: 100,
    hooks: {
      added: (key, priority) => told.push(`added ${key} ${priority}`),
      retried: (key) => told.push(`retried ${key}`),
      started: (key, waited) => told.push(`started ${key} after ${waited}`),
      finished: (key, took) => told.push(`finished ${key} in ${took}`),
    },
  });
  queue.add('a');
  await clock.advance(20);
  queue.add('b', 'resync');
  queue.addAfter('c', seconds(60));
  expect(queue.stats()).toEqual({
    depth: { continue: 0, change: 1, resync: 1 },
    waiting: 1,
    running: 0,
    unfinished: 0,
    longestRunning: 0,
  });
  void start();
  await clock.advance(30);
  expect(queue.stats()).toEqual({
    depth: { continue: 0, change: 0, resync: 1 },
    waiting: 1,
    running: 1,
    unfinished: 30,
    longestRunning: 30,
  });
  queue.addRateLimited('a');
  await clock.advance(200);
  expect(told).toEqual([
    'added a change',
    'added b resync',
    'started a after 20',
    'retried a',
    'finished a in 100',
    'started b after 100',
    'finished b in 100',
  ]);
});

test('ten thousand keys, added, delayed and promoted, each run once and quickly', async () => {
  const { clock, queue, start } = setUp({ concurrency: 16 });
  const seen = new Map<string, number>();
  const startedAt = performance.now();
  for (let index = 0; index < 10_000; index += 1) {
    const key = `k${(index * 7_919) % 10_000}`;
    queue.addAfter(key, millis(1_000 + ((index * 31) % 1_000)));
    if (index % 2 === 0) queue.addAfter(key, millis(500));
    if (index % 3 === 0) queue.add(key, 'resync');
    if (index % 5 === 0) queue.add(key);
  }
  void start(async ({ key }) => void seen.set(key, (seen.get(key) ?? 0) + 1));
  await clock.advance(3_000);
  expect(seen.size).toBe(10_000);
  expect([...seen.values()].every((count) => count === 1)).toBe(true);
  // Quadratic behaviour would take minutes.
  expect(performance.now() - startedAt).toBeLessThan(3_000);
});

test('of the many appointments of a key that was looked at early again and again, only the last one counts', async () => {
  const { clock, queue, start } = setUp();
  let ran = 0;
  void start(async ({ key }) => {
    ran += 1;
    queue.addAfter(key, seconds(3_600));
  });
  for (let round = 0; round < 2_000; round += 1) {
    queue.add('a');
    await clock.settle();
  }
  expect(ran).toBe(2_000);
  await clock.advance(3_600_000);
  expect(ran).toBe(2_001);
});

test('a key that becomes due between the look for work and the setting of the timer is not forgotten', async () => {
  const clock = new VirtualClock();
  // As on a real machine, time passes between any two looks at the clock.
  let looks = 0;
  const moving = {
    now: () => clock.now(),
    monotonic: () => monotonic(clock.monotonic() + (looks += 1)),
    setTimer: (delay: Millis, run: () => void) => clock.setTimer(delay, run),
  };
  const queue = new WorkQueue<string>({ clock: moving, random: seededRandom(1) });
  const seen: string[] = [];
  const stopping = new AbortController();
  const ended = queue.run((item) => Promise.resolve(void seen.push(item.key)), {
    concurrency: 1,
    signal: stopping.signal,
  });
  const keys = Array.from({ length: 12 }, (_, index) => `due-in-${index}`);
  for (const [index, key] of keys.entries()) {
    queue.addAfter(key, millis(index));
    await clock.advance(60_000);
    // Checked before the next key is added, which would wake the queue for both.
    expect(seen.at(-1)).toBe(key);
  }
  stopping.abort();
  await ended;
});
