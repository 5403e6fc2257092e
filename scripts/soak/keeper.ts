import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import { freePort } from '../../test/support/cluster/free-port.ts';
import type { GuardedProcess, ProcessGuard } from '../../test/support/cluster/process-guard.ts';
import type { Sample as Metric } from '../bench/metrics-text.ts';
import { parseMetrics } from '../bench/metrics-text.ts';
import { usageOf } from '../bench/process-usage.ts';
import { openFilesOf } from './proc.ts';
import type { Moment, Sample } from './sample.ts';
import { sampleOf } from './sample.ts';
import type { Tally } from './tally.ts';

export interface KeeperSettings {
  readonly guard: ProcessGuard;
  /** For its logs, one a process. */
  readonly folder: string;
  /** The operator's program, for Node. */
  readonly program: string;
  readonly flags: Readonly<Record<string, string>>;
  readonly nodeOptions: string;
  readonly breakages: Tally;
}

const MIB = 1_024 * 1_024;
/** As a kubelet does, but sooner. */
const RESTART_AFTER_MS = 1_000;
const GRACE_MS = 40_000;
const SCRAPE_TIMEOUT_MS = 4_000;

/** Keeps one operator process running, as a Deployment does. */
export class Keeper {
  readonly #settings: KeeperSettings;
  readonly #stopping = new AbortController();
  readonly #unexpected: string[] = [];
  readonly #logs: string[] = [];
  #running:
    | {
        readonly process: GuardedProcess;
        readonly startedAt: number;
        readonly metricsUrl: string;
        readonly collections: string;
      }
    | undefined;
  #kills = 0;
  #kept: Promise<void> | undefined;

  constructor(settings: KeeperSettings) {
    this.#settings = settings;
  }

  /** Ends that nobody asked for, as sentences; a lost lease is none. */
  get unexpected(): readonly string[] {
    return this.#unexpected;
  }

  /** Paths of the logs of all its processes. */
  get logs(): readonly string[] {
    return this.#logs;
  }

  start(): void {
    this.#kept = this.#keep();
  }

  /** SIGKILL; another process is started. */
  kill(): void {
    if (this.#running === undefined) return;
    this.#kills += 1;
    this.#settings.breakages.add('operator killed');
    this.#running.process.kill('SIGKILL');
  }

  /** SIGTERM, and no other process. @returns its exit code; null when a signal had to end it */
  async stop(): Promise<number | null> {
    this.#stopping.abort();
    const end = await this.#running?.process.stop(GRACE_MS);
    await this.#kept;
    return end?.code ?? null;
  }

  /** Looks at the process that runs. @returns undefined while there is none that answers */
  async look(moment: Pick<Moment, 'at' | 'phase' | 'isLull'>): Promise<Sample | undefined> {
    const running = this.#running;
    if (running === undefined) return undefined;
    try {
      const metrics = await scrape(running.metricsUrl);
      const { pid } = running.process;
      const rssMiB = usageOf(pid).rssBytes / MIB;
      const about = {
        process: this.#logs.length,
        ageMs: performance.now() - running.startedAt,
        rssMiB,
        collectedMiB: lastNumber(running.collections),
      };
      return sampleOf({ ...moment, ...about }, openFilesOf(pid), metrics);
    } catch (error) {
      // It has ended meanwhile, or does not listen yet.
      if (error instanceof Error) return undefined;
      throw error;
    }
  }

  async #keep(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const kills = this.#kills;
      const running = await this.#spawn();
      const end = await running.ended;
      this.#running = undefined;
      if (this.#stopping.signal.aborted) return;
      if (kills === this.#kills) this.#account(running, end.code);
      await delay(RESTART_AFTER_MS);
    }
  }

  #account(running: GuardedProcess, code: number | null): void {
    if (code === EXIT_LEADERSHIP_LOST && readFileSync(running.logPath, 'utf8').includes(LEADERSHIP_LOST)) {
      this.#settings.breakages.add('operator ended: lease lost');
      return;
    }
    this.#unexpected.push(`${running.name} ended by itself with ${code}:\n${running.tail()}`);
  }

  async #spawn(): Promise<GuardedProcess> {
    const { guard, folder, program, flags, nodeOptions } = this.#settings;
    const [metricsPort, healthPort] = [await freePort(), await freePort()];
    const all = {
      ...flags,
      'metrics-address': `127.0.0.1:${metricsPort}`,
      'health-address': `127.0.0.1:${healthPort}`,
    };
    const args = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]);
    const name = `operator-${this.#logs.length + 1}`;
    const logPath = path.join(folder, `${name}.log`);
    const collections = path.join(folder, `${name}.collections`);
    writeFileSync(collections, '');
    const operator = await guard.spawn(name, process.execPath, [program, 'run', ...args], {
      logPath,
      env: {
        ...withoutOurSettings(process.env),
        NODE_OPTIONS: `${nodeOptions} --import=${COLLECTOR}`,
        SOAK_COLLECTIONS: collections,
      },
    });
    this.#logs.push(logPath);
    this.#running = {
      process: operator,
      startedAt: performance.now(),
      collections,
      metricsUrl: `http://127.0.0.1:${metricsPort}/metrics`,
    };
    return operator;
  }
}

/** src/main.ts: the process ends, so that nothing it still remembers can act. An exception ends Node with the same code. */
const EXIT_LEADERSHIP_LOST = 1;
const LEADERSHIP_LOST = '"happening":"leadershipLost"';

async function scrape(url: string): Promise<readonly Metric[]> {
  const reply = await request(url, { signal: AbortSignal.timeout(SCRAPE_TIMEOUT_MS) });
  return parseMetrics(await reply.body.text());
}

const COLLECTOR = new URL('./collector.ts', import.meta.url).href;

/** Of a file with a number on each line. */
function lastNumber(file: string): number | undefined {
  const last = readFileSync(file, 'utf8').trimEnd().split('\n').at(-1);
  return last === undefined || last === '' ? undefined : Number(last);
}

const withoutOurSettings = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('FLEXMETAL_')));
