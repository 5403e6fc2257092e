import type { Plan } from './plan.ts';
import type { EffectSeen } from './effects.ts';
import { FAULTS, pointlessAt, replayCommand } from './plan.ts';
import { run } from './run.ts';
import { scenarioOf } from './scenarios.ts';

/** What a number of runs came to. */
export interface Tally {
  readonly plans: number;
  /** Each with its plan and the command that replays it. */
  readonly violations: readonly string[];
}

/** The outside effects of a clean run of the scenario: so many places there are for a fault. */
export async function effectsOf(scenario: string, seed: number): Promise<readonly EffectSeen[]> {
  const { simulation } = await run({ scenario, seed, faults: [] }, scenarioOf(scenario));
  return simulation.effects.seen;
}

/**
 * Every effect × every fault of a scenario, the run without faults first. `thinned`: one fault for each effect, another
 * one for the next, since the effects of long scenarios are much alike.
 */
export async function singlePlans(scenario: string, seed: number, thinned: boolean): Promise<readonly Plan[]> {
  const effects = await effectsOf(scenario, seed);
  const faults = effects.flatMap(({ ordinal, kind }) => {
    const sensible = FAULTS.filter((fault) => pointlessAt(fault, kind) === undefined);
    return sensible
      .filter((_, index) => !thinned || index === ordinal % sensible.length)
      .map((fault) => ({ at: ordinal, do: fault }));
  });
  return [{ scenario, seed, faults: [] }, ...faults.map((fault) => ({ scenario, seed, faults: [fault] }))];
}

/** Runs one plan and says what it broke, so that somebody can replay it. */
export async function violationsOf(plan: Plan): Promise<readonly string[]> {
  const { violations } = await run(plan, scenarioOf(plan.scenario));
  return violations.map((violation) => `${violation}\n  ${replayCommand(plan)}`);
}

export async function sweep(plans: readonly Plan[]): Promise<Tally> {
  const violations: string[] = [];
  for (const plan of plans) violations.push(...(await violationsOf(plan)));
  return { plans: plans.length, violations };
}
