import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ProcessGuard } from '../../test/support/cluster/process-guard.ts';
import type { GuardedProcess } from '../../test/support/cluster/process-guard.ts';
import type { Cluster } from './cluster.ts';
import { DEMO_TIME_SCALE, readExamples, scenarioFor } from './examples.ts';
import { DEMO_NAMESPACE } from './names.ts';
import type { DemoOptions } from './options.ts';
import { startOperator, startSimulator } from './processes.ts';
import type { RunningSimulator } from './processes.ts';
import type { Screen } from './screen.ts';
import { prepareCluster, Tour } from './tour.ts';
import { judge, summaryOf } from './verdict.ts';

const INTERRUPTED = 130;
/** An order in flight is waited for; at the simulator's that is short. */
const PROCESS_GRACE_MS = 10_000;

/**
 * The demo itself, in a cluster in which it may work: starts simulator and operator, gives the tour, tells what came of it, and stays up
 * until Ctrl-C if that is wanted. Leaves nothing running.
 * @returns the exit code
 */
export async function show(options: DemoOptions, cluster: Cluster, screen: Screen): Promise<number> {
  const interrupted = untilSignal();
  const over = new AbortController();
  const folder = mkdtempSync(path.join(tmpdir(), 'flexmetal-demo-'));
  const guard = new ProcessGuard([folder]);
  try {
    const examples = readExamples(DEMO_NAMESPACE);
    const simulator = await startSimulator(guard, folder, scenarioFor(examples.servers));
    screen.say(`The simulated FlexMetal API is at ${simulator.url}; time runs ${DEMO_TIME_SCALE} times faster there.`);
    try {
      await prepareCluster(cluster.rest);
      const { kubeconfig, context, rest } = cluster;
      const operator = await startOperator(guard, folder, { simulator, kubeconfig, context });
      screen.say(`The CRDs are installed and the operator runs as process ${operator.pid}.`);
      const signal = AbortSignal.any([interrupted, over.signal]);
      const tour = new Tour({ rest, simulatorUrl: simulator.url, examples, screen, signal });
      const watching = tour.watch();
      const trouble = firstTrouble([operator, simulator.process], watching, over.signal);
      const code = await giveTour(tour, trouble, screen, interrupted);
      if (!options.exit) await stayUp(cluster, simulator, tour, screen, { interrupted, trouble });
      over.abort();
      await watching;
      await cluster.clear();
      await operator.stop(PROCESS_GRACE_MS);
      await simulator.process.stop(PROCESS_GRACE_MS);
      return code;
    } catch (error) {
      await cluster.clear();
      throw error;
    }
  } finally {
    over.abort();
    await guard.close();
  }
}

/** Only from here on are signals caught: before, there is nothing to be ended in order. A second signal ends the demo at once. */
function untilSignal(): AbortSignal {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // What was started dies with this process.
      if (interrupted.signal.aborted) process.exit(INTERRUPTED);
      interrupted.abort();
    });
  }
  return interrupted.signal;
}

/** Never resolves; rejects when a process ends unasked, or when watching fails. */
function firstTrouble(
  processes: readonly GuardedProcess[],
  watching: Promise<void>,
  over: AbortSignal,
): Promise<never> {
  const trouble = new Promise<never>((_resolve, reject) => {
    watching.catch(reject);
    for (const running of processes) void rejectAtEnd(running, reject, over);
  });
  // Whoever waits for it hears of it; nobody has to.
  trouble.catch(() => undefined);
  return trouble;
}

async function rejectAtEnd(running: GuardedProcess, reject: (error: Error) => void, over: AbortSignal): Promise<void> {
  const { code, signal } = await running.ended;
  if (over.aborted) return;
  reject(
    new Error(
      `${running.name} ended by itself (code ${code}, signal ${signal}). The end of its log:\n${running.tail()}`,
    ),
  );
}

async function giveTour(
  tour: Tour,
  trouble: Promise<never>,
  screen: Screen,
  interrupted: AbortSignal,
): Promise<number> {
  let failed = false;
  try {
    await Promise.race([tour.run(), trouble]);
  } catch (error) {
    if (interrupted.aborted) return INTERRUPTED;
    failed = true;
    screen.freeze();
    screen.say(`\n${error instanceof Error ? error.message : String(error)}`);
  }
  const { seen, vendor } = await tour.facts();
  const checks = judge(seen, vendor);
  screen.freeze();
  screen.say('');
  for (const { what, ok, detail } of checks) screen.say(ok ? `  ok      ${what}` : `  FAILED  ${what}: ${detail}`);
  screen.say(['', ...summaryOf(seen, vendor)].join('\n'));
  return !failed && checks.every(({ ok }) => ok) ? 0 : 1;
}

async function stayUp(
  cluster: Cluster,
  simulator: RunningSimulator,
  tour: Tour,
  screen: Screen,
  until: { readonly interrupted: AbortSignal; readonly trouble: Promise<never> },
): Promise<void> {
  if (until.interrupted.aborted) return;
  screen.say(`
The demo stays up until Ctrl-C. To play with it, in another terminal:
  export KUBECONFIG=${cluster.kubeconfig}
  kubectl get flexmetalservers -n ${DEMO_NAMESPACE} --watch
  curl ${simulator.url}/__sim/
`);
  await Promise.race([aborted(until.interrupted), until.trouble]);
  const { seen, vendor } = await tour.facts();
  screen.freeze();
  screen.say(['', ...summaryOf(seen, vendor)].join('\n'));
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
