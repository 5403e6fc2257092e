import { expect, test } from 'vitest';
import { isLull, isSettled } from '../../../scripts/soak/lull.ts';

test.each([
  [0, false, false],
  [74_999, false, false],
  [75_000, true, false],
  [99_999, true, false],
  [100_000, true, true],
  [119_999, true, true],
  [120_000, false, false],
  [220_000, true, true],
])('%i ms after the storm began: lull %s, settled %s', (at, lull, settled) => {
  expect([isLull(at), isSettled(at)]).toEqual([lull, settled]);
});
