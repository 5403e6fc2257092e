import type { ObjectKey } from '../base/ids.ts';
import type { Millis } from '../base/time.ts';
import type { CallReport } from '../flexmetal/client.ts';
import type { WorkQueue } from '../kube/work-queue.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Poller } from './account-view.ts';
import { KINDS } from './registry.ts';

const CONTROLLER = KINDS.server.name;

/** One line a call: what changes something always, what only reads at level debug. */
export function reportCall(
  log: Logger,
  metrics: Metrics,
  { route, method, outcome, status, durationMs }: CallReport,
): void {
  metrics.apiRequests.inc({ route, method, outcome });
  metrics.apiRequestDuration.observe({ route, method }, durationMs / 1_000);
  const level = method === 'GET' ? 'debug' : 'info';
  log[level]({ route, method, outcome, status, durationMs: Math.round(durationMs) }, 'FlexMetal API call');
}

export function queueHooks(metrics: Metrics) {
  const labels = { name: CONTROLLER, controller: CONTROLLER };
  return {
    added: () => metrics.workqueueAdds.inc(labels),
    retried: () => metrics.workqueueRetries.inc(labels),
    started: (_key: ObjectKey, waited: Millis) => metrics.workqueueQueueDuration.observe(labels, waited / 1_000),
    finished: (_key: ObjectKey, took: Millis) => metrics.workqueueWorkDuration.observe(labels, took / 1_000),
  };
}

interface Gauged {
  readonly queue: WorkQueue<ObjectKey>;
  readonly poller: Poller;
  readonly informerAge: () => Millis | undefined;
  readonly standing: () => Iterable<{ readonly phase: string; readonly orderUnclear: boolean }>;
}

/** Ages and counts that are only worth computing when somebody looks. */
export function watchGauges(metrics: Metrics, { queue, poller, informerAge, standing }: Gauged): void {
  const labels = { name: CONTROLLER, controller: CONTROLLER };
  metrics.onScrape(() => {
    const { depth, running, unfinished, longestRunning } = queue.stats();
    metrics.workqueueDepth.set(labels, depth.continue + depth.change + depth.resync);
    metrics.workqueueUnfinishedWork.set(labels, unfinished / 1_000);
    metrics.workqueueLongestRunning.set(labels, longestRunning / 1_000);
    metrics.activeWorkers.set({ controller: CONTROLLER }, running);
    const listingAge = poller.age();
    if (listingAge !== undefined) metrics.listingAge.set({}, listingAge / 1_000);
    const age = informerAge();
    if (age !== undefined) metrics.watchAge.set({ resource: KINDS.server.resource.plural }, age / 1_000);
    const phases = new Map<string, number>();
    let unclear = 0;
    for (const { phase, orderUnclear } of standing()) {
      phases.set(phase, (phases.get(phase) ?? 0) + 1);
      if (orderUnclear) unclear += 1;
    }
    metrics.servers.reset();
    for (const [phase, count] of phases) metrics.servers.set({ phase }, count);
    metrics.ordersUnclear.set({}, unclear);
  });
}
