import type { Random } from '../../src/base/random.ts';
import { seededRandom } from '../../src/base/random.ts';
import type {
  EffectPlace,
  EffectSeen,
  FailPoint,
  RealFault,
} from '../../test/cluster/support/fail-points/fail-points.ts';
import type { ScenarioName } from './scenarios.ts';
import { simulatedRun } from './simulated-run.ts';

/** One run to be made; without a point nothing goes wrong in it. */
export interface Job {
  readonly scenario: ScenarioName;
  readonly point: FailPoint | undefined;
}

/** Every effect of every scenario, as its simulated run has them, × every fault. */
export async function allJobs(
  scenarios: readonly ScenarioName[],
  faults: readonly RealFault[],
  seed: number,
): Promise<readonly Job[]> {
  const jobs: Job[] = [];
  for (const scenario of scenarios) {
    const clean = await simulatedRun(scenario, seed, undefined);
    for (const place of placesOf(clean?.effects ?? []))
      jobs.push(...faults.map((fault) => ({ scenario, point: { ...place, fault } })));
  }
  return jobs;
}

/** Each effect with its place among those of its name and object. */
export function placesOf(effects: readonly EffectSeen[]): readonly EffectPlace[] {
  const seen = new Map<string, number>();
  return effects.map(({ effect, object }) => {
    const key = `${object} ${effect}`;
    const nth = (seen.get(key) ?? 0) + 1;
    seen.set(key, nth);
    return { effect, object, nth };
  });
}

/**
 * So many jobs, in an order drawn from the seed: of fewer than there are, each kind of effect gets its share, and each fault;
 * of more, they are made again and again.
 */
export function draw(jobs: readonly Job[], count: number, seed: number): readonly Job[] {
  if (jobs.length === 0) return [];
  const random = seededRandom(seed);
  const kinds = Map.groupBy(shuffled(jobs, random), ({ point }) => `${point?.effect} ${point?.fault}`);
  const round = interleaved([...kinds.values()]);
  return Array.from({ length: count }, (_, index) => round[index % round.length]).filter((job) => job !== undefined);
}

/** The first of each, then the second of each, and so on. */
function interleaved<T>(lists: readonly (readonly T[])[]): readonly T[] {
  const longest = Math.max(...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, index) => lists.flatMap((list) => list.slice(index, index + 1))).flat();
}

function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  return items
    .map((item) => ({ item, at: random.next() }))
    .sort((left, right) => left.at - right.at)
    .map(({ item }) => item);
}
