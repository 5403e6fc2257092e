import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { startControlPlane } from '../../test/support/cluster/control-plane.ts';
import { ProcessGuard } from '../../test/support/cluster/process-guard.ts';
import { openRest } from '../../test/support/cluster/rest.ts';
import type { Rest } from '../../test/support/cluster/rest.ts';
import { DEMO_TIME_SCALE, readExamples, scenarioFor } from './examples.ts';
import { intentions, refusal, removeEverything } from './foreign-cluster.ts';
import { DEMO_NAMESPACE } from './names.ts';
import { readDemoOptions } from './options.ts';
import type { DemoOptions } from './options.ts';
import { rejectsWhenItEnds, startOperator, startSimulator } from './processes.ts';
import { Screen } from './screen.ts';
import { prepareCluster, Tour } from './tour.ts';
import { judge, summaryOf } from './verdict.ts';

const startedAt = performance.now();
const screen = new Screen(
  {
    isTerminal: process.stdout.isTTY,
    get columns() {
      return process.stdout.columns ?? 80;
    },
    write: (text) => void process.stdout.write(text),
  },
  () => performance.now() - startedAt,
);
const say = (text: string): void => screen.say(text);

process.exitCode = await main(process.argv.slice(2));

/** @returns 0 everything was seen (or help was asked for), 1 not, 2 wrong options or refused by a person or a rule, 130 Ctrl-C before the end */
async function main(argv: readonly string[]): Promise<number> {
  const read = readDemoOptions(argv);
  if (read.kind === 'help') say(read.text);
  if (read.kind === 'wrong') process.stderr.write(`${read.message}\n`);
  if (read.kind !== 'run') return read.kind === 'help' ? 0 : 2;
  const interrupted = new AbortController();
  listenForSignals(interrupted);
  try {
    return await withCluster(read.options, interrupted.signal, (cluster) =>
      show(read.options, cluster, interrupted.signal),
    );
  } catch (error) {
    if (interrupted.signal.aborted) return INTERRUPTED;
    screen.freeze();
    process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

const INTERRUPTED = 130;
const PROCESS_GRACE_MS = 10_000;

/** The first signal ends the demo in order; a second one at once (what was started dies all the same). */
function listenForSignals(interrupted: AbortController): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (interrupted.signal.aborted) process.exit(INTERRUPTED);
      interrupted.abort();
    });
  }
}

interface Cluster {
  readonly rest: Rest;
  readonly kubeconfig: string;
  readonly context: string | undefined;
  /** Called while the operator still runs. */
  readonly clear: () => Promise<void>;
}

async function withCluster(
  options: DemoOptions,
  signal: AbortSignal,
  work: (cluster: Cluster) => Promise<number>,
): Promise<number> {
  return options.cluster === undefined
    ? withOwnCluster(work)
    : withUsersCluster(options.cluster, options.yes, signal, work);
}

async function withOwnCluster(work: (cluster: Cluster) => Promise<number>): Promise<number> {
  const controlPlane = await startControlPlane({ log: say });
  const rest = openRest(controlPlane.kubeconfigPath);
  try {
    // The whole cluster goes with its folder.
    return await work({
      rest,
      kubeconfig: controlPlane.kubeconfigPath,
      context: undefined,
      clear: () => Promise.resolve(),
    });
  } finally {
    await rest.close();
    await controlPlane.stop();
  }
}

async function withUsersCluster(
  { kubeconfig, context }: NonNullable<DemoOptions['cluster']>,
  yes: boolean,
  signal: AbortSignal,
  work: (cluster: Cluster) => Promise<number>,
): Promise<number> {
  const rest = openRest(kubeconfig, context);
  try {
    const why = await refusal(rest);
    if (why !== undefined) {
      process.stderr.write(`The demo does not touch the cluster ${rest.context} at ${rest.url}: ${why}.\n`);
      return 2;
    }
    for (const line of intentions(rest)) say(line);
    if (!yes && !(await agrees(signal))) {
      process.stderr.write('Nothing was touched.\n');
      return 2;
    }
    const clear = async (): Promise<void> => {
      say('Removing what the demo made.');
      for (const line of await removeEverything(rest)) say(line);
    };
    return await work({ rest, kubeconfig, context, clear });
  } finally {
    await rest.close();
  }
}

async function agrees(signal: AbortSignal): Promise<boolean> {
  if (!process.stdin.isTTY) {
    process.stderr.write('There is no terminal to ask on; say --yes to agree.\n');
    return false;
  }
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await prompt.question('Go on? [y/N] ', { signal })).trim());
  } finally {
    prompt.close();
  }
}

async function show(options: DemoOptions, cluster: Cluster, signal: AbortSignal): Promise<number> {
  const { rest } = cluster;
  const folder = mkdtempSync(path.join(tmpdir(), 'flexmetal-demo-'));
  const guard = new ProcessGuard([folder]);
  const over = new AbortController();
  try {
    const examples = readExamples(DEMO_NAMESPACE);
    const simulator = await startSimulator(guard, folder, scenarioFor(examples.servers));
    say(`The simulated FlexMetal API is at ${simulator.url}; time runs ${DEMO_TIME_SCALE} times faster there.`);
    await prepareCluster(rest);
    const operator = await startOperator(guard, folder, {
      simulator,
      kubeconfig: cluster.kubeconfig,
      context: cluster.context,
    });
    say(`The CRDs are installed and the operator runs as process ${operator.pid}.`);

    const tour = new Tour({
      rest,
      simulatorUrl: simulator.url,
      examples,
      screen,
      signal: AbortSignal.any([signal, over.signal]),
    });
    const watching = tour.watch();
    const failing = Promise.race([
      ...[operator, simulator.process].map((running) => rejectsWhenItEnds(running, () => over.signal.aborted)),
      // It ends without an error only when it is told to.
      watching.then(() => new Promise<never>(() => undefined)),
    ]);
    // Looked at below; it may fail before.
    failing.catch(() => undefined);

    const code = await outcomeOf(tour, tour.run(), failing, signal);
    if (!options.exit && !signal.aborted) {
      say(
        `\nThe demo stays up until Ctrl-C. To play with it:\n  export KUBECONFIG=${cluster.kubeconfig}\n  kubectl get fms -n ${DEMO_NAMESPACE} -w\n  curl ${simulator.url}/__sim/\n`,
      );
      await Promise.race([aborted(signal), failing]);
      await report(tour);
    }
    await cluster.clear();
    over.abort();
    await watching;
    await operator.stop(PROCESS_GRACE_MS);
    await simulator.process.stop(PROCESS_GRACE_MS);
    return code;
  } finally {
    over.abort();
    await guard.close();
  }
}

/** Follows the tour to its end, says what came of it, and gives the exit code. */
async function outcomeOf(
  tour: Tour,
  running: Promise<void>,
  failing: Promise<never>,
  signal: AbortSignal,
): Promise<number> {
  try {
    await Promise.race([running, failing]);
  } catch (error) {
    if (signal.aborted) return INTERRUPTED;
    screen.freeze();
    say(`\n${error instanceof Error ? error.message : String(error)}`);
    await report(tour);
    return 1;
  }
  return report(tour);
}

async function report(tour: Tour): Promise<number> {
  const { seen, vendor } = await tour.facts();
  const checks = judge(seen, vendor);
  screen.freeze();
  say(
    ['', ...checks.map(({ what, ok, detail }) => (ok ? `  ok      ${what}` : `  FAILED  ${what}: ${detail}`)), ''].join(
      '\n',
    ),
  );
  for (const line of summaryOf(seen, vendor)) say(line);
  return checks.every(({ ok }) => ok) ? 0 : 1;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
