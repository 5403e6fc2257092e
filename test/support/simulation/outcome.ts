import { sha256Hex } from '../../../src/base/hash.ts';
import type { Coverage } from './coverage.ts';
import { coverageOf, mergeAll } from './coverage.ts';
import type { FaultName, Plan } from './plan.ts';
import type { Places } from './plan-space.ts';
import type { RunResult } from './run.ts';
import { run } from './run.ts';
import { scenarioOf } from './scenarios.ts';

/** What a run came to, without the run itself: small enough to be kept for each of a hundred thousand. */
export interface Outcome {
  readonly violations: readonly string[];
  readonly ending: RunResult['ending'];
  /** Same course of events, same text. */
  readonly course: string;
  /** Where a fault could have struck. */
  readonly places: Places;
  /** Planned faults that did not strike. */
  readonly missed: readonly FaultName[];
  readonly coverage: Coverage;
}

/** Runs one plan. What the run throws counts as a violation: no run may end so. */
export async function outcomeOf(plan: Plan): Promise<Outcome> {
  try {
    return summaryOf(plan, await run(plan, scenarioOf(plan.scenario)));
  } catch (error) {
    const violations = [`L1 the run itself threw: ${error instanceof Error ? error.stack : String(error)}`];
    return { violations, ending: 'within', course: '', places: [], missed: [], coverage: mergeAll([]) };
  }
}

function summaryOf(plan: Plan, result: RunResult): Outcome {
  const { violations, ending, simulation } = result;
  const { seen } = simulation.effects;
  return {
    violations,
    ending,
    course: courseOf(result),
    places: seen.filter(({ mayFail }) => mayFail).map(({ kind }) => kind),
    coverage: coverageOf(simulation),
    missed: plan.faults.filter((fault) => seen[fault.at - 1]?.fault !== fault.do).map((fault) => fault.do),
  };
}

/** What changed when, in the cluster and at the vendor. */
function courseOf({ simulation: { api, world } }: RunResult): string {
  const cluster = api.history.map(({ at, by, verb, key }) => `${at} ${by} ${verb} ${key}`);
  const vendor = world.history.map(({ at, kind, seq }) => `${at} ${kind} ${seq}`);
  return sha256Hex([...cluster, ...vendor].join('\n')).slice(0, 16);
}
