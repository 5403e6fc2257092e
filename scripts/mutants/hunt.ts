import { seededRandom } from '../../src/base/random.ts';
import type { Mutant } from '../../test/mutants/mutant.ts';
import { MutantProcess } from '../../test/mutants/mutant-process.ts';
import type { Ran } from '../../test/mutants/mutant-process.ts';
import { FAULTS, pointlessAt } from '../../test/support/simulation/plan.ts';
import type { EffectKind, Plan } from '../../test/support/simulation/plan.ts';
import type { MutantsOptions } from './options.ts';
import type { MutantResult } from './report.ts';

/** What a hunt came to, and every plan that it ran. */
export interface Hunt {
  readonly result: MutantResult;
  readonly plans: readonly Plan[];
}

type Limits = Pick<MutantsOptions, 'seconds' | 'plansMax' | 'catchesEnough' | 'seed' | 'plan'>;

/**
 * Runs one mutant until enough plans have caught it: each of its scenarios without faults, then every fault at every effect, then
 * pairs. The expected promises count; a mutant that only breaks others is hunted on. Runs of which less is promised are left out.
 */
export async function hunt(mutant: Mutant, limits: Limits): Promise<Hunt> {
  const runner = new MutantProcess(mutant.name);
  const endsAt = performance.now() + limits.seconds * 1_000;
  const plans: Plan[] = [];
  const caught: { readonly plan: Plan; readonly ran: Ran }[] = [];
  const run = async (plan: Plan): Promise<Ran> => {
    const ran = await runner.run(plan);
    if (ran.isBeyond) return ran;
    plans.push(plan);
    if (ran.violations.length > 0) caught.push({ plan, ran });
    return ran;
  };
  const isEnough = (): boolean =>
    caught.filter(({ ran }) => breaksExpected(mutant, ran)).length >= limits.catchesEnough ||
    plans.length >= limits.plansMax ||
    performance.now() > endsAt;
  try {
    if (limits.plan !== undefined) await run(limits.plan);
    else await runAll(mutant, limits.seed, run, isEnough);
  } finally {
    runner.end();
  }
  return { result: resultOf(mutant, plans.length, caught), plans };
}

async function runAll(
  { scenarios }: Mutant,
  seed: number,
  run: (plan: Plan) => Promise<Ran>,
  isEnough: () => boolean,
): Promise<void> {
  const effects = new Map<string, readonly EffectKind[]>();
  for (const scenario of scenarios) effects.set(scenario, (await run({ scenario, seed: 1, faults: [] })).effects);
  for (const plans of [singles(effects), pairs(effects, seed)]) {
    for (const plan of plans) {
      if (isEnough()) return;
      await run(plan);
    }
  }
}

const singles = (effects: ReadonlyMap<string, readonly EffectKind[]>): readonly Plan[] =>
  [...effects].flatMap(([scenario, kinds]) =>
    kinds.flatMap((kind, index) =>
      FAULTS.filter((fault) => pointlessAt(fault, kind) === undefined).map((fault) => ({
        scenario,
        seed: 1,
        faults: [{ at: index + 1, do: fault }],
      })),
    ),
  );

/** More than any limit allows. */
const PAIRS_MAX = 100_000;
/** A fault makes a run longer, so the second one may strike later than a run without faults has any effect. */
const EFFECTS_MORE = 6;

function* pairs(effects: ReadonlyMap<string, readonly EffectKind[]>, seed: number): Generator<Plan> {
  const random = seededRandom(seed);
  const below = (count: number): number => Math.floor(random.next() * count);
  const fault = () => FAULTS[below(FAULTS.length)] ?? 'killAfter';
  const scenarios = [...effects];
  for (let drawn = 0; drawn < PAIRS_MAX; drawn += 1) {
    const [scenario, { length: count }] = scenarios[below(scenarios.length)] ?? ['deliver', []];
    const first = 1 + below(count);
    const second = first + 1 + below(count - first + EFFECTS_MORE);
    yield {
      scenario,
      seed: 1 + below(1_000_000),
      faults: [
        { at: first, do: fault() },
        { at: second, do: fault() },
      ],
    };
  }
}

const invariantsOf = ({ violations }: Ran): ReadonlySet<string> =>
  new Set(violations.map((violation) => violation.slice(0, 2)));

const breaksExpected = ({ expected }: Mutant, ran: Ran): boolean =>
  expected.some((invariant) => invariantsOf(ran).has(invariant));

function resultOf(
  mutant: Mutant,
  plans: number,
  caught: readonly { readonly plan: Plan; readonly ran: Ran }[],
): MutantResult {
  const { name, breaks, expected } = mutant;
  const counts = new Map<string, number>();
  for (const { ran } of caught)
    for (const invariant of invariantsOf(ran)) counts.set(invariant, (counts.get(invariant) ?? 0) + 1);
  const first = caught.find(({ ran }) => breaksExpected(mutant, ran));
  return {
    name,
    breaks,
    expected,
    plans,
    catches: caught.length,
    caughtBy: [...counts]
      .map(([invariant, times]) => ({ invariant, plans: times }))
      .toSorted((left, right) => right.plans - left.plans || left.invariant.localeCompare(right.invariant)),
    firstCatch:
      first === undefined
        ? undefined
        : {
            plan: first.plan,
            violation: first.ran.violations.find((text) => expected.some((known) => text.startsWith(known))) ?? '',
            replay: `npm run sweep:mutants -- --mutant ${name} --plan '${JSON.stringify(first.plan)}'`,
          },
  };
}
