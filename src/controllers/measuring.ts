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
  metrics.apiRequests.inc({ route, method, outcome, code: status === undefined ? 'none' : String(status) });
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

/** A counter that first appears as 1 has not risen for Prometheus: what must be noticed the first time begins at zero. */
export function beginCounting(metrics: Metrics): void {
  metrics.reconcileErrors.inc({ controller: CONTROLLER }, 0);
  for (const result of ['created', 'refused', 'unclear']) metrics.orderAttempts.inc({ result }, 0);
  for (const result of ['sent', 'refused', 'unclear', 'released', 'retained', 'forgotten', 'failedLetGo'])
    metrics.releases.inc({ result }, 0);
}

interface Gauged {
  readonly queue: Pick<WorkQueue<ObjectKey>, 'stats'>;
  readonly poller: Pick<Poller, 'age'>;
  /** How long this process has been leading: as old as the last listing is at least while there is none. */
  readonly leadingFor: () => Millis;
  readonly informerAge: () => Millis | undefined;
  readonly standing: () => Iterable<{
    readonly phase: string;
    readonly reason: string;
    readonly orderUnclear: boolean;
  }>;
}

/** Ages and counts that are only worth computing when somebody looks. */
export function watchGauges(metrics: Metrics, { queue, poller, leadingFor, informerAge, standing }: Gauged): void {
  const labels = { name: CONTROLLER, controller: CONTROLLER };
  metrics.onScrape(() => {
    const { depth, running, unfinished, longestRunning } = queue.stats();
    metrics.workqueueDepth.set(labels, depth.continue + depth.change + depth.resync);
    metrics.workqueueUnfinishedWork.set(labels, unfinished / 1_000);
    metrics.workqueueLongestRunning.set(labels, longestRunning / 1_000);
    metrics.activeWorkers.set({ controller: CONTROLLER }, running);
    metrics.listingAge.set({}, (poller.age() ?? leadingFor()) / 1_000);
    const age = informerAge();
    if (age !== undefined) metrics.watchAge.set({ resource: KINDS.server.resource.plural }, age / 1_000);
    const objects = [...standing()];
    metrics.servers.reset();
    for (const [phase, count] of countsOf(objects.map((it) => it.phase))) metrics.servers.set({ phase }, count);
    metrics.serversByReason.reset();
    for (const [reason, count] of countsOf(objects.map((it) => it.reason)))
      metrics.serversByReason.set({ reason }, count);
    metrics.ordersUnclear.set({}, objects.filter((it) => it.orderUnclear).length);
  });
}

function countsOf(words: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
