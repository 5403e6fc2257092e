import path from 'node:path';
import { parseArgs } from 'node:util';

export interface SoakOptions {
  /** Length of the storm. */
  readonly minutes: number;
  readonly objects: number;
  readonly seed: number;
  /** File for the result as JSON. */
  readonly out: string | undefined;
  /** The operator's program, to be started by Node. */
  readonly operator: string;
  /** Folder that keeps logs and data; undefined: one that goes at the end. */
  readonly dir: string | undefined;
}

export type ReadOptions =
  | { readonly kind: 'run'; readonly options: SoakOptions }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'wrong'; readonly message: string };

/** The operator as it lies in the checkout. */
export const OPERATOR_SOURCE = path.join(import.meta.dirname, '../../src/main.ts');

const MINUTES_MAX = 10_080;
const OBJECTS_MAX = 10_000;
const SEED_MAX = 4_294_967_295;

export function readSoakOptions(argv: readonly string[]): ReadOptions {
  try {
    const { values } = parse(argv);
    if (values.help === true) return { kind: 'help', text: HELP };
    const minutes = values.minutes === undefined ? undefined : number('minutes', values.minutes, 0.1, MINUTES_MAX);
    if (minutes === undefined) throw new TypeError('say how long it shall last: --minutes 30');
    return {
      kind: 'run',
      options: {
        minutes,
        objects: whole('objects', values.objects, 1, OBJECTS_MAX),
        seed: whole('seed', values.seed, 0, SEED_MAX),
        out: values.out,
        operator: values.operator === undefined ? OPERATOR_SOURCE : path.resolve(values.operator),
        dir: values.dir,
      },
    };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { kind: 'wrong', message: `${error.message}\nnpm run soak -- --help lists the options.` };
  }
}

const parse = (argv: readonly string[]) =>
  parseArgs({
    args: [...argv],
    options: {
      minutes: { type: 'string' },
      objects: { type: 'string', default: '500' },
      seed: { type: 'string', default: '1' },
      out: { type: 'string' },
      operator: { type: 'string' },
      dir: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });

function number(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= least && value <= most) return value;
  throw new TypeError(`--${option} takes numbers from ${least} to ${most}, not "${text}"`);
}

function whole(option: string, text: string, least: number, most: number): number {
  const value = number(option, text, least, most);
  if (Number.isInteger(value)) return value;
  throw new TypeError(`--${option} takes whole numbers, not "${text}"`);
}

const HELP = `Usage: npm run soak -- --minutes <n> [options]

Runs the operator as a process against a real API server and a simulated FlexMetal API, in a storm: users change objects
all the time, and everything breaks now and then. Then the storm ends, everything must come to rest, all objects are
deleted, and what happened is held against what is promised. Nothing is ever ordered for real.

Options:
  --minutes <n>       Length of the storm. What comes after it takes two to fifteen minutes more. Memory is judged from the
                      twelfth minute after the last kill on, so 30 minutes say something of it, and 60 say more.
  --objects <n>       Objects that exist at most times. Default: 500.
  --seed <n>          Of the dice: who does what when, and what breaks. Default: 1.
  --out <file>        Write the result there as JSON.
  --operator <file>   The operator's program for Node, a bundle for example. Default: src/main.ts.
  --dir <folder>      Keep logs and data there. Default: a temporary folder that goes at the end.
  --help              This text.

Exit codes: 0 every promise was kept, 1 one was broken or the soak failed, 2 wrong options.`;
