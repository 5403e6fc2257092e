import { parseArgs } from 'node:util';
import { mutantOf, MUTANTS } from '../../test/mutants/mutants.ts';
import type { Mutant } from '../../test/mutants/mutant.ts';
import { Plan } from '../../test/support/simulation/plan.ts';

export interface MutantsOptions {
  readonly mutants: readonly Mutant[];
  /** Only this plan. */
  readonly plan: Plan | undefined;
  /** For each mutant, at most. */
  readonly seconds: number;
  readonly plansMax: number;
  readonly catchesEnough: number;
  readonly workers: number;
  /** Of the plans with two faults. */
  readonly seed: number;
  /** File for the JSON. */
  readonly out: string | undefined;
}

export type ReadOptions =
  | { readonly kind: 'run'; readonly options: MutantsOptions }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'wrong'; readonly message: string };

export function readMutantsOptions(argv: readonly string[]): ReadOptions {
  try {
    const { values } = parse(argv);
    if (values.help === true) return { kind: 'help', text: HELP };
    return {
      kind: 'run',
      options: {
        mutants: values.mutant === undefined ? MUTANTS : values.mutant.split(',').map((name) => mutantOf(name.trim())),
        plan: values.plan === undefined ? undefined : planOf(values.plan),
        seconds: count('seconds', values.seconds),
        plansMax: count('plans', values.plans),
        catchesEnough: count('catches', values.catches),
        workers: count('workers', values.workers),
        seed: count('seed', values.seed),
        out: values.out,
      },
    };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { kind: 'wrong', message: `${error.message}\nnpm run sweep:mutants -- --help lists the options.` };
  }
}

const parse = (argv: readonly string[]) =>
  parseArgs({
    args: [...argv],
    options: {
      mutant: { type: 'string' },
      plan: { type: 'string' },
      seconds: { type: 'string', default: '120' },
      plans: { type: 'string', default: '400' },
      catches: { type: 'string', default: '10' },
      workers: { type: 'string', default: '2' },
      seed: { type: 'string', default: '1' },
      out: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });

function planOf(text: string): Plan {
  try {
    return Plan.parse(JSON.parse(text));
  } catch (error) {
    throw new TypeError(`--plan takes a plan as JSON, not ${text}`, { cause: error });
  }
}

const COUNT_MAX = 1_000_000;

function count(option: string, text: string): number {
  const value = Number(text);
  if (text !== '' && Number.isInteger(value) && value >= 1 && value <= COUNT_MAX) return value;
  throw new TypeError(`--${option} takes whole numbers from 1 to ${COUNT_MAX}, not "${text}"`);
}

const HELP = `Usage: npm run sweep:mutants -- [options]

Breaks the operator on purpose, one mistake at a time, and runs each broken operator in the simulation until its checks
have noticed. Then the operator as it is runs the same plans, and must keep all promises. Ends with 1 when a mutant
survives or the operator fails.

Options:
  --mutant <names>   Only these, separated by commas. Default: all of test/mutants.
  --plan <json>      Only this plan, such as {"scenario":"deliver","seed":1,"faults":[{"at":3,"do":"killAfter"}]}.
  --seconds <n>      For each mutant, at most. Default: 120.
  --plans <n>        For each mutant, at most. Default: 400.
  --catches <n>      So many plans that catch a mutant are enough. Default: 10.
  --workers <n>      Mutants at a time. Default: 2.
  --seed <n>         Other plans with two faults. Default: 1.
  --out <file>       Write the result as JSON there.
  --help             This text.`;
