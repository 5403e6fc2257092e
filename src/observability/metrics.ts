import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** Counts up. Every label must be given: a series without one of its labels is a bug in waiting. */
export interface CounterOf<L extends string> {
  inc(labels: Readonly<Record<L, string>>, by?: number): void;
}

/** A value of now. */
export interface GaugeOf<L extends string> {
  set(labels: Readonly<Record<L, string>>, value: number): void;
  remove(labels: Readonly<Record<L, string>>): void;
  /** Drops every series, to be set anew at once: a scrape cannot come in between. */
  reset(): void;
}

/** Distribution; seconds unless the name says otherwise. */
export interface HistogramOf<L extends string> {
  observe(labels: Readonly<Record<L, string>>, value: number): void;
}

export interface BuildInfo {
  readonly version: string;
  readonly nodeVersion: string;
}

export type Metrics = ReturnType<typeof createMetrics>;

/** What docs/metrics.md says of one metric. */
interface Described {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly help: string;
}

/** From a cached read to a call that waits for its budget. */
const CALL_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];
const WORK_SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300];
/** Delivery takes 15 to 45 minutes; beyond two hours somebody looks by hand. */
const DELIVERY_SECONDS = [10, 60, 300, 600, 900, 1_200, 1_500, 1_800, 2_400, 2_700, 3_600, 5_400, 7_200];

/**
 * All metrics of the operator, in a registry of their own. Names are controller-runtime's where it has one, so that existing
 * dashboards fit; ours begin with `flexmetal_`.
 * @param of `process`: with the runtime's own, which watch this process until it ends; `operator`: without them
 */
