import { describe, expect, test } from 'vitest';
import { scenarioOf, SCENARIOS } from '../support/simulation/scenarios.ts';
import { singlePlans, sweep } from '../support/simulation/sweep.ts';

/** Every fault at every effect of the long scenarios as well: some twenty minutes. */
const FULL = process.env['SIM_FULL'] !== undefined;
const TIMEOUT_MS = FULL ? 3_600_000 : 300_000;

describe('every outside effect × every fault keeps all promises', () => {
  test.each(Object.keys(SCENARIOS))('%s', { timeout: TIMEOUT_MS }, async (scenario) => {
    const plans = await singlePlans(scenario, 1, scenarioOf(scenario).isLong === true && !FULL);
    const tally = await sweep(plans);
    process.stdout.write(`simulation: ${scenario}: ${tally.plans} plans, ${tally.violations.length} violations\n`);
    expect(plans.length).toBeGreaterThan(1);
    expect(tally.violations).toEqual([]);
  });
});
