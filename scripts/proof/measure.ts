import { elapsed, formatInstant, millis } from '../../src/base/time.ts';
import { systemClock } from '../../src/runtime/system-clock.ts';
import { doublesAt } from '../../test/support/models/lag.ts';
import { lifeOfModel, lifeOfOperator } from '../../test/support/models/life.ts';
import { lookByTag } from '../../test/support/models/look-by-tag.ts';
import { measure } from '../../test/support/models/matrix.ts';
import { MODELS } from '../../test/support/models/models.ts';
import { ORDER_TIMEOUT, SETTLE_WINDOW } from '../../test/support/simulation/lateness.ts';
import { commitOf } from './commit.ts';
import type { LagResult, ModelsResult } from './own-results.ts';

/** A life of the operator takes as long to compute as fifty of a model; the sweep has all its pairs. */
const OPERATORS_PAIRS_THINNED = 10;

/** Every protocol under every fault at every effect, and under pairs. */
export async function measureModels(told: (line: string) => void): Promise<ModelsResult> {
  const startedAt = systemClock.monotonic();
  const protocols: ModelsResult['protocols'][number][] = [];
  for (const model of MODELS) {
    const { name, steps, source } = model;
    const measured = await measure(lifeOfModel(model));
    protocols.push({ name, steps, source, pairsThinned: 1, ...measured });
    told(`${name}: ${JSON.stringify(measured.single)}, pairs ${JSON.stringify(measured.pairs)}`);
  }
  const ours = await measure(lifeOfOperator, OPERATORS_PAIRS_THINNED);
  told(`${OURS.name}: ${JSON.stringify(ours.single)}, pairs ${JSON.stringify(ours.pairs)}`);
  protocols.push({ ...OURS, pairsThinned: OPERATORS_PAIRS_THINNED, ...ours });
  return { ...when(startedAt), protocols };
}

const OURS = {
  name: 'this operator',
  steps:
    'look first; intent into annotation and status; fence; POST with tags; outcome into both. Unclear: presence at once, absence after a window and two lists',
  source: 'the program itself, in the simulation',
} as const;

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];
const WINDOW = millis(ORDER_TIMEOUT + SETTLE_WINDOW);
const RATIO_MOST = 2;
const STEPS = 20;

/** How often two servers lived at once when an order's answer was lost, against how late lists show its server. */
export async function measureLag(told: (line: string) => void): Promise<LagResult> {
  const startedAt = systemClock.monotonic();
  const points: LagResult['points'][number][] = [];
  for (let step = 0; step <= STEPS; step += 1) {
    const ratio = (step * RATIO_MOST) / STEPS;
    const delay = millis(Math.round(ratio * WINDOW));
    const operator = await doublesAt(lifeOfOperator, delay, SEEDS);
    const withoutWindow = await doublesAt(lifeOfModel(lookByTag), delay, SEEDS);
    points.push({ ratio, delaySeconds: delay / 1_000, operator, withoutWindow });
    told(`lag ${ratio.toFixed(1)}: ${operator.doubles} of ${operator.runs}, without a window ${withoutWindow.doubles}`);
  }
  return { ...when(startedAt), windowSeconds: WINDOW / 1_000, points };
}

const when = (startedAt: ReturnType<typeof systemClock.monotonic>) => ({
  date: formatInstant(systemClock.now()),
  commit: commitOf(),
  seconds: Math.round(elapsed(startedAt, systemClock.monotonic()) / 1_000),
});
