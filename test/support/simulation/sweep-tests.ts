import { describe, expect, test } from 'vitest';
import { scenarioOf, SCENARIOS } from './scenarios.ts';
import { sweepSingles } from './share.ts';

/** Every fault at every effect; `npm run sweep` does the same faster, and pairs as well. */
const FULL = process.env['SIM_FULL'] !== undefined;
const SEED = Number(process.env['SIM_SEED'] ?? 1);
const TIMEOUT_MS = FULL ? 3_600_000 : 300_000;
/**
 * One of so many plans is run: all together take some minutes. Effects of long scenarios are much alike. Primes, so that over the effects
 * all faults have their turn.
 */
const ONE_OF = { usual: 13, long: 61 };

/** Declares the share of the sweep that one test file runs: files run at the same time, tests of one file do not. */
export function declareSweep(file: number, files: number): void {
  const scenarios = Object.keys(SCENARIOS).filter((_, index) => index % files === file);
  describe('outside effects × faults keep all promises', () => {
    test.each(scenarios)('%s', { timeout: TIMEOUT_MS }, async (scenario) => {
      const one = scenarioOf(scenario).isLong === true ? ONE_OF.long : ONE_OF.usual;
      const { plans, effects, violations } = await sweepSingles(scenario, SEED, FULL ? 1 : one);
      process.stdout.write(`simulation: ${scenario}: ${plans} plans, ${violations.length} violations\n`);
      expect(plans > 1).toBe(effects > 0);
      expect(violations).toEqual([]);
    });
  });
}
