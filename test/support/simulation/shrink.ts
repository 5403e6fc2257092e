import type { FaultName, Plan } from './plan.ts';

/** A plan is tried by running it; a failing plan of a hundred effects must not keep one waiting for an hour. */
const TRIES_MAX = 400;

/**
 * Makes a failing plan shorter for as long as it still fails: fewer faults, a plainer scenario, the first seed, earlier effects.
 * @param fails whether a plan still breaks the same rule
 * @param scenarios plainest first
 */
export async function shrink(
  plan: Plan,
  scenarios: readonly string[],
  fails: (plan: Plan) => Promise<boolean>,
): Promise<Plan> {
  let shortest = plan;
  let tries = 0;
  for (;;) {
    let shorter: Plan | undefined;
    for (const candidate of shorterThan(shortest, scenarios)) {
      tries += 1;
      if (tries > TRIES_MAX) return shortest;
      if (!(await fails(candidate))) continue;
      shorter = candidate;
      break;
    }
    if (shorter === undefined) return shortest;
    shortest = shorter;
  }
}

/** Plans that are one step shorter, the greatest step first. */
function* shorterThan(plan: Plan, scenarios: readonly string[]): Generator<Plan> {
  const { scenario, seed, faults } = plan;
  for (const index of faults.keys()) yield { ...plan, faults: faults.toSpliced(index, 1) };
  for (const plainer of scenarios.slice(0, Math.max(0, scenarios.indexOf(scenario))))
    yield { ...plan, scenario: plainer };
  if (seed !== 1) yield { ...plan, seed: 1 };
  for (const [index, fault] of faults.entries()) {
    const before = faults[index - 1]?.at ?? 0;
    for (let at = before + 1; at < fault.at; at += 1) yield { ...plan, faults: faults.with(index, { ...fault, at }) };
  }
  for (const [index, fault] of faults.entries()) {
    for (const simpler of SIMPLER[fault.do] ?? [])
      yield { ...plan, faults: faults.with(index, { ...fault, do: simpler }) };
  }
}

/** Faults of the same kind that say less. */
const SIMPLER: Partial<Record<FaultName, readonly FaultName[]>> = {
  delayedToEdge: ['delayed', 'replyLost'],
  delayed: ['replyLost'],
  cutOff: ['handOver'],
  frozen: ['leaseTaken', 'handOver'],
  leaseTaken: ['handOver'],
};
