import { expect, test, vi } from 'vitest';
import { run } from '../support/simulation/run.ts';
import { scenarioOf } from '../support/simulation/scenarios.ts';

/** The rule that an intent found after a restart may have been sent is what keeps a restart from ordering twice; here it is taken out. */
vi.mock(import('../../src/core/server/facts.ts'), async (original) => {
  const facts = await original();
  return {
    ...facts,
    intentOf: (s, entry) => ({ ...facts.intentOf(s, entry), progress: 'unsent' }),
    maybeSentAttempt: () => undefined,
  };
});

test('an operator that takes an intent for unsent after a restart is caught', async () => {
  const scenario = scenarioOf('deliver');
  const clean = await run({ scenario: 'deliver', seed: 1, faults: [] }, scenario);
  const order = clean.simulation.effects.seen.find(({ label }) => label.startsWith('vendor POST'))?.ordinal ?? 0;
  const { violations } = await run(
    { scenario: 'deliver', seed: 1, faults: [{ at: order, do: 'killAfter' }] },
    scenario,
  );
  expect(clean.violations).toEqual([]);
  expect(violations.map((violation) => violation.slice(0, 2))).toEqual(expect.arrayContaining(['S1', 'S2']));
});
