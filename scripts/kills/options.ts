import { parseArgs } from 'node:util';
import * as z from 'zod';
import type { RealFault } from '../../test/cluster/support/fail-points/fail-points.ts';
import { REAL_FAULTS } from '../../test/cluster/support/fail-points/fail-points.ts';
import type { Job } from './plan.ts';
import type { ScenarioName } from './scenarios.ts';
import { isScenarioName, SCENARIO_NAMES } from './scenarios.ts';

export interface KillsOptions {
  /** How many runs with a fault; undefined: each effect × fault once. */
  readonly kills: number | undefined;
  readonly seed: number;
  readonly faults: readonly RealFault[];
  readonly scenarios: readonly ScenarioName[];
  readonly lanes: number;
  /** The program, from the working folder. */
  readonly entry: string;
  /** File for the result as JSON. */
  readonly out: string | undefined;
  /** This one run and nothing else. */
  readonly only: Job | undefined;
}

export type ReadOptions =
  | { readonly kind: 'run'; readonly options: KillsOptions }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'wrong'; readonly message: string };

export function readKillsOptions(argv: readonly string[]): ReadOptions {
  try {
    const { values } = parse(argv);
    if (values.help === true) return { kind: 'help', text: HELP };
    return {
      kind: 'run',
      options: {
        kills: values.kills === undefined ? undefined : count('kills', values.kills),
        seed: count('seed', values.seed),
        faults: faultsOf(values.faults),
        scenarios: values.scenarios === undefined ? SCENARIO_NAMES : values.scenarios.split(';').map(scenarioName),
        lanes: count('lanes', values.lanes),
        entry: values.entry,
        out: values.out,
        only: values.point === undefined ? undefined : jobOf(values.point),
      },
    };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { kind: 'wrong', message: `${error.message}\nnpm run kills -- --help lists the options.` };
  }
}

const parse = (argv: readonly string[]) =>
  parseArgs({
    args: [...argv],
    options: {
      kills: { type: 'string' },
      seed: { type: 'string', default: '1' },
      faults: { type: 'string', default: 'killBefore,killAfter' },
      scenarios: { type: 'string' },
      lanes: { type: 'string', default: '6' },
      entry: { type: 'string', default: 'src/main.ts' },
      out: { type: 'string' },
      point: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });

const COUNT_MAX = 100_000;

function count(option: string, text: string): number {
  const value = Number(text);
  if (text !== '' && Number.isInteger(value) && value >= 1 && value <= COUNT_MAX) return value;
  throw new TypeError(`--${option} takes whole numbers from 1 to ${COUNT_MAX}, not "${text}"`);
}

const faultsOf = (text: string): readonly RealFault[] =>
  text === 'all' ? REAL_FAULTS : text.split(',').map(faultName);

function faultName(text: string): RealFault {
  const name = REAL_FAULTS.find((known) => known === text.trim());
  if (name === undefined) throw new TypeError(`there is no fault "${text}"; there are ${REAL_FAULTS.join(', ')}`);
  return name;
}

function scenarioName(text: string): ScenarioName {
  const name = text.trim();
  if (!isScenarioName(name))
    throw new TypeError(`there is no scenario "${text}"; there are: ${SCENARIO_NAMES.join('; ')}`);
  return name;
}

const Point = z.union([
  z.strictObject({
    scenario: z.string(),
    effect: z.string(),
    object: z.int().positive(),
    nth: z.int().positive(),
    fault: z.enum(REAL_FAULTS),
  }),
  z.strictObject({ scenario: z.string() }),
]);

function jobOf(text: string): Job {
  const parsed = Point.safeParse(json(text));
  if (!parsed.success)
    throw new TypeError(
      '--point takes what a failure prints: {"scenario":"…","effect":"…","object":1,"nth":1,"fault":"killAfter"}',
    );
  const { scenario, ...point } = parsed.data;
  return { scenario: scenarioName(scenario), point: 'effect' in point ? point : undefined };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const HELP = `Usage: npm run kills -- [options]

Runs the operator as a process of its own against a real kube-apiserver, etcd and a simulated FlexMetal API, ends it with
SIGKILL right before or right after each call that changes something, lets another process go on, and compares where it
ends with the simulated run of the same scenario and fault. Nothing is ever ordered for real.

Options:
  --kills <n>            So many runs with a fault, spread over all effects. Default: each effect × fault once.
  --seed <n>             Draws order, delivery times and the simulated run. Default: 1.
  --faults <names>       Some of ${REAL_FAULTS.join(', ')};
                         separated by commas, or all. Default: killBefore,killAfter.
  --scenarios <names>    Some of: ${SCENARIO_NAMES.join('; ')};
                         separated by semicolons. Default: all.
  --lanes <n>            Runs at once. Default: 6, for two cores.
  --entry <file>         The program to run. Default: src/main.ts.
  --out <file>           Write the result there as JSON.
  --point <json>         One run only, as a failure prints it.
  --help                 This text.

Exit codes: 0 all is well, 1 something is not, 2 wrong option.`;
