import { describe, expect, test } from 'vitest';
import { MutantProcess } from '../mutants/mutant-process.ts';
import { MUTANTS } from '../mutants/mutants.ts';
import { run } from '../support/simulation/run.ts';
import { scenarioOf } from '../support/simulation/scenarios.ts';

/**
 * Each mutant of the protocol on one plan that is known to catch it, and the operator as it is on the same plan. When a mutant
 * is caught no more, `npm run sweep:mutants -- --mutant <name>` looks for another plan.
 */
describe('the simulation notices an operator', () => {
  test.each(MUTANTS)('$name: $breaks', async ({ name, caughtBy, expected }) => {
    const mutant = new MutantProcess(name);
    try {
      const { violations } = await mutant.run(caughtBy);
      expect(violations.filter((text) => expected.some((invariant) => text.startsWith(invariant)))).not.toEqual([]);
    } finally {
      mutant.end();
    }
    expect((await run(caughtBy, scenarioOf(caughtBy.scenario))).violations).toEqual([]);
  });
});
