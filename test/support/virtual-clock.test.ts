import { expect, test } from 'vitest';
import { sleep } from '../../src/base/clock.ts';
import { millis } from '../../src/base/time.ts';
import { VirtualClock, VIRTUAL_START } from './virtual-clock.ts';

test('timers run in the order in which they are due, then in which they were set', async () => {
  const clock = new VirtualClock();
  const seen: string[] = [];
  for (const [name, delay] of [
    ['c', 30],
    ['a', 10],
    ['b1', 20],
    ['b2', 20],
  ] as const) {
    clock.setTimer(millis(delay), () => seen.push(`${name}@${clock.monotonic()}`));
  }
  await clock.advance(25);
  expect(seen).toEqual(['a@10', 'b1@20', 'b2@20']);
  await clock.advance(25);
  expect(seen).toEqual(['a@10', 'b1@20', 'b2@20', 'c@30']);
  expect(clock.monotonic()).toBe(50);
  expect(clock.now()).toBe(VIRTUAL_START + 50);
});

test('what a timer sets in motion settles before the next one runs', async () => {
  const clock = new VirtualClock();
  const seen: string[] = [];
  const loop = async (): Promise<void> => {
    for (let round = 0; round < 3; round += 1) {
      await sleep(clock, millis(10));
      seen.push(`loop@${clock.monotonic()}`);
    }
  };
  clock.setTimer(millis(15), () => seen.push('timer@15'));
  const running = loop();
  await clock.advance(100);
  await running;
  expect(seen).toEqual(['loop@10', 'timer@15', 'loop@20', 'loop@30']);
  expect(clock.pendingTimers).toBe(0);
});

test('a cancelled timer neither runs nor counts, and cancelling twice is harmless', async () => {
  const clock = new VirtualClock();
  let ran = 0;
  const timer = clock.setTimer(millis(10), () => (ran += 1));
  expect([clock.pendingTimers, clock.nextTimerIn]).toEqual([1, 10]);
  timer.cancel();
  timer.cancel();
  expect([clock.pendingTimers, clock.nextTimerIn]).toEqual([0, undefined]);
  await clock.advance(20);
  expect(ran).toBe(0);
});

test('wall time jumps without monotonic time', () => {
  const clock = new VirtualClock();
  clock.jumpWall(-60_000);
  expect([clock.monotonic(), clock.now() - VIRTUAL_START]).toEqual([0, -60_000]);
});

test('after a freeze timers run late and time does not go back', async () => {
  const clock = new VirtualClock();
  let ranAt: number | undefined;
  clock.setTimer(millis(10), () => (ranAt = clock.monotonic()));
  clock.freeze(1_000);
  expect(ranAt).toBeUndefined();
  await clock.advance(0);
  expect([ranAt, clock.now() - VIRTUAL_START]).toEqual([1_000, 1_000]);
});

test('a thousand random timers run in order', async () => {
  const clock = new VirtualClock();
  const seen: number[] = [];
  const delays = Array.from({ length: 1_000 }, (_, index) => (index * 7_919) % 997);
  const timers = delays.map((delay) => clock.setTimer(millis(delay), () => seen.push(delay)));
  const cancelled = new Set<number>();
  timers.forEach((timer, index) => {
    if (index % 3 !== 0) return;
    timer.cancel();
    cancelled.add(index);
  });
  await clock.advance(1_000);
  expect(seen).toEqual(delays.filter((_, index) => !cancelled.has(index)).toSorted((left, right) => left - right));
});
