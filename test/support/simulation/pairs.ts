import { seededRandom } from '../../../src/base/random.ts';
import { FAULTS } from './plan.ts';
import type { Plan, PlannedFault } from './plan.ts';
import { SCENARIOS } from './scenarios.ts';
import { effectsOf } from './sweep.ts';

/**
 * Plans with two faults, drawn without end: scenario, seed of the run and both places by chance. A fault makes a run longer,
 * so the second one may strike some effects later than a clean run has any.
 */
export async function* pairPlans(seed: number): AsyncGenerator<Plan> {
  const random = seededRandom(seed);
  const below = (count: number): number => Math.floor(random.next() * count);
  const names = Object.keys(SCENARIOS);
  const counted = new Map<string, number>();
  for (let drawn = 0; drawn < PLANS_MAX; drawn += 1) {
    const scenario = names[below(names.length)] ?? 'deliver';
    const effects = counted.get(scenario) ?? (await effectsOf(scenario, seed)).length;
    counted.set(scenario, effects);
    const fault = (at: number): PlannedFault => ({ at, do: FAULTS[below(FAULTS.length)] ?? 'killAfter' });
    const first = fault(1 + below(effects));
    const second = fault(first.at + 1 + below(effects - first.at + EFFECTS_MORE));
    yield { scenario, seed: 1 + below(SEEDS), faults: [first, second] };
  }
}

/** More than any time budget allows. */
const PLANS_MAX = 1_000_000;
const SEEDS = 1_000_000;
const EFFECTS_MORE = 6;
