import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { freePort } from '../../test/support/cluster/free-port.ts';
import type { GuardedProcess, ProcessGuard } from '../../test/support/cluster/process-guard.ts';
import { waitFor } from '../../test/support/cluster/wait-for.ts';
import { DEMO_NAMESPACE } from './names.ts';

const MAIN = path.join(import.meta.dirname, '../../src/main.ts');
const START_TIMEOUT_MS = 20_000;

export interface RunningSimulator {
  readonly process: GuardedProcess;
  readonly url: string;
  readonly tokenFile: string;
}

/** `flexmetal-operator simulator` as its own process, with a token of its own. Resolves when it listens. */
export async function startSimulator(guard: ProcessGuard, folder: string, scenario: object): Promise<RunningSimulator> {
  const tokenFile = path.join(folder, 'token');
  writeFileSync(tokenFile, randomBytes(20).toString('hex'), { mode: 0o600 });
  const scenarioFile = path.join(folder, 'scenario.json');
  writeFileSync(scenarioFile, JSON.stringify(scenario, undefined, 2));
  const args = [MAIN, 'simulator', '--port', '0', '--scenario', scenarioFile, '--token-file', tokenFile];
  const running = await guard.spawn('the simulator', process.execPath, args, {
    logPath: path.join(folder, 'simulator.log'),
  });
  const url = await waitFor('the simulator listens', () => listeningUrl(running), {
    timeoutMs: START_TIMEOUT_MS,
    everyMs: 50,
  });
  if (url === 'ended') throw new Error(`the simulator ended by itself. The end of its log:\n${running.tail()}`);
  return { process: running, url, tokenFile };
}

function listeningUrl(running: GuardedProcess): string | undefined {
  const url = /^listening on (http:\S+)$/m.exec(running.tail())?.[1];
  return url ?? (running.end === undefined ? undefined : 'ended');
}

export interface OperatorSettings {
  readonly simulator: RunningSimulator;
  readonly kubeconfig: string;
  readonly context: string | undefined;
}

/** `flexmetal-operator run` as its own process, set to the pace of the demo. It watches the demo's namespace only. */
export async function startOperator(
  guard: ProcessGuard,
  folder: string,
  settings: OperatorSettings,
): Promise<GuardedProcess> {
  const [metricsPort, healthPort] = [await freePort(), await freePort()];
  const flags = {
    'api-url': settings.simulator.url,
    'token-file': settings.simulator.tokenFile,
    kubeconfig: settings.kubeconfig,
    namespaces: DEMO_NAMESPACE,
    'lease-namespace': DEMO_NAMESPACE,
    'poll-interval-moving': '250ms',
    'poll-interval-still': '2s',
    'requests-per-second': '50',
    'request-burst': '50',
    'metrics-address': `127.0.0.1:${metricsPort}`,
    'health-address': `127.0.0.1:${healthPort}`,
    ...(settings.context === undefined ? {} : { 'kube-context': settings.context }),
  };
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
  return guard.spawn('the operator', process.execPath, [MAIN, 'run', ...args], {
    logPath: path.join(folder, 'operator.log'),
    env: withoutOurSettings(process.env),
  });
}

/** A variable that the user has set for another operator must not steer this one. */
function withoutOurSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('FLEXMETAL_')));
}
