import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { formatInstant } from '../base/time.ts';
import type { WorldConfig } from './config.ts';
import { DEFAULT_TOKEN } from './config.ts';
import type { HostAndPort } from './relay.ts';
import { startRelay } from './relay.ts';
import { parseScenario, ScenarioError } from './scenario.ts';
import { startSimulatorServer } from './server.ts';
import { Simulation } from './simulation.ts';

/** What the command needs of the machine. `stop`: when it fires, the simulator ends gracefully. */
export interface SimulatorIo {
  readonly clock: Clock;
  readonly random: Random;
  /** Lines for programs and people: the address, and the token if it was generated. */
  readonly out: (line: string) => void;
  /** Log lines and complaints. */
  readonly err: (line: string) => void;
  readonly stop: AbortSignal;
}

/**
 * `flexmetal-operator simulator`. Runs until `stop` fires.
 * @param argv what follows the subcommand
 * @returns the exit code: 0 stopped, 1 could not start, 2 wrong usage
 */
export async function simulatorMain(argv: readonly string[], io: SimulatorIo): Promise<number> {
  try {
    const options = readOptions(argv);
    if (options === undefined) {
      io.out(HELP);
      return 0;
    }
    return await (options.relayTo === undefined ? serve(options, io) : relay(options.relayTo, options, io));
  } catch (error) {
    if (!(error instanceof UsageError) && !(error instanceof ScenarioError)) throw error;
    io.err(error.message);
    return 2;
  }
}

const HELP = `Usage: flexmetal-operator simulator [options]

Serves a FlexMetal API that orders nothing: for rehearsals, demos and tests. Everything is held in memory.

Options:
  --port <number>          Port to listen on; 0 takes any free one. Default: 8099.
  --address <address>      Address to listen on. Default: 127.0.0.1.
  --scenario <file>        YAML or JSON: catalogue, stock, quotas, delays, tokens, faults. See examples/simulator/.
  --token-file <file>      File that holds the API token to accept. Default: the scenario's tokens, else a token is
                           generated and printed once.
  --time-scale <number>    Deliveries and releases run so many times faster: 60 makes minutes seconds. Default: the
                           scenario's, else 1.
  --seed <number>          Same seed and same requests at the same times give the same uuids, delays and faults.
                           Default: the scenario's, else 1.
  --admin-from-anywhere    Serve /__sim/ to other machines as well. Without it only to callers on this machine.
  --relay-to <host:port>   Have no world here, but pass every connection on to the simulator at this address.
  --quiet                  Do not log a line for each request.
  --help                   This text.

Point the operator at the printed address with the token in its token file. GET /__sim/ lists what the admin endpoint
can do: look at state, history and calls, add and remove faults, change tokens, stock, the time scale and statuses.

Exit codes: 0 stopped by a signal, 1 could not listen, 2 wrong option or scenario.`;

/** The command line cannot be used; the message says what to change. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

interface Options {
  readonly port: number;
  readonly address: string;
  readonly scenario: string | undefined;
  readonly tokenFile: string | undefined;
  readonly timeScale: number | undefined;
  readonly seed: number | undefined;
  readonly adminFromAnywhere: boolean;
  readonly relayTo: HostAndPort | undefined;
  readonly quiet: boolean;
}

/** @returns undefined when help is asked for */
function readOptions(argv: readonly string[]): Options | undefined {
  const values = parse(argv);
  if (values.help === true) return undefined;
  return {
    port: number(
      '--port',
      values.port ?? '8099',
      (port) => Number.isInteger(port) && port >= 0 && port <= 65_535,
      'a port from 0 to 65535',
    ),
    address: values.address ?? '127.0.0.1',
    scenario: values.scenario,
    tokenFile: values['token-file'],
    timeScale:
      values['time-scale'] === undefined
        ? undefined
        : number('--time-scale', values['time-scale'], (scale) => scale > 0, 'a number above 0, such as 60'),
    seed:
      values.seed === undefined
        ? undefined
        : number('--seed', values.seed, (seed) => Number.isSafeInteger(seed) && seed >= 0, 'a whole number from 0'),
    adminFromAnywhere: values['admin-from-anywhere'] === true,
    relayTo: relayToOf(values),
    quiet: values.quiet === true,
  };
}

function parse(argv: readonly string[]): ReturnType<typeof parseStrictly>['values'] {
  try {
    return parseStrictly(argv).values;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(`${error.message}\nSee flexmetal-operator simulator --help.`, { cause: error });
  }
}