export function createMetrics(build: BuildInfo, of: 'process' | 'operator' = 'process') {
  const registry = new Registry();
  const described: Described[] = [];
  const beforeScrape: (() => void)[] = [];

  function counter<const L extends string = never>(name: string, labels: readonly L[], help: string): CounterOf<L> {
    described.push({ name, type: 'counter', labels, help });
    return new Counter({ name, help, labelNames: labels, registers: [registry] });
  }
  function gauge<const L extends string = never>(name: string, labels: readonly L[], help: string): GaugeOf<L> {
    described.push({ name, type: 'gauge', labels, help });
    return new Gauge({ name, help, labelNames: labels, registers: [registry] });
  }
  function histogram<const L extends string = never>(
    name: string,
    labels: readonly L[],
    buckets: readonly number[],
    help: string,
  ): HistogramOf<L> {
    described.push({ name, type: 'histogram', labels, help });
    return new Histogram({ name, help, labelNames: labels, buckets: [...buckets], registers: [registry] });
  }

  const buildInfo = gauge('flexmetal_build_info', ['version', 'node_version'], 'Always 1; the labels say what runs.');
  buildInfo.set({ version: build.version, node_version: build.nodeVersion }, 1);
  if (of === 'process') collectDefaultMetrics({ register: registry });

  return {
    // The vendor's API
    apiRequests: counter(
      'flexmetal_api_requests_total',
      ['route', 'method', 'outcome', 'code'],
      'Calls to the FlexMetal API by route template, method, outcome and HTTP status code; code `none` had no reply.',
    ),
    apiRequestDuration: histogram(
      'flexmetal_api_request_duration_seconds',
      ['route', 'method'],
      CALL_SECONDS,
      'Time a call to the FlexMetal API took, connecting included, waiting for the budget not.',
    ),
    budgetWait: histogram(
      'flexmetal_budget_wait_seconds',
      ['priority'],
      CALL_SECONDS,
      'Time a call waited for the rate budget of its token.',
    ),
    listingAge: gauge(
      'flexmetal_listing_age_seconds',
      [],
      'Time since the last complete listing of all servers began; without any, since this process began to lead.',
    ),
    listingDuration: histogram(
      'flexmetal_listing_duration_seconds',
      [],
      CALL_SECONDS,
      'Time one complete listing of all servers took.',
    ),
    listingServers: gauge(
      'flexmetal_listing_servers',
      [],
      'Servers in the last complete listing, released ones included.',
    ),

    // Orders and servers
    orderAttempts: counter(
      'flexmetal_order_attempts_total',
      ['result'],
      'Orders sent by what came of them: created, refused, unclear.',
    ),
    ordersUnclear: gauge('flexmetal_orders_unclear', [], 'Objects whose order has no known outcome yet.'),
    servers: gauge('flexmetal_servers', ['phase'], 'FlexMetalServer objects by phase.'),
    serversByReason: gauge(
      'flexmetal_servers_by_reason',
      ['reason'],
      'FlexMetalServer objects by what they wait for: the reason of Ready, or Ready.',
    ),
    timeToReady: histogram(
      'flexmetal_time_to_ready_seconds',
      [],
      DELIVERY_SECONDS,
      'Time from sending the order to delivery.',
    ),
    duplicatesDetected: counter(
      'flexmetal_duplicates_detected_total',
      [],
      'Times that more than one live server was found for one object.',
    ),
    orphans: gauge('flexmetal_orphans', [], "Live servers with this cluster's tag that belong to no object."),
    lost: counter('flexmetal_lost_total', [], 'Servers that went away without our doing.'),
    releases: counter(
      'flexmetal_releases_total',
      ['result'],
      'Releases: sent, refused, unclear, released, retained, forgotten, failedLetGo.',
    ),
    fenceRefusals: counter(
      'flexmetal_fence_refusals_total',
      ['reason'],
      'Orders and releases that the last check before sending stopped.',
    ),
    brakeEngaged: gauge(
      'flexmetal_brake_engaged',
      ['brake'],
      '1 while a brake (serversMax, ordersPerHourMax) holds orders back.',
    ),

    // The Kubernetes side
    crdOutdated: gauge(
      'flexmetal_crd_outdated',
      [],
      '1 while the API server drops fields of statuses: its CRD is older than the operator.',
    ),
    watchAge: gauge(
      'flexmetal_watch_age_seconds',
      ['resource'],
      'Time since the watch last heard from the API server.',
    ),
    restClientRequests: counter(
      'rest_client_requests_total',
      ['code', 'method', 'host'],
      'Requests to the Kubernetes API by status code, method and host.',
    ),
    leaderElectionMasterStatus: gauge(
      'leader_election_master_status',
      ['name'],
      '1 while this process holds the Lease.',
    ),

    // The loop, by the names of controller-runtime
    reconcileTotal: counter(
      'controller_runtime_reconcile_total',
      ['controller', 'result'],
      'Passes by result: success, requeue, requeue_after, error.',
    ),
    reconcileErrors: counter('controller_runtime_reconcile_errors_total', ['controller'], 'Passes that failed.'),
    reconcileTime: histogram(
      'controller_runtime_reconcile_time_seconds',
      ['controller'],
      WORK_SECONDS,
      'Time one pass took.',
    ),
    activeWorkers: gauge('controller_runtime_active_workers', ['controller'], 'Passes running now.'),
    maxConcurrentReconciles: gauge(
      'controller_runtime_max_concurrent_reconciles',
      ['controller'],
      'Passes that may run at once.',
    ),
    workqueueDepth: gauge('workqueue_depth', ['name', 'controller'], 'Keys that are due and wait for a worker.'),
    workqueueAdds: counter('workqueue_adds_total', ['name', 'controller'], 'Keys added to the queue.'),
    workqueueQueueDuration: histogram(
      'workqueue_queue_duration_seconds',
      ['name', 'controller'],
      WORK_SECONDS,
      'Time a due key waited for a worker.',
    ),
    workqueueWorkDuration: histogram(
      'workqueue_work_duration_seconds',
      ['name', 'controller'],
      WORK_SECONDS,
      'Time a worker spent on a key.',
    ),
    workqueueRetries: counter('workqueue_retries_total', ['name', 'controller'], 'Keys added again with back-off.'),
    workqueueUnfinishedWork: gauge(
      'workqueue_unfinished_work_seconds',
      ['name', 'controller'],
      'Sum of the times that running workers have been at work; grows without end when one hangs.',
    ),
    workqueueLongestRunning: gauge(
      'workqueue_longest_running_processor_seconds',
      ['name', 'controller'],
      'How long the longest running worker has been at work.',
    ),
    traceSpansDropped: counter(
      'flexmetal_trace_spans_dropped_total',
      [],
      'Spans that never reached the collector: it did not take them, or too many waited. Nothing but traces is lost.',
    ),

    /** Runs before every scrape, for gauges that are only worth computing when somebody looks (ages). */
    onScrape(run: () => void): void {
      beforeScrape.push(run);
    },
    /** The page of `/metrics`. */
    async render(): Promise<{ readonly contentType: string; readonly body: string }> {
      for (const run of beforeScrape) run();
      return { contentType: registry.contentType, body: await registry.metrics() };
    },
    /** Every metric of ours, in the order of their definition; not the process's own. */
    described(): readonly Described[] {
      return described;
    },
  };
}

/** docs/metrics.md, whole. */
export function metricsTable(): string {
  const rows = createMetrics({ version: '', nodeVersion: '' }, 'operator')
    .described()
    .toSorted((left, right) => rank(left.name) - rank(right.name))
    .map(
      ({ name, type, labels, help }) =>
        `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`,
    );
  return [
    '# Metrics',
    '',
    '<!-- Generated by `npm run generate` from src/observability/metrics.ts. -->',
    '',
    'Served at `/metrics` of the metrics address (see [configuration](configuration.md)) in the Prometheus text format.',
    'Times are in seconds. Next to these stand the usual `process_*` and `nodejs_*` metrics of the process itself.',
    '',
    '| name | type | labels | meaning |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

/** Ours first; a stable sort keeps the order of definition otherwise. */
const rank = (name: string): number => (name.startsWith('flexmetal_') ? 0 : 1);
