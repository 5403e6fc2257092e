import { expect, test } from 'vitest';
import { systemClock } from '../../src/runtime/system-clock.ts';
import { elapsed } from '../../src/base/time.ts';
import { pairPlans } from '../support/simulation/pairs.ts';
import { violationsOf } from '../support/simulation/sweep.ts';

/** Other pairs with another seed; more of them with more seconds. */
const SEED = Number(process.env['SIM_SEED'] ?? 1);
const SECONDS = Number(process.env['SIM_SECONDS'] ?? 60);

test('two faults in one run keep all promises', { timeout: (SECONDS + 120) * 1_000 }, async () => {
  const startedAt = systemClock.monotonic();
  const violations: string[] = [];
  let plans = 0;
  for await (const plan of pairPlans(SEED)) {
    violations.push(...(await violationsOf(plan)));
    plans += 1;
    if (elapsed(startedAt, systemClock.monotonic()) > SECONDS * 1_000) break;
  }
  process.stdout.write(`simulation: seed ${SEED}: ${plans} pairs, ${violations.length} violations\n`);
  expect(plans).toBeGreaterThan(10);
  expect(violations).toEqual([]);
});
