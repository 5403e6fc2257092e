import { minutes } from '../../../src/base/time.ts';
import { SECRET } from './scenarios.ts';
import type { Scenario } from './scenarios.ts';
import type { Ending } from './beyond.ts';
import { checkBeyond, END_OF_RUN } from './beyond.ts';
import { check, mutationsOf } from './checks.ts';
import { classOf } from './lateness.ts';
import type { Plan } from './plan.ts';
import type { SimulationOptions } from './simulation.ts';
import { Simulation } from './simulation.ts';

export interface RunResult {
  readonly simulation: Simulation;
  /** Each a sentence that begins with the number of the rule it breaks. Empty: all is well. */
  readonly violations: readonly string[];
  /** `within`: the run is of the class of which the design promises one server; else how it ended. */
  readonly ending: 'within' | Ending;
}

/** When faults have stopped, everything is in place within this: two settle windows, a delivery, an hour's back-off. */
const SETTLED_WITHIN = minutes(60);
/** Events of one kind are gathered for some minutes before they are written. */
const QUIET_AFTER = minutes(10);
/** Whatever is repeated without need is repeated at least every ten minutes. */
const QUIET_FOR = minutes(12);

/** One whole run of one plan, and what it broke. */
export async function run(
  plan: Plan,
  scenario: Scenario,
  more: Pick<SimulationOptions, 'settings' | 'sabotage'> = {},
): Promise<RunResult> {
  const { world, settings } = scenario;
  const simulation = new Simulation({
    seed: plan.seed,
    faults: plan.faults,
    ...(world === undefined ? {} : { world }),
    ...more,
    settings: { ...settings, ...more.settings },
  });
  simulation.user.create(SECRET);
  simulation.start();
  await simulation.pass(minutes(0.1));
  await play(scenario, simulation);
  simulation.endFaults();
  const endsIn = scenario.endsIn ?? ['Ready'];
  await simulation.until(
    `${END_OF_RUN}: ${endsIn.join(', ')}`,
    () =>
      simulation
        .objects()
        .every((object) => endsIn.includes(simulation.reasonOf(String(Object(object['metadata'])['name'])))),
    SETTLED_WITHIN,
  );
  await simulation.pass(QUIET_AFTER);
  const before = mutationsOf(simulation);
  await simulation.pass(QUIET_FOR);
  const after = mutationsOf(simulation);
  const metrics = await Promise.all(simulation.processes.map(async (process) => (await process.metrics.render()).body));
  const isSpoiled = plan.faults.some((fault) => scenario.spoiledBy?.includes(fault.do) === true);
  const all = check(simulation, { before, after }, metrics);
  const broken = isSpoiled ? all.filter((violation) => !isInVain(violation)) : all;
  simulation.end();
  if (classOf(plan, simulation.world.config) === 'within') return { simulation, violations: broken, ending: 'within' };
  return { simulation, ...checkBeyond(simulation, plan.faults, broken) };
}

/** What the script waited for did not come, or not in the end. */
const isInVain = (violation: string): boolean => violation.startsWith('L1') && violation.includes('in vain');

/** A script that finds nothing where it waited for something may not know how to go on; what it did not do is told as well. */
async function play(scenario: Scenario, simulation: Simulation): Promise<void> {
  try {
    await scenario.script(simulation);
  } catch (error) {
    const why = simulation.mishaps.length > 0 ? 'having waited in vain, ' : '';
    simulation.mishaps.push(`${why}the script ended early: ${String(error)}`);
  }
}
