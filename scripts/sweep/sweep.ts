import { seededRandom } from '../../src/base/random.ts';
import type { Outcome } from '../../test/support/simulation/outcome.ts';
import type { Plan } from '../../test/support/simulation/plan.ts';
import type { FirstFault } from '../../test/support/simulation/plan-space.ts';
import { draw, faultsAt, PairSpace, pointless } from '../../test/support/simulation/plan-space.ts';
import { scenarioOf } from '../../test/support/simulation/scenarios.ts';
import type { Pool } from './pool.ts';
import { shares } from './shares.ts';
import { add, Tally } from './tally.ts';

export interface SweepRequest {
  readonly scenarios: readonly string[];
  readonly seed: number;
  readonly pool: Pool;
  readonly isOver: () => boolean;
  /** Called as soon as a run broke something; the report follows at the end. */
  readonly onBroken: (plan: Plan, violations: readonly string[]) => void;
  readonly onProgress: (phase: string, done: number, of: number, tally: Tally) => void;
}

/** How many plans a sweep without an end runs, when there are so many. */
const PLANS_MAX = 112_000;
/** Runs of long scenarios cost several times as much, and their effects are much alike. */
const SINGLES_MAX_OF_LONG = 800;
const PAIRS_MAX_OF_LONG = 800;

/**
 * Runs every scenario without faults, then with every fault at every effect, then with pairs of faults, drawn by the seed
 * where there are too many. The second fault of a pair strikes at an effect of the run that has the first.
 */
export async function sweep(request: SweepRequest): Promise<Tally> {
  const tally = new Tally();
  const clean = await runClean(request, tally);
  const firsts = await runSingles(request, tally, clean);
  await runPairs(request, tally, firsts);
  return tally;
}

/** @returns by scenario: the outcome without faults */
async function runClean(request: SweepRequest, tally: Tally): Promise<ReadonlyMap<string, Outcome>> {
  const { scenarios, seed } = request;
  const outcomes = new Map<string, Outcome>();
  const plans = scenarios.map((scenario) => ({ scenario, seed, faults: [] }));
  await runAll(request, 'without faults', tally, plans, ({ scenario }, outcome) => outcomes.set(scenario, outcome));
  return outcomes;
}

/** @returns by scenario: each fault that was run, and where a second one can strike */
async function runSingles(
  request: SweepRequest,
  tally: Tally,
  clean: ReadonlyMap<string, Outcome>,
): Promise<ReadonlyMap<string, readonly FirstFault[]>> {
  const { scenarios, seed } = request;
  const plans: Plan[] = [];
  const firsts = new Map<string, (FirstFault | undefined)[]>();
  for (const name of scenarios) {
    const places = clean.get(name)?.places ?? [];
    const faults = faultsAt(places);
    const scenario = tally.scenario(name);
    scenario.effects = places.length;
    scenario.inAll.singles = faults.length + 1;
    countPruned(tally, pointless(places));
    const most = scenarioOf(name).isLong === true ? SINGLES_MAX_OF_LONG : faults.length;
    for (const number of draw(seededRandom(seed), faults.length, most).toSorted((left, right) => left - right)) {
      const fault = faults[number];
      if (fault !== undefined) plans.push({ scenario: name, seed, faults: [fault] });
    }
    firsts.set(name, []);
  }
  await runAll(request, 'one fault', tally, plans, ({ scenario, faults: [fault] }, { places }, index) => {
    const known = firsts.get(scenario);
    if (known !== undefined && fault !== undefined) known[index] = { fault, places };
  });
  return new Map([...firsts].map(([name, known]) => [name, known.filter((first) => first !== undefined)]));
}

async function runPairs(
  request: SweepRequest,
  tally: Tally,
  firsts: ReadonlyMap<string, readonly FirstFault[]>,
): Promise<void> {
  const { seed } = request;
  const random = seededRandom(seed);
  const spaces = [...firsts].map(([name, known]) => ({ name, space: new PairSpace(name, seed, known) }));
  for (const [name, known] of firsts) {
    for (const { fault, places } of known) countPruned(tally, pointless(places, fault.at));
    tally.scenario(name).inAll.pairs = spaces.find((each) => each.name === name)?.space.size ?? 0;
  }
  const most = spaces.map(({ name, space }) =>
    scenarioOf(name).isLong === true ? Math.min(PAIRS_MAX_OF_LONG, space.size) : space.size,
  );
  const counts = shares(PLANS_MAX - tally.drawn, most);
  const plans = spaces.flatMap(({ space }, at) =>
    draw(random, space.size, counts[at] ?? 0).map((number) => space.plan(number)),
  );
  // Mixed, so that a sweep that is ended early has seen something of everything.
  const mixed = draw(random, plans.length, plans.length).flatMap((number) => plans[number] ?? []);
  await runAll(request, 'two faults', tally, mixed, () => undefined);
}

async function runAll(
  { pool, isOver, onBroken, onProgress }: SweepRequest,
  phase: string,
  tally: Tally,
  plans: readonly Plan[],
  onOutcome: (plan: Plan, outcome: Outcome, index: number) => void,
): Promise<void> {
  tally.drawn += plans.length;
  let done = 0;
  await pool.run(plans, isOver, (index, outcome, ms) => {
    const plan = plans[index];
    if (plan === undefined) return;
    tally.take(plan, outcome, ms);
    if (outcome.violations.length > 0) onBroken(plan, outcome.violations);
    onOutcome(plan, outcome, index);
    done += 1;
    onProgress(phase, done, plans.length, tally);
  });
}

function countPruned(tally: Tally, counts: Readonly<Record<string, number>>): void {
  for (const [reason, count] of Object.entries(counts)) add(tally.pruned, reason, count);
}
