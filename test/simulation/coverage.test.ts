import { expect, test } from 'vitest';
import type { Coverage } from '../support/simulation/coverage.ts';
import { coverageOf, mergeAll, reachedAllTheSame, unreached } from '../support/simulation/coverage.ts';
import { run } from '../support/simulation/run.ts';
import { SCENARIOS, scenarioOf } from '../support/simulation/scenarios.ts';

test('the scenarios without any fault keep all promises, and reach every rule, reason and block, and every way out', async () => {
  const covered: Coverage[] = [];
  const violations: string[] = [];
  for (const scenario of Object.keys(SCENARIOS)) {
    const ran = await run({ scenario, seed: 1, faults: [] }, scenarioOf(scenario));
    covered.push(coverageOf(ran.simulation));
    violations.push(...ran.violations.map((violation) => `${scenario}: ${violation}`));
  }
  const all = mergeAll(covered);
  expect(violations).toEqual([]);
  expect(unreached(all)).toEqual([]);
  expect(reachedAllTheSame(all)).toEqual([]);
});

test('one run alone leaves something unreached, and says what', async () => {
  const { simulation } = await run({ scenario: 'deliver', seed: 1, faults: [] }, scenarioOf('deliver'));
  const missing = unreached(coverageOf(simulation));
  expect(missing).toEqual(
    expect.arrayContaining(['rule settle', 'reason Lost', 'block DuplicateServers', 'way out of AccountChanged']),
  );
  expect(missing).not.toContain('rule order');
  expect(missing).not.toContain('reason Ready');
});
