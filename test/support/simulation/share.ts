import type { Random } from '../../../src/base/random.ts';
import { seededRandom } from '../../../src/base/random.ts';
import type { Outcome } from './outcome.ts';
import { outcomeOf } from './outcome.ts';
import type { Plan } from './plan.ts';
import { replayCommand } from './plan.ts';
import { faultsAt } from './plan-space.ts';
import { SCENARIOS } from './scenarios.ts';

/** What a number of runs came to. */
export interface Share {
  readonly plans: number;
  /** Each with the command that replays its plan. */
  readonly violations: readonly string[];
}

export interface SinglesShare extends Share {
  /** Of the run without faults: none where the object goes before anybody looks at it. */
  readonly effects: number;
}

/**
 * A share of every effect × every fault of a scenario, and the run without faults. Effects next to each other get different
 * faults, so each fault meets each kind of effect.
 * @param one of so many plans is run, another one with another seed; the seed of the runs is 1
 */
export async function sweepSingles(scenario: string, seed: number, one: number): Promise<SinglesShare> {
  const clean: Plan = { scenario, seed: 1, faults: [] };
  const { places, violations } = await outcomeOf(clean);
  const broken = [...blamed(clean, violations)];
  const faults = faultsAt(places).filter((_, index) => (index + seed) % one === 0);
  for (const fault of faults) {
    const plan = { ...clean, faults: [fault] };
    broken.push(...blamed(plan, (await outcomeOf(plan)).violations));
  }
  return { plans: faults.length + 1, effects: places.length, violations: broken };
}

/** Pairs of faults by chance: scenario, seed of the run, first fault, and some second ones in the run that it makes. */
export async function sweepPairs(seed: number, isOver: () => boolean): Promise<Share> {
  const random = seededRandom(seed);
  const violations: string[] = [];
  let plans = 0;
  const tried = async (plan: Plan): Promise<Outcome> => {
    const outcome = await outcomeOf(plan);
    plans += 1;
    violations.push(...blamed(plan, outcome.violations));
    return outcome;
  };
  while (!isOver()) {
    const scenario = oneOf(random, Object.keys(SCENARIOS)) ?? 'deliver';
    const runSeed = 1 + Math.floor(random.next() * SEEDS);
    const clean = await tried({ scenario, seed: runSeed, faults: [] });
    const first = oneOf(random, faultsAt(clean.places));
    if (first === undefined) continue;
    const single = await tried({ scenario, seed: runSeed, faults: [first] });
    for (let drawn = 0; drawn < SECONDS_OF_EACH && !isOver(); drawn += 1) {
      const second = oneOf(random, faultsAt(single.places, first.at));
      if (second !== undefined) await tried({ scenario, seed: runSeed, faults: [first, second] });
    }
  }
  return { plans, violations };
}

const SEEDS = 1_000_000;
const SECONDS_OF_EACH = 6;

const oneOf = <T>(random: Random, values: readonly T[]): T | undefined =>
  values[Math.floor(random.next() * values.length)];

const blamed = (plan: Plan, violations: readonly string[]): readonly string[] =>
  violations.map((violation) => `${violation}\n  ${replayCommand(plan)}`);
