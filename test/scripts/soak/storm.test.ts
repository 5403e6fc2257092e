import { expect, test } from 'vitest';
import { rage } from '../../../scripts/soak/storm.ts';

test('what is under way at the end is waited for, and nothing begins after it', async () => {
  let [begun, ended] = [0, 0];
  const slow = {
    pause: () => 1,
    happen: async () => {
      begun += 1;
      await new Promise((resolve) => setTimeout(resolve, 15));
      ended += 1;
    },
  };
  await rage([slow, { pause: () => 10_000, happen: () => Promise.reject(new Error('far too early')) }], 40);
  expect(begun).toBeGreaterThan(0);
  expect(ended).toBe(begun);
  const before = begun;
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(begun).toBe(before);
});

test('a failure ends all of it and is thrown', async () => {
  const startedAt = performance.now();
  const failing = { pause: () => 1, happen: () => Promise.reject(new Error('the simulator is gone')) };
  await expect(rage([{ pause: () => 5_000, happen: async () => undefined }, failing], 60_000)).rejects.toThrow(
    'the simulator is gone',
  );
  expect(performance.now() - startedAt).toBeLessThan(4_000);
});
