import { readFileSync } from 'node:fs';
import path from 'node:path';
import { request } from 'undici';
import { freePort } from '../../support/cluster/free-port.ts';
import type { GuardedProcess, ProcessGuard } from '../../support/cluster/process-guard.ts';
import { waitFor } from '../../support/cluster/wait-for.ts';

const MAIN = path.join(import.meta.dirname, '../../../src/main.ts');

export type Flags = Readonly<Record<string, string>>;

/** Times that suit loopback: an order is unclear after 5 s, and settled 3 s later; a silent leader is replaced after 4 s. */
export const QUICK: Flags = {
  'poll-interval-moving': '200ms',
  'poll-interval-still': '1s',
  'requests-per-second': '200',
  'request-burst': '200',
  'order-timeout': '5s',
  'settle-window': '3s',
  'shutdown-grace': '30s',
  'lease-duration': '4s',
  'lease-renew-deadline': '3s',
  'lease-retry-period': '250ms',
  'log-level': 'debug',
};

/** `flexmetal-operator run` as its own process. */
export interface OperatorProcess extends GuardedProcess {
  /** Everything it has printed so far. */
  output(): string;
  /** Its log lines with this message. */
  logged(message: string): boolean;
  /** A page of the metrics or the health port. */
  page(port: 'metrics' | 'health', path: string): Promise<{ readonly status: number; readonly body: string }>;
  /** Resolves once it holds the Lease and works. Throws when it ended. */
  leads(): Promise<void>;
  /** Its arguments as every user of the machine can read them. */
  arguments(): string;
}

export interface Start {
  readonly folder: string;
  readonly name: string;
  readonly flags: Flags;
  /** The program; left out: `src/main.ts`. */
  readonly entry?: string;
}

export async function startOperator(
  guard: ProcessGuard,
  { folder, name, flags, entry = MAIN }: Start,
): Promise<OperatorProcess> {
  const ports = { metrics: await freePort(), health: await freePort() };
  const all: Flags = {
    ...QUICK,
    'metrics-address': `127.0.0.1:${ports.metrics}`,
    'health-address': `127.0.0.1:${ports.health}`,
    ...flags,
  };
  const args = Object.entries(all).flatMap(([flag, value]) => [`--${flag}`, value]);
  const running = await guard.spawn(name, process.execPath, [entry, 'run', ...args], {
    logPath: path.join(folder, `${name}.log`),
    env: environment(name),
  });
  const output = (): string => readFileSync(running.logPath, 'utf8');
  const logged = (message: string): boolean => output().includes(`"msg":${JSON.stringify(message)}`);
  return {
    name,
    pid: running.pid,
    logPath: running.logPath,
    ended: running.ended,
    get end() {
      return running.end;
    },
    tail: () => running.tail(),
    kill: (signal) => running.kill(signal),
    stop: (graceMs) => running.stop(graceMs),
    output,
    logged,
    page: async (port, where) => {
      const reply = await request(`http://127.0.0.1:${ports[port]}${where}`, { signal: AbortSignal.timeout(5_000) });
      return { status: reply.statusCode, body: await reply.body.text() };
    },
    leads: async () => {
      const outcome = await waitFor(`${name} leads`, () => {
        if (running.end !== undefined) return 'ended';
        return logged('leadership acquired') ? 'leads' : undefined;
      });
      if (outcome === 'ended') throw new Error(`${name} ended by itself:\n${running.tail()}`);
    },
    arguments: () => readFileSync(`/proc/${running.pid}/cmdline`, 'utf8').replaceAll('\0', ' '),
  };
}

/** Variables meant for another operator must not steer this one. */
const environment = (name: string): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('FLEXMETAL_'))),
  POD_NAME: name,
});
