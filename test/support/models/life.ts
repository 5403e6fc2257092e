import { seededRandom } from '../../../src/base/random.ts';
import { millis, minutes, seconds } from '../../../src/base/time.ts';
import type { WorldConfigInput } from '../../../src/simulator/config.ts';
import { readScenario } from '../../../src/simulator/scenario.ts';
import { World } from '../../../src/simulator/world.ts';
import { ApiServer } from '../api-server/api-server.ts';
import { projectKinds } from '../api-server/crd-kind.ts';
import { ClusterUser } from '../api-server/user.ts';
import { CANARIES } from '../simulation/canaries.ts';
import { EffectLog } from '../simulation/effects.ts';
import type { EffectSeen } from '../simulation/effects.ts';
import { FLEXMETALSERVERS } from '../simulation/faulty-kube.ts';
import { WholeMillisClock } from '../simulation/mortal-clock.ts';
import type { PlannedFault } from '../simulation/plan.ts';
import { aServer, SECRET } from '../simulation/scenarios.ts';
import { Simulation } from '../simulation/simulation.ts';
import { VIRTUAL_START } from '../virtual-clock.ts';
import { managedObject } from './calls.ts';
import type { Model, Verdict } from './model.ts';
import type { Outcome } from './outcome.ts';
import { outcomeOf } from './outcome.ts';
import { ModelProcess } from './process.ts';

/** When the user deletes the object: some time after it was delivered, or at the very moment at which its order leaves. */
export const DELETIONS = ['whenDelivered', 'whileOrdering'] as const;
export type Deletion = (typeof DELETIONS)[number];

/** One object from its creation to its deletion under one plan. */
export interface LifePlan {
  readonly deletion: Deletion;
  readonly seed: number;
  readonly faults: readonly PlannedFault[];
  /** What differs from the world of the simulation. */
  readonly world?: WorldConfigInput;
}

export interface LifeResult {
  readonly outcome: Outcome;
  /** The run's outside effects, each of which a fault could have struck. */
  readonly effects: readonly EffectSeen[];
}

/** Runs one life. Same plan, same result. */
export type Protocol = (plan: LifePlan) => Promise<LifeResult>;

const WEB = aServer('web-1');
const KINDS = projectKinds();

/** Settle windows, a delivery and a restart: whoever is not ready by then waits for somebody. */
const READY_WITHIN = minutes(60);
const GONE_WITHIN = minutes(60);
/** What was sent late has arrived by then, and was seen. */
const AFTERMATH = minutes(15);

/** A life under a model: one process, restarted when it dies. */
export const lifeOfModel =
  (model: Model): Protocol =>
  async ({ deletion, seed, faults, world: differing }) => {
    const clock = new WholeMillisClock();
    const latency = { request: millis(1), reply: millis(1), watch: millis(1) };
    const api = new ApiServer({ clock, random: seededRandom(seed * 7 + 2), kinds: KINDS, latency });
    const world = World.start(readScenario({ seed, ...WORLD, ...differing }), VIRTUAL_START);
    const user = new ClusterUser(api);
    const effects = new EffectLog(faults);
    let verdict: Verdict = 'again';
    let started = 0;
    const start = (): void => {
      started += 1;
      new ModelProcess({
        name: `model-${started}`,
        model,
        clock,
        api,
        world,
        effects,
        touch: () => user.annotate(WEB, { 'example.com/touched-at': String(clock.now()) }),
        onVerdict: (given) => void (verdict = given),
        onDeath: () => clock.setTimer(RESTART_AFTER, start),
      }).start();
    };
    const object = () => api.read(FLEXMETALSERVERS, 'default/web-1');
    const isReady = (): boolean => {
      world.advance(clock.now());
      const web = object();
      const recorded = web === undefined ? undefined : model.recordOf(managedObject(web));
      return world.lives().some(({ uuid, deliveredAt }) => uuid === recorded && deliveredAt !== undefined);
    };

    user.create(WEB);
    start();
    if (deletion === 'whenDelivered') {
      await clock.advanceUntil(() => isReady() || verdict === 'person', READY_WITHIN);
      await clock.advance(AFTERMATH);
    } else {
      await clock.advanceUntil(() => isOrdering(effects) || verdict === 'person', READY_WITHIN);
    }
    const wasServed = deletion === 'whileOrdering' || isReady();
    user.delete(WEB);
    await clock.advanceUntil(() => object() === undefined || verdict === 'person', GONE_WITHIN);
    await clock.advance(AFTERMATH);
    world.advance(clock.now());
    return {
      outcome: outcomeOf({ lives: world.lives(), wasServed, isGone: object() === undefined }),
      effects: effects.seen,
    };
  };

/** A life under the operator itself, in the simulation. */
export const lifeOfOperator: Protocol = async ({ deletion, seed, faults, world }) => {
  const simulation = new Simulation({ seed, faults, world: { ...WORLD, ...world } });
  simulation.user.create(SECRET);
  simulation.start();
  await simulation.pass(seconds(6));
  simulation.user.create(WEB);
  if (deletion === 'whenDelivered') {
    await simulation.untilOr(() => simulation.isReady('web-1'), READY_WITHIN);
    await simulation.pass(AFTERMATH);
  } else {
    await simulation.untilOr(() => isOrdering(simulation.effects), READY_WITHIN);
  }
  const wasServed = deletion === 'whileOrdering' || simulation.isReady('web-1');
  simulation.user.delete(WEB);
  await simulation.untilOr(() => simulation.object('web-1') === undefined, GONE_WITHIN);
  await simulation.pass(AFTERMATH);
  const result = {
    outcome: outcomeOf({
      lives: simulation.world.lives(),
      wasServed,
      isGone: simulation.object('web-1') === undefined,
    }),
    effects: simulation.effects.seen,
  };
  simulation.end();
  return result;
};

const isOrdering = ({ seen }: EffectLog): boolean => seen.some(({ kind }) => kind === 'order');

const RESTART_AFTER = seconds(5);

/** The simulation's own: deliveries of minutes, lists that lag. */
const WORLD: WorldConfigInput = {
  tokens: [{ token: CANARIES.token }],
  delivery: { takes: '4m', jitter: 0.3 },
  release: { takes: '20s', jitter: 0.3 },
  visibility: { lag: '20s' },
};
