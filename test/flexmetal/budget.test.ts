import { describe, expect, test } from 'vitest';
import { millis, minutes, seconds } from '../../src/base/time.ts';
import type { Millis } from '../../src/base/time.ts';
import type { Grant, Priority } from '../../src/flexmetal/budget.ts';
import { PRIORITIES, RateBudget } from '../../src/flexmetal/budget.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

/** A budget whose grants are noted in the order in which they are given. */
function budgetOf(limits: { readonly requestsPerSecond: number; readonly burst: number }) {
  const clock = new VirtualClock();
  const budget = new RateBudget({ clock, ...limits });
  const granted: Priority[] = [];
  const denied: Extract<Grant, { kind: 'denied' }>[] = [];
  const wait = async (priority: Priority, timeout: Millis, signal: AbortSignal | undefined): Promise<void> => {
    const grant = await budget.acquire(priority, { timeout, ...(signal === undefined ? {} : { signal }) });
    if (grant.kind === 'granted') granted.push(priority);
    else denied.push(grant);
  };
  const ask = (priority: Priority, timeout: Millis = minutes(60), signal?: AbortSignal): void => {
    void wait(priority, timeout, signal);
  };
  return { clock, budget, granted, denied, ask };
}

const count = (granted: readonly Priority[], priority: Priority): number =>
  granted.filter((one) => one === priority).length;

describe('the rate budget', () => {
  test('grants a burst at once and then so many a second', async () => {
    const { clock, granted, ask } = budgetOf({ requestsPerSecond: 2, burst: 3 });
    for (let calls = 0; calls < 20; calls += 1) ask('observe');
    await clock.settle();
    expect(granted).toHaveLength(3);
    await clock.advance(499);
    expect(granted).toHaveLength(3);
    await clock.advance(1);
    expect(granted).toHaveLength(4);
    await clock.advance(5_000);
    expect(granted).toHaveLength(14);
  });

  test('saves up no more than the burst', async () => {
    const { clock, granted, ask } = budgetOf({ requestsPerSecond: 10, burst: 2 });
    await clock.advance(3_600_000);
    for (let calls = 0; calls < 10; calls += 1) ask('observe');
    await clock.settle();
    expect(granted).toHaveLength(2);
  });

  test('serves the most urgent first, in the order of asking', async () => {
    const { clock, granted, ask } = budgetOf({ requestsPerSecond: 1, burst: 1 });
    ask('observe');
    await clock.settle();
    for (const priority of PRIORITIES.toReversed()) ask(priority);
    await clock.advance(4_000);
    expect(granted).toEqual(['observe', 'release', 'order', 'settle', 'observe']);
  });

  test('gives each priority a tenth, however many more urgent calls there are', async () => {
    const { clock, granted, ask } = budgetOf({ requestsPerSecond: 100, burst: 1 });
    for (const priority of PRIORITIES) for (let calls = 0; calls < 400; calls += 1) ask(priority);
    await clock.advance(4_000);
    expect(granted.length).toBeGreaterThanOrEqual(400);
    for (const priority of PRIORITIES) expect(count(granted.slice(0, 400), priority)).toBeGreaterThanOrEqual(38);
    expect(count(granted.slice(0, 400), 'release')).toBeGreaterThan(250);
  });

  test('lets a less urgent priority have everything while nobody else asks', async () => {
    const { clock, granted, ask } = budgetOf({ requestsPerSecond: 10, burst: 1 });
    for (let calls = 0; calls < 30; calls += 1) ask('observe');
    await clock.advance(3_000);
    expect(granted).toHaveLength(30);
  });

  test('denies what would wait longer than it may, and says when to come back', async () => {
    const { clock, granted, denied, ask } = budgetOf({ requestsPerSecond: 0.1, burst: 1 });
    ask('order');
    ask('order', seconds(5));
    await clock.advance(5_000);
    expect(granted).toHaveLength(1);
    expect(denied).toEqual([{ kind: 'denied', cause: 'busy', retryAfter: expect.any(Number) }]);
    expect(denied[0]?.retryAfter).toBeGreaterThanOrEqual(1_000);
    expect(clock.pendingTimers).toBe(0);
  });

  test('a pause holds everybody, also those who wait already, and then goes on', async () => {
    const { clock, budget, granted, ask } = budgetOf({ requestsPerSecond: 1, burst: 1 });
    ask('release');
    ask('release');
    await clock.settle();
    budget.pause(seconds(30));
    await clock.advance(29_999);
    expect(granted).toHaveLength(1);
    await clock.advance(1);
    expect(granted).toHaveLength(2);
  });

  test('a shorter pause does not shorten a longer one', async () => {
    const { clock, budget, granted, ask } = budgetOf({ requestsPerSecond: 1, burst: 1 });
    budget.pause(seconds(30));
    budget.pause(seconds(1));
    ask('release');
    await clock.advance(29_000);
    expect(granted).toEqual([]);
  });

  test.each([
    ['for ever', millis(Number.MAX_SAFE_INTEGER)],
    ['for an hour', minutes(60)],
  ])('no pause lasts %s', async (_name, length) => {
    const { clock, budget, granted, ask } = budgetOf({ requestsPerSecond: 1, burst: 1 });
    budget.pause(length);
    ask('release');
    await clock.advance(minutes(5));
    expect(granted).toEqual(['release']);
  });

  test('who may not wait for the end of a pause is told at once', async () => {
    const { clock, budget, denied, ask } = budgetOf({ requestsPerSecond: 1, burst: 1 });
    budget.pause(seconds(30));
    ask('settle', seconds(10));
    await clock.settle();
    expect(denied).toEqual([{ kind: 'denied', cause: 'paused', retryAfter: seconds(30) }]);
  });

  test('a call that is given up makes room, and leaves nothing behind', async () => {
    const { clock, granted, denied, ask } = budgetOf({ requestsPerSecond: 1, burst: 1 });
    const givenUp = new AbortController();
    ask('release');
    ask('release', minutes(1), givenUp.signal);
    ask('observe');
    await clock.settle();
    givenUp.abort();
    await clock.advance(1_000);
    expect(denied.map(({ cause }) => cause)).toEqual(['aborted']);
    expect(granted).toEqual(['release', 'observe']);
    expect(clock.pendingTimers).toBe(0);
  });

  test('the queue of a priority has an end', async () => {
    const { clock, denied, ask } = budgetOf({ requestsPerSecond: 0.001, burst: 1 });
    for (let calls = 0; calls < 1_100; calls += 1) ask('observe');
    await clock.settle();
    expect(denied.length).toBeGreaterThan(0);
    expect(new Set(denied.map(({ cause }) => cause))).toEqual(new Set(['full']));
  });
});
