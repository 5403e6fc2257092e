import type { Millis } from '../../../src/base/time.ts';
import { millis, minutes, seconds } from '../../../src/base/time.ts';
import type { WorldConfig } from '../../../src/simulator/config.ts';
import type { FaultName, Plan } from './plan.ts';

/** As the operator's defaults; the class of runs below rests on them. */
export const ORDER_TIMEOUT = minutes(3);
export const SETTLE_WINDOW = minutes(5);
const SETTLES_AFTER = millis(ORDER_TIMEOUT + SETTLE_WINDOW);

/** How much later than its caller's patience a delayed call is carried out. */
export const DELAYED_BY = seconds(60);
/** Leaves room for the lag of the lists, and little more. */
export const DELAYED_TO_EDGE = millis(SETTLE_WINDOW - seconds(40));
export const DELAYED_PAST_WINDOW = millis(SETTLE_WINDOW + minutes(2));
/** Longer than a lease lasts. */
export const FROZEN_FOR = seconds(60);
export const FROZEN_PAST_WINDOW = millis(SETTLES_AFTER + minutes(2));
/** How young servers are that a lagging list lacks. */
export const LISTS_LAG = minutes(3);

/** How much later than it was sent an order takes effect. */
const ARRIVES_AFTER: Partial<Record<FaultName, Millis>> = {
  delayed: millis(ORDER_TIMEOUT + DELAYED_BY),
  delayedToEdge: millis(ORDER_TIMEOUT + DELAYED_TO_EDGE),
  delayedPastWindow: millis(ORDER_TIMEOUT + DELAYED_PAST_WINDOW),
};
const STANDS_STILL_FOR: Partial<Record<FaultName, Millis>> = {
  frozen: FROZEN_FOR,
  frozenPastWindow: FROZEN_PAST_WINDOW,
};

/**
 * Whether the design promises one server in this run: `within` when an order is committed and listed before it counts as
 * not ordered, whatever the plan's faults strike, else `beyond`.
 * @param world of the scenario: what it does to orders and lists by itself adds up with the faults
 */
export function classOf(plan: Pick<Plan, 'faults'>, world: WorldConfig): 'within' | 'beyond' {
  const names = plan.faults.map((fault) => fault.do);
  const arrives = Math.max(0, ...names.map((name) => ARRIVES_AFTER[name] ?? 0));
  const stands = names.reduce((sum, name) => sum + (STANDS_STILL_FOR[name] ?? 0), 0);
  const lag = Math.max(world.visibility.lag, names.includes('listLag') ? LISTS_LAG : 0);
  return arrives + stands + commitsAfter(world) + lag < SETTLES_AFTER ? 'within' : 'beyond';
}

/** How much later than they arrive the world itself may carry orders out. */
const commitsAfter = ({ faults }: WorldConfig): number =>
  Math.max(0, ...faults.map(({ do: { commit } }) => (typeof commit === 'object' ? commit.after : 0)));
