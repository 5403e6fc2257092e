import { expect, test } from 'vitest';
import { systemClock } from '../../src/runtime/system-clock.ts';
import { elapsed } from '../../src/base/time.ts';
import { sweepPairs } from '../support/simulation/share.ts';

/** Other pairs with another seed; more of them with more seconds. */
const SEED = Number(process.env['SIM_SEED'] ?? 1);
const SECONDS = Number(process.env['SIM_SECONDS'] ?? 60);

test('two faults in one run keep all promises', { timeout: (SECONDS + 120) * 1_000 }, async () => {
  const startedAt = systemClock.monotonic();
  const isOver = (): boolean => elapsed(startedAt, systemClock.monotonic()) > SECONDS * 1_000;
  const { plans, violations } = await sweepPairs(SEED, isOver);
  process.stdout.write(`simulation: seed ${SEED}: ${plans} plans by chance, ${violations.length} violations\n`);
  expect(plans).toBeGreaterThan(10);
  expect(violations).toEqual([]);
});
