import { describe, expect, test } from 'vitest';
import { SCENARIOS } from '../support/simulation/scenarios.ts';
import { singlePlans, sweep } from '../support/simulation/sweep.ts';

describe('every outside effect × every fault keeps all promises', () => {
  test.each(Object.keys(SCENARIOS))('%s', async (scenario) => {
    const plans = await singlePlans(scenario, 1);
    const tally = await sweep(plans);
    process.stdout.write(`simulation: ${scenario}: ${tally.plans} plans, ${tally.violations.length} violations\n`);
    expect(plans.length).toBeGreaterThan(1);
    expect(tally.violations).toEqual([]);
  });
});
