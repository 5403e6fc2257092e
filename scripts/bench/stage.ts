import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { request } from 'undici';
import { GROUP, VERSION } from '../../src/resources/names.ts';
import { startControlPlane } from '../../test/support/cluster/control-plane.ts';
import type { ControlPlane } from '../../test/support/cluster/control-plane.ts';
import { freePort } from '../../test/support/cluster/free-port.ts';
import { applyCrds, createNamespace } from '../../test/support/cluster/kit.ts';
import { ProcessGuard } from '../../test/support/cluster/process-guard.ts';
import type { GuardedProcess } from '../../test/support/cluster/process-guard.ts';
import type { Rest } from '../../test/support/cluster/rest.ts';
import { openRest } from '../../test/support/cluster/rest.ts';
import { waitFor } from '../../test/support/cluster/wait-for.ts';
import { startSimulator } from '../demo/processes.ts';
import type { RunningSimulator } from '../demo/processes.ts';
import type { Sample } from './metrics-text.ts';
import { parseMetrics } from './metrics-text.ts';

const MAIN = path.join(import.meta.dirname, '../../src/main.ts');
const GRACE_MS = 10_000;

/** Nothing is held back: what is measured then is the operator. */
export const UNBRAKED = {
  'requests-per-second': '1000',
  'request-burst': '10000',
  'servers-max': '1000000',
  'orders-per-hour-max': '1000000',
} as const;

export interface RunningOperator {
  readonly process: GuardedProcess;
  /** Throws while it does not listen yet. */
  scrape(): Promise<readonly Sample[]>;
  stop(): Promise<void>;
}

/** A real API server, with simulators and operators as processes of their own. All of it ends with this program. */
export class Stage {
  readonly rest: Rest;
  readonly #controlPlane: ControlPlane;
  readonly #folder: string;
  readonly #guard: ProcessGuard;
  #processes = 0;

  static async open(log: (line: string) => void): Promise<Stage> {
    const controlPlane = await startControlPlane({ log });
    const stage = new Stage(controlPlane);
    await applyCrds(stage.rest);
    return stage;
  }

  private constructor(controlPlane: ControlPlane) {
    this.#controlPlane = controlPlane;
    this.rest = openRest(controlPlane.kubeconfigPath);
    this.#folder = mkdtempSync(path.join(tmpdir(), 'flexmetal-bench-'));
    this.#guard = new ProcessGuard([this.#folder]);
  }

  /** Operators watch one namespace each, so that the objects of former benches do not count. */
  newNamespace(): Promise<string> {
    return createNamespace(this.rest, 'bench');
  }

  /** Orders are delivered, and servers released, at once. */
  simulator(): Promise<RunningSimulator> {
    const instantly = { delivery: { takes: '0' }, release: { takes: '0' } };
    return startSimulator(this.#guard, this.#newFolder(), instantly);
  }

  /**
   * @param flags of the operator, beside the addresses; `--workers` and the like
   * @param nodeOptions for NODE_OPTIONS, on top of what is set already
   */
  async operator(
    namespace: string,
    simulator: RunningSimulator,
    flags: Readonly<Record<string, string>>,
    nodeOptions = '',
  ): Promise<RunningOperator> {
    const [metricsPort, healthPort] = [await freePort(), await freePort()];
    const all = {
      'api-url': simulator.url,
      'token-file': simulator.tokenFile,
      kubeconfig: this.#controlPlane.kubeconfigPath,
      namespaces: namespace,
      'lease-namespace': namespace,
      'metrics-address': `127.0.0.1:${metricsPort}`,
      'health-address': `127.0.0.1:${healthPort}`,
      ...flags,
    };
    const args = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]);
    const running = await this.#guard.spawn('the operator', process.execPath, [MAIN, 'run', ...args], {
      logPath: path.join(this.#newFolder(), 'operator.log'),
      env: {
        ...withoutOurSettings(process.env),
        NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} ${nodeOptions}`.trim(),
      },
    });
    return {
      process: running,
      scrape: async () => {
        if (running.end !== undefined) throw new Error(`the operator ended by itself:\n${running.tail()}`);
        return parseMetrics(await textFrom(`http://127.0.0.1:${metricsPort}/metrics`));
      },
      stop: async () => {
        await running.stop(GRACE_MS);
      },
    };
  }

  /** A program that does nothing, for comparison: how long it runs, in milliseconds. */
  async emptyProgram(): Promise<number> {
    const startedAt = performance.now();
    const logPath = path.join(this.#newFolder(), 'empty.log');
    const running = await this.#guard.spawn('an empty program', process.execPath, ['-e', '0'], { logPath });
    await running.ended;
    return performance.now() - startedAt;
  }

  /** What the API server counts itself. */
  async apiServerMetrics(): Promise<readonly Sample[]> {
    const body = await this.rest.must('GET', '/metrics');
    if (typeof body !== 'string') throw new Error('the API server gave no metrics');
    return parseMetrics(body);
  }

  async close(): Promise<void> {
    await this.rest.close();
    await this.#guard.close();
    await this.#controlPlane.stop();
  }

  #newFolder(): string {
    this.#processes += 1;
    const folder = path.join(this.#folder, String(this.#processes));
    mkdirSync(folder);
    return folder;
  }
}

export const serversPath = (namespace: string): string =>
  `/apis/${GROUP}/${VERSION}/namespaces/${namespace}/flexmetalservers`;

const withoutOurSettings = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('FLEXMETAL_')));

async function textFrom(url: string): Promise<string> {
  const reply = await request(url, { signal: AbortSignal.timeout(10_000) });
  return reply.body.text();
}

/** Polls the operator's metrics until they are as wanted. */
export const untilMetrics = (
  what: string,
  operator: RunningOperator,
  isReached: (samples: readonly Sample[]) => boolean,
  options: { readonly timeoutMs: number; readonly everyMs: number },
): Promise<boolean> => waitFor(what, async () => isReached(await operator.scrape()), options);
