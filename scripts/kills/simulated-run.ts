import { minutes } from '../../src/base/time.ts';
import { API_VERSION } from '../../src/resources/names.ts';
import { effectNameIn } from '../../test/cluster/support/fail-points/effect-name.ts';
import type { EffectPlace, EffectSeen, FailPoint } from '../../test/cluster/support/fail-points/fail-points.ts';
import type { PlannedFault } from '../../test/support/simulation/plan.ts';
import { run } from '../../test/support/simulation/run.ts';
import type { Simulation } from '../../test/support/simulation/simulation.ts';
import type { Hands, Pace, ScenarioName } from './scenarios.ts';
import { KILL_SCENARIOS, SPEC, vendorConfig } from './scenarios.ts';
import type { EndState } from './view.ts';
import { endStateOf, viewOf } from './view.ts';

export interface SimulatedRun {
  /** In their order. */
  readonly effects: readonly EffectSeen[];
  readonly end: EndState;
  readonly violations: readonly string[];
}

const AS_IT_IS: Pace = (length) => `${Math.round(length)}ms`;

/**
 * Plays one scenario in virtual time.
 * @param point undefined: nothing goes wrong
 * @returns undefined when the run without faults has no such effect
 */
export async function simulatedRun(
  scenario: ScenarioName,
  seed: number,
  point: FailPoint | undefined,
): Promise<SimulatedRun | undefined> {
  if (point === undefined) return play(scenario, seed, []);
  const { effects } = await play(scenario, seed, []);
  const at = ordinalOf(effects, point);
  return at === undefined ? undefined : play(scenario, seed, [{ at, do: point.fault }]);
}

/** The number of this effect among all effects of a run, from 1. */
export function ordinalOf(effects: readonly EffectSeen[], { effect, object, nth }: EffectPlace): number | undefined {
  const ordinals = effects.flatMap((seen, index) =>
    seen.effect === effect && seen.object === object ? [index + 1] : [],
  );
  return ordinals[nth - 1];
}

async function play(scenario: ScenarioName, seed: number, faults: readonly PlannedFault[]): Promise<SimulatedRun> {
  const { faults: vendorFaults, script } = KILL_SCENARIOS[scenario];
  /** How many effects there were when each object was created. */
  const creations: number[] = [];
  const { simulation, violations } = await run(
    { scenario, seed, faults: [...faults] },
    {
      world: { ...vendorConfig(AS_IT_IS), faults: [...vendorFaults(AS_IT_IS)] },
      script: (sim) => script(simulatedHands(sim, creations)),
    },
  );
  return {
    effects: simulation.effects.seen.map(({ label }, index) => ({
      effect: effectNameIn(label),
      object: creations.filter((before) => before <= index).length,
    })),
    end: endStateOf(viewIn(simulation)),
    violations,
  };
}

const WEB = {
  apiVersion: API_VERSION,
  kind: 'FlexMetalServer',
  metadata: { name: 'web-1', namespace: 'default' },
  spec: SPEC,
};

const viewIn = (sim: Simulation) => viewOf(sim.object('web-1'), sim.world.lives(), sim.world.orders());

const simulatedHands = (sim: Simulation, creations: number[]): Hands => ({
  create: async () => {
    creations.push(sim.effects.seen.length);
    sim.user.create(WEB);
  },
  edit: async (patch, part) => void sim.user.edit(WEB, patch, part ?? 'main'),
  delete: async () => sim.user.delete(WEB),
  rest: () => sim.pass(minutes(1)),
  until: async (what, isReached) => {
    await sim.until(what, () => isReached(viewIn(sim)));
    return viewIn(sim);
  },
});
