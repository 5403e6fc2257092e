import { waitFor } from '../../../test/support/cluster/wait-for.ts';
import { between, kubeCallsOf, perObject } from '../call-counts.ts';
import { createMany, lookAt } from '../objects.ts';
import { usageOf } from '../process-usage.ts';
import type { BenchResult } from '../result.ts';
import type { RunningOperator, Stage } from '../stage.ts';
import { UNBRAKED, untilMetrics } from '../stage.ts';
import { readCalls } from '../vendor.ts';
import type { RunningSimulator } from '../../demo/processes.ts';

const TIMEOUT_MS = 240_000;

export interface ReadyFleet {
  readonly namespace: string;
  readonly simulator: RunningSimulator;
  readonly result: BenchResult;
}

/** Many objects applied at once to a running operator, until all are Ready. The operator is stopped; its servers stay. */
export async function benchBurst(stage: Stage, objects: number): Promise<ReadyFleet> {
  const unwatched = await createMany(stage.rest, await stage.newNamespace(), objects);
  const [namespace, simulator] = [await stage.newNamespace(), await stage.simulator()];
  const operator = await stage.operator(namespace, simulator, { ...UNBRAKED, ...QUICK });
  await untilRunning(operator);
  const before = { kube: kubeCallsOf(await operator.scrape()), vendor: await readCalls(simulator.url) };

  const cpuBefore = usageOf(operator.process.pid).cpuMs;
  const startedAt = performance.now();
  const created = createMany(stage.rest, namespace, objects);
  let openOrdersMost = 0;
  const allReady = async (): Promise<boolean> => {
    const { ready, openOrders } = await lookAt(stage.rest, namespace);
    openOrdersMost = Math.max(openOrdersMost, openOrders);
    return ready === objects;
  };
  await waitFor('all objects are Ready', allReady, { timeoutMs: TIMEOUT_MS, everyMs: 500 });
  await created;
  const took = performance.now() - startedAt;
  const cpuMs = usageOf(operator.process.pid).cpuMs - cpuBefore;

  const kube = between(before.kube, kubeCallsOf(await operator.scrape()));
  const vendor = between(before.vendor, await readCalls(simulator.url));
  await operator.stop();
  const result: BenchResult = {
    bench: 'burst',
    title: `${objects} objects applied at once, servers delivered at once`,
    measured: [
      {
        what: 'first apply until all are Ready',
        ratio: { value: took / unwatched, to: 'creating as many that nobody watches' },
        value: took / 1_000,
        unit: 's',
      },
      { what: 'objects that became Ready', value: (objects * 1_000) / took, unit: '/s' },
      { what: 'CPU of the operator in that time', value: (100 * cpuMs) / took, unit: '% of a core' },
      { what: 'CPU of the operator, per object', value: cpuMs / objects, unit: 'ms' },
      {
        what: 'most open orders at once (in doubt, should the process die then)',
        ratio: { value: openOrdersMost / objects, to: 'objects' },
        value: openOrdersMost,
        unit: 'orders',
      },
      ...perObject('Kubernetes API', kube, objects),
      ...perObject('FlexMetal API', vendor, objects),
    ],
    notes: [
      'brakes raised and budget high, so that the operator itself is measured; listings every 500 ms while anything moves; API server, etcd, simulator, operator and this program share the machine',
      'while the operator is not computing it waits for its Kubernetes writes: four workers, each object one write after another',
      'calls per object include those that all share: listings, lease renewals, the watch',
    ],
  };
  return { namespace, simulator, result };
}

const QUICK = { 'poll-interval-moving': '500ms' } as const;

/** The operator leads and has listed its servers: what follows is work, not the start. */
export const untilRunning = (operator: RunningOperator): Promise<boolean> =>
  untilMetrics(
    'the operator has listed the servers',
    operator,
    (samples) => samples.some(({ name, value }) => name === 'flexmetal_listing_duration_seconds_count' && value > 0),
    { timeoutMs: 60_000, everyMs: 100 },
  );
