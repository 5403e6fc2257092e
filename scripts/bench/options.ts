import { parseArgs } from 'node:util';

export const BENCHES = ['decisions', 'calls', 'start', 'latency', 'burst', 'idle', 'memory'] as const;
export type BenchName = (typeof BENCHES)[number];

export interface BenchOptions {
  readonly only: readonly BenchName[];
  /** Objects applied at once, and Ready objects of an idle operator. */
  readonly objects: number;
  /** Objects of the memory bench, besides none. */
  readonly memoryObjects: readonly number[];
  readonly idleSeconds: number;
  /** Objects applied one at a time. */
  readonly latencyObjects: number;
  /** File for the JSON; undefined: the JSON goes to standard output behind the table. */
  readonly json: string | undefined;
  /** File for the table as a page. */
  readonly markdown: string | undefined;
}

export type ReadOptions =
  | { readonly kind: 'run'; readonly options: BenchOptions }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'wrong'; readonly message: string };

export function readBenchOptions(argv: readonly string[]): ReadOptions {
  try {
    const { values } = parse(argv);
    if (values.help === true) return { kind: 'help', text: HELP };
    return {
      kind: 'run',
      options: {
        only: values.only === undefined ? BENCHES : list(values.only).map(benchName),
        objects: count('objects', values.objects),
        memoryObjects: list(values['memory-objects']).map((text) => count('memory-objects', text)),
        idleSeconds: count('idle-seconds', values['idle-seconds']),
        latencyObjects: count('latency-objects', values['latency-objects']),
        json: values.json,
        markdown: values.markdown,
      },
    };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { kind: 'wrong', message: `${error.message}\nnpm run bench -- --help lists the options.` };
  }
}

const parse = (argv: readonly string[]) =>
  parseArgs({
    args: [...argv],
    options: {
      only: { type: 'string' },
      objects: { type: 'string', default: '1000' },
      'memory-objects': { type: 'string', default: '1000,10000' },
      'idle-seconds': { type: 'string', default: '60' },
      'latency-objects': { type: 'string', default: '200' },
      json: { type: 'string' },
      markdown: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });

const list = (text: string): readonly string[] => text.split(',').map((part) => part.trim());

function benchName(text: string): BenchName {
  const name = BENCHES.find((known) => known === text);
  if (name === undefined) throw new TypeError(`there is no bench "${text}"; there are ${BENCHES.join(', ')}`);
  return name;
}

const COUNT_MAX = 100_000;

function count(option: string, text: string): number {
  const value = Number(text);
  if (text !== '' && Number.isInteger(value) && value >= 1 && value <= COUNT_MAX) return value;
  throw new TypeError(`--${option} takes whole numbers from 1 to ${COUNT_MAX}, not "${text}"`);
}

const HELP = `Usage: npm run bench -- [options]

Measures the operator: pure decisions, virtual time, and the real process with a real API server and a simulated
FlexMetal API on this machine. Takes about eight minutes; nothing is ever ordered for real.

Options:
  --only <names>           Some of ${BENCHES.join(', ')}; separated by commas. Default: all.
  --objects <n>            Objects applied at once (burst), and Ready objects of an idle operator (idle). Default: 1000.
  --memory-objects <n,n>   Objects whose memory is measured, besides none. Default: 1000,10000.
  --idle-seconds <n>       How long the idle operator is watched. Default: 60.
  --latency-objects <n>    Objects applied one at a time. Default: 200.
  --json <file>            Write the JSON there instead of behind the table.
  --markdown <file>        Write the table there as a page, too.
  --help                   This text.`;
