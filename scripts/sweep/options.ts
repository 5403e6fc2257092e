import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { SCENARIOS } from '../../test/support/simulation/scenarios.ts';

export interface SweepOptions {
  readonly full: boolean;
  /** Wall time after which nothing more is begun; undefined: no end. */
  readonly seconds: number | undefined;
  /** undefined: all. */
  readonly scenario: string | undefined;
  readonly seed: number;
  readonly workers: number;
  /** File for the JSON; undefined: none is written. */
  readonly out: string | undefined;
}

export type ReadOptions =
  | { readonly kind: 'run'; readonly options: SweepOptions }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'wrong'; readonly message: string };

export function readSweepOptions(argv: readonly string[]): ReadOptions {
  try {
    const { values } = parse(argv);
    if (values.help === true) return { kind: 'help', text: HELP };
    const full = values.full === true;
    const seconds = values.seconds ?? (full ? undefined : SECONDS);
    return {
      kind: 'run',
      options: {
        full,
        seconds: seconds === undefined ? undefined : count('seconds', seconds),
        scenario: values.scenario === undefined ? undefined : scenarioName(values.scenario),
        seed: count('seed', values.seed),
        workers: count('workers', values.workers),
        out: values.out,
      },
    };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { kind: 'wrong', message: `${error.message}\nnpm run sweep -- --help lists the options.` };
  }
}

const SECONDS = '300';

const parse = (argv: readonly string[]) =>
  parseArgs({
    args: [...argv],
    options: {
      full: { type: 'boolean' },
      seconds: { type: 'string' },
      scenario: { type: 'string' },
      seed: { type: 'string', default: '1' },
      workers: { type: 'string', default: String(availableParallelism()) },
      out: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });

function count(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new TypeError(`--${option} must be a whole number from 1 on`);
  return value;
}

function scenarioName(text: string): string {
  if (Object.hasOwn(SCENARIOS, text)) return text;
  throw new TypeError(`there is no scenario "${text}"; there are: ${Object.keys(SCENARIOS).join(', ')}`);
}

const HELP = `npm run sweep -- [options]

Runs the operator in virtual time with every fault at every outside effect, then with pairs of faults, and checks all promises
of docs/spec.md after each run.

  --full              at least 100,000 plans; every rule, reason and blocked state must be reached
  --seconds N         begin nothing more after N seconds; ${SECONDS} when --full is not given
  --scenario NAME     only this one
  --seed N            which pairs are drawn, and the seed of every run (1)
  --workers N         processes (one for each core)
  --out FILE          write the result as JSON

The plans do not depend on the number of workers.`;
