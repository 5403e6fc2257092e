import { describe, expect, test } from 'vitest';
import { MutantProcess } from '../mutants/mutant-process.ts';
import { MUTANTS } from '../mutants/mutants.ts';

/**
 * Each mutant of the protocol on one plan that is known to catch it, and the operator as it is on the same plan. When a mutant
 * is caught no more, `npm run sweep:mutants -- --mutant <name>` looks for another plan.
 */
describe('the simulation notices an operator', () => {
  test.each(MUTANTS)('$name: $breaks', async ({ name, caughtBy, expected }) => {
    const [mutant, control] = [new MutantProcess(name), new MutantProcess(undefined)];
    try {
      const { violations } = await mutant.run(caughtBy);
      expect(
        violations.filter((violation) => expected.some((invariant) => violation.startsWith(invariant))),
      ).not.toEqual([]);
      expect((await control.run(caughtBy)).violations).toEqual([]);
    } finally {
      mutant.end();
      control.end();
    }
  });
});
