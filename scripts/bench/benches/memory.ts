import { setTimeout as delay } from 'node:timers/promises';
import { sum } from '../metrics-text.ts';
import { median } from '../numbers.ts';
import { createMany } from '../objects.ts';
import { usageOf } from '../process-usage.ts';
import type { BenchResult, Measured } from '../result.ts';
import type { Stage } from '../stage.ts';
import { UNBRAKED, untilMetrics } from '../stage.ts';
import { untilRunning } from './burst.ts';

const MIB = 1_024 * 1_024;
const GOAL_MIB = 200;
const SETTLE_MS = 5_000;
const SAMPLES = 10;
const SAMPLE_MS = 500;
const TIMEOUT_MS = 240_000;

/** How much memory the operator's process takes with so many objects, all watched, decided on and with a status written. */
export async function benchMemory(stage: Stage, sizes: readonly number[]): Promise<BenchResult> {
  const measured: Measured[] = [];
  let empty: number | undefined;
  const largest = Math.max(...sizes);
  const runs = [
    ...[0, ...sizes].map((objects) => ({ objects, heap: FREE_HEAP })),
    { objects: largest, heap: SMALL_HEAP },
  ];
  for (const { objects, heap } of runs) {
    const { rssBytes, peakBytes } = await memoryWith(stage, objects, heap.options);
    empty ??= rssBytes;
    measured.push(
      {
        what: `RSS with ${objects} objects${heap.words}`,
        ...(objects === 0 ? {} : { ratio: { value: rssBytes / empty, to: 'RSS without objects' } }),
        value: rssBytes / MIB,
        unit: 'MiB',
        goalMost: GOAL_MIB,
      },
      { what: `highest RSS on the way there, ${objects} objects${heap.words}`, value: peakBytes / MIB, unit: 'MiB' },
    );
  }
  return {
    bench: 'memory',
    title: 'Memory of the operator process',
    measured,
    notes: [
      'observe mode: every object is cached, decided on and given a status, and none is ordered; objects of about 1 kB; the account holds no servers',
      `VmRSS of /proc/<pid>/status, the middle of ${SAMPLES} looks after ${SETTLE_MS / 1_000} s of rest; no garbage collection is forced`,
      `small heap: NODE_OPTIONS="${SMALL_HEAP.options}"; without it Node keeps garbage as long as the machine has room`,
      'unbundled: sources and all of @kubernetes/client-node are loaded as text, which is most of the RSS without objects',
    ],
  };
}

interface Heap {
  readonly words: string;
  /** For NODE_OPTIONS. */
  readonly options: string;
}

/** As large as Node lets it grow on this machine: garbage stays while there is room. */
const FREE_HEAP: Heap = { words: '', options: '' };
/** Kept small by flags, as somebody would who gives the pod little memory. Not what Node chooses by itself anywhere. */
const SMALL_HEAP: Heap = { words: ', small heap', options: '--max-old-space-size=140 --max-semi-space-size=4' };

async function memoryWith(stage: Stage, objects: number, nodeOptions: string) {
  const [namespace, simulator] = [await stage.newNamespace(), await stage.simulator()];
  const operator = await stage.operator(namespace, simulator, { ...UNBRAKED, mode: 'observe' }, nodeOptions);
  await untilRunning(operator);
  await createMany(stage.rest, namespace, objects);
  await untilMetrics(
    'every object has a status',
    operator,
    (samples) =>
      sum(samples, 'flexmetal_servers') >= objects &&
      sum(samples, 'workqueue_depth') + sum(samples, 'controller_runtime_active_workers') === 0,
    { timeoutMs: TIMEOUT_MS, everyMs: 1_000 },
  );
  await delay(SETTLE_MS);
  const seen: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    seen.push(usageOf(operator.process.pid).rssBytes);
    await delay(SAMPLE_MS);
  }
  const { rssPeakBytes } = usageOf(operator.process.pid);
  await operator.stop();
  await simulator.process.stop(SETTLE_MS);
  return { rssBytes: median(seen), peakBytes: rssPeakBytes };
}