const parseStrictly = (argv: readonly string[]) =>
  parseArgs({
    args: [...argv],
    strict: true,
    allowPositionals: false,
    options: {
      port: { type: 'string' },
      address: { type: 'string' },
      scenario: { type: 'string' },
      'token-file': { type: 'string' },
      'time-scale': { type: 'string' },
      seed: { type: 'string' },
      'admin-from-anywhere': { type: 'boolean' },
      'relay-to': { type: 'string' },
      quiet: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });

/** What belongs to the world at the other end would do nothing here. */
const OF_THE_WORLD = ['scenario', 'token-file', 'time-scale', 'seed', 'admin-from-anywhere'] as const;

function relayToOf(values: ReturnType<typeof parseStrictly>['values']): HostAndPort | undefined {
  const text = values['relay-to'];
  if (text === undefined) return undefined;
  const useless = OF_THE_WORLD.find((option) => values[option] !== undefined);
  if (useless !== undefined)
    throw new UsageError(`--relay-to and --${useless}: give --${useless} to the simulator at the other end`);
  const [, bare, bracketed, digits] = /^(?:([^:[\]/@\s]+)|\[([0-9a-fA-F:.]+)\]):(\d{1,5})$/.exec(text) ?? [];
  const host = bare ?? bracketed;
  const port = Number(digits);
  if (host === undefined || port < 1 || port > 65_535)
    throw new UsageError(`--relay-to ${text}: give a host and a port, such as simulator.example:8099`);
  return { host, port };
}

function number(option: string, text: string, fits: (value: number) => boolean, wanted: string): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (!Number.isFinite(value) || !fits(value)) throw new UsageError(`${option} ${text}: give ${wanted}`);
  return value;
}

async function serve(options: Options, io: SimulatorIo): Promise<number> {
  const { config, generatedToken } = await configOf(options, io.random);
  const log = (line: string): void => io.err(`${formatInstant(io.clock.now())} ${line}`);
  const { port, address, adminFromAnywhere } = options;
  const simulation = new Simulation(config, io.clock);
  const server = await listening(options, io, () =>
    startSimulatorServer({ simulation, port, address, adminFromAnywhere, ...(options.quiet ? {} : { log }) }),
  );
  if (server === undefined) return 1;
  if (generatedToken !== undefined) io.out(`token: ${generatedToken}`);
  io.out(`listening on ${server.url}`);
  await stopped(io.stop);
  await server.close();
  log('stopped');
  return 0;
}

async function relay(to: HostAndPort, options: Options, io: SimulatorIo): Promise<number> {
  const { port, address } = options;
  const log = (line: string): void => io.err(`${formatInstant(io.clock.now())} ${line}`);
  const server = await listening(options, io, () =>
    startRelay({ to, port, address, ...(options.quiet ? {} : { log }) }),
  );
  if (server === undefined) return 1;
  io.out(`listening on ${server.url}`);
  await stopped(io.stop);
  await server.close();
  return 0;
}

/** @returns undefined when the port cannot be had, which is told */
async function listening<T>(
  { address, port }: Options,
  io: SimulatorIo,
  start: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await start();
  } catch (error) {
    if (!(error instanceof Error) || !('syscall' in error)) throw error;
    io.err(`cannot listen on ${address} port ${port}: ${error.message}; choose another with --port or --address`);
    return undefined;
  }
}

async function configOf(
  options: Options,
  random: Random,
): Promise<{ readonly config: WorldConfig; readonly generatedToken: string | undefined }> {
  const text = options.scenario === undefined ? '' : await read('--scenario', options.scenario);
  const scenario = parseScenario(text, options.scenario);
  const [first, ...others] = scenario.tokens;
  const fileToken =
    options.tokenFile === undefined ? undefined : (await read('--token-file', options.tokenFile)).trim();
  if (fileToken === '') throw new UsageError(`--token-file ${options.tokenFile}: is empty; put the token into it`);
  const generatedToken = fileToken === undefined && first?.token === DEFAULT_TOKEN ? random.hex(20) : undefined;
  const token = fileToken ?? generatedToken;
  const config: WorldConfig = {
    ...scenario,
    timeScale: options.timeScale ?? scenario.timeScale,
    seed: options.seed ?? scenario.seed,
    tokens: first === undefined || token === undefined ? scenario.tokens : [{ ...first, token }, ...others],
  };
  return { config, generatedToken };
}

async function read(option: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    throw new UsageError(`${option} ${path}: cannot be read (${String(error.code)})`, { cause: error });
  }
}

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
