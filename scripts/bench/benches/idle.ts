import { setTimeout as delay } from 'node:timers/promises';
import { between, kubeCallsOf } from '../call-counts.ts';
import type { Counts } from '../call-counts.ts';
import { sum } from '../metrics-text.ts';
import type { Sample } from '../metrics-text.ts';
import { usageOf } from '../process-usage.ts';
import type { BenchResult } from '../result.ts';
import type { Stage } from '../stage.ts';
import type { ReadyFleet } from './burst.ts';
import { untilRunning } from './burst.ts';

/** The first minute after a start still has the first looks at all objects in it. */
const SETTLE_MS = 10_000;
const MILLISECONDS = 1_000;

/** What an operator with default settings does while nothing happens, from outside: the kernel's and the API server's counts. */
export async function benchIdle(
  stage: Stage,
  fleet: ReadyFleet,
  objects: number,
  watchedSeconds: number,
): Promise<BenchResult> {
  const operator = await stage.operator(fleet.namespace, fleet.simulator, {});
  await untilRunning(operator);
  await delay(SETTLE_MS);
  const look = async () => ({
    at: performance.now(),
    cpuMs: usageOf(operator.process.pid).cpuMs,
    calls: kubeCallsOf(await operator.scrape()),
    servers: ourWrites(await stage.apiServerMetrics()),
  });
  const before = await look();
  await delay(watchedSeconds * MILLISECONDS);
  const after = await look();
  await operator.stop();

  const writes = writesOf(between(before.calls, after.calls));
  const cpuPercent = (100 * (after.cpuMs - before.cpuMs)) / (after.at - before.at);
  return {
    bench: 'idle',
    title: `An idle operator with ${objects} Ready objects, ${watchedSeconds} s`,
    measured: [
      {
        what: 'writes of FlexMetalServers and Events, as the API server counts them',
        value: after.servers - before.servers,
        unit: 'writes',
        goalMost: 0,
      },
      { what: 'renewals of the Lease: all other writes of the operator', value: writes, unit: 'writes' },
      { what: 'CPU', value: cpuPercent, unit: '% of a core', goalMost: 1 },
    ],
    notes: [
      'default settings: a listing every 60 s, a lease renewal every 2 s; the objects were made Ready by a former process, so this one has found everything as it is',
      'CPU from /proc/<pid>/stat, which counts in hundredths of a second; two scrapes of /metrics are in it',
    ],
  };
}

const WRITING_VERBS = new Set(['POST', 'PUT', 'PATCH', 'DELETE', 'APPLY']);
const OURS = new Set(['flexmetalservers', 'events']);

const ourWrites = (samples: readonly Sample[]): number =>
  sum(
    samples,
    'apiserver_request_total',
    ({ verb = '', resource = '' }) => WRITING_VERBS.has(verb) && OURS.has(resource),
  );

/** The operator counts by method of its client, reads included. */
const writesOf = (counts: Counts): number =>
  Object.entries(counts)
    .filter(([method]) => !['GET', 'LIST', 'WATCH'].includes(method))
    .reduce((total, [, count]) => total + count, 0);
