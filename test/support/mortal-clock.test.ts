import { expect, test } from 'vitest';
import { minutes, seconds } from '../../src/base/time.ts';
import { MortalClock, WholeMillisClock } from './simulation/mortal-clock.ts';

test('a frozen process runs its timers late, in their order, while time goes on', async () => {
  const common = new WholeMillisClock();
  const clock = new MortalClock(common);
  const ran: [string, number][] = [];
  const note = (what: string) => () => void ran.push([what, common.monotonic()]);
  clock.setTimer(seconds(20), note('second'));
  clock.setTimer(seconds(10), note('first'));
  clock.setTimer(seconds(90), note('third'));
  clock.freeze(seconds(60));
  void clock.whenThawed().then(note('thawed'));
  await common.advance(seconds(100));
  expect(ran).toEqual([
    ['thawed', 60_000],
    ['first', 60_000],
    ['second', 60_000],
    ['third', 90_000],
  ]);
});

test('a timer that is cancelled while the process is frozen never runs', async () => {
  const common = new WholeMillisClock();
  const clock = new MortalClock(common);
  let ran = 0;
  const timer = clock.setTimer(seconds(10), () => void (ran += 1));
  clock.freeze(seconds(60));
  await common.advance(seconds(30));
  timer.cancel();
  await common.advance(seconds(60));
  expect(ran).toBe(0);
});

test('a wall clock that is set wrong moves no timer and no other process', async () => {
  const common = new WholeMillisClock();
  const [wrong, right] = [new MortalClock(common), new MortalClock(common)];
  wrong.jumpWall(minutes(10));
  expect(wrong.now() - right.now()).toBe(600_000);
  let ranAt = 0;
  wrong.setTimer(seconds(5), () => (ranAt = common.monotonic()));
  await common.advance(seconds(10));
  expect(ranAt).toBe(5_000);
});

test('with the process its timers die', async () => {
  const common = new WholeMillisClock();
  const clock = new MortalClock(common);
  let ran = 0;
  clock.setTimer(seconds(5), () => void (ran += 1));
  clock.kill();
  await common.advance(seconds(10));
  expect(ran).toBe(0);
});
