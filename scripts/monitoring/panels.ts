/** A row of the dashboard and what stands in it, from left to right. */
export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

export interface Panel {
  readonly title: string;
  /** For who hovers over it: what a healthy value is, or what to think of it. */
  readonly description: string;
  /** `number`: the last value; `lines`: over time; `areas`: over time, on top of each other. */
  readonly kind: 'number' | 'lines' | 'areas';
  /** As Grafana calls them. */
  readonly unit: 'short' | 's' | 'bytes' | 'ops' | 'percentunit';
  /** From this value on a number turns red. */
  readonly redFrom?: number;
  readonly queries: readonly Query[];
}

export interface Query {
  /** PromQL, with the dashboard's variables. */
  readonly expression: string;
  /** As Grafana writes it: text, and labels in double braces. */
  readonly legend: string;
}

/** The series of the chosen installation, and of these only what the matchers say. */
const of = (metric: string, ...matchers: readonly string[]): string =>
  `${metric}{${['namespace="$namespace"', 'job="$job"', ...matchers].join(',')}}`;
const rate = (series: string): string => `rate(${series}[$__rate_interval])`;
/** Replicas that do not lead hold zero or nothing. */
const largest = (series: string): string => `max(${series})`;
const quantile = (share: number, metric: string, ...labels: readonly string[]): string =>
  `histogram_quantile(${share}, sum by (${['le', ...labels].join(', ')}) (${rate(of(`${metric}_bucket`))}))`;
const one = (expression: string, legend: string): readonly Query[] => [{ expression, legend }];
const CONTROLLER = 'controller="flexmetalserver"';

export const ROWS: readonly Row[] = [
  {
    title: 'At a glance',
    panels: [
      {
        title: 'Objects',
        description: 'FlexMetalServers that the leader follows.',
        kind: 'number',
        unit: 'short',
        queries: one(`sum(${of('flexmetal_servers')})`, 'objects'),
      },
      {
        title: 'Ready',
        description: 'Objects whose server can be used.',
        kind: 'number',
        unit: 'short',
        queries: one(`sum(${of('flexmetal_servers', 'phase="Ready"')})`, 'ready'),
      },
      {
        title: 'Unclear orders',
        description:
          'Orders that may or may not have gone through. They settle by themselves, usually within 8 minutes.',
        kind: 'number',
        unit: 'short',
        redFrom: 1,
        queries: one(largest(of('flexmetal_orders_unclear')), 'unclear'),
      },
      {
        title: 'Orphans',
        description: "Live servers with this cluster's tag and no object. They are paid.",
        kind: 'number',
        unit: 'short',
        redFrom: 1,
        queries: one(largest(of('flexmetal_orphans')), 'orphans'),
      },
      {
        title: 'Duplicates and losses',
        description: 'In the time shown. Each of them needs a person.',
        kind: 'number',
        unit: 'short',
        redFrom: 1,
        queries: one(
          `sum(increase(${of('flexmetal_duplicates_detected_total')}[$__range])) + sum(increase(${of('flexmetal_lost_total')}[$__range]))`,
          'duplicates and losses',
        ),
      },
      {
        title: 'Age of the list',
        description: 'Since the last complete list of servers began: below a minute and a bit when all is well.',
        kind: 'number',
        unit: 's',
        redFrom: 300,
        queries: one(largest(of('flexmetal_listing_age_seconds')), 'age'),
      },
    ],
  },
  {
    title: 'Objects',
    panels: [
      {
        title: 'Objects by phase',
        description: 'One word for each object; the next panel says more.',
        kind: 'areas',
        unit: 'short',
        queries: one(`sum by (phase) (${of('flexmetal_servers')})`, '{{phase}}'),
      },
      {
        title: 'Objects that are not Ready, by reason',
        description: 'What the condition Ready gives as its reason.',
        kind: 'areas',
        unit: 'short',
        queries: one(`sum by (reason) (${of('flexmetal_servers_by_reason', 'reason!="Ready"')})`, '{{reason}}'),
      },
    ],
  },
  {
    title: 'Orders, deliveries and releases',
    panels: [
      {
        title: 'Orders by outcome, per hour',
        description: 'created: there is a server. refused: there is none. unclear: only lists can tell.',
        kind: 'lines',
        unit: 'short',
        queries: one(`sum by (result) (increase(${of('flexmetal_order_attempts_total')}[1h]))`, '{{result}}'),
      },
      {
        title: 'Unclear orders and orphans',
        description: 'Zero most of the time.',
        kind: 'lines',
        unit: 'short',
        queries: [
          ...one(largest(of('flexmetal_orders_unclear')), 'unclear orders'),
          ...one(largest(of('flexmetal_orphans')), 'orphans'),
        ],
      },
      {
        title: 'From order to delivery',
        description: '15 to 45 minutes are usual. Over the last six hours, since deliveries are rare.',
        kind: 'lines',
        unit: 's',
        queries: [0.5, 0.9].map((share) => ({
          expression: `histogram_quantile(${share}, sum by (le) (increase(${of('flexmetal_time_to_ready_seconds_bucket')}[6h])))`,
          legend: `${share * 100} % within`,
        })),
      },
      {
        title: 'Releases by outcome, per hour',
        description: 'sent and released come in pairs; retained and forgotten leave a server that is paid.',
        kind: 'lines',
        unit: 'short',
        queries: one(`sum by (result) (increase(${of('flexmetal_releases_total')}[1h]))`, '{{result}}'),
      },
    ],
  },
  {
    title: 'FlexMetal API',
    panels: [
      {
        title: 'Calls by operation',
        description: 'A list of 100 servers is one call.',
        kind: 'areas',
        unit: 'ops',
        queries: one(`sum by (method, route) (${rate(of('flexmetal_api_requests_total'))})`, '{{method}} {{route}}'),
      },
      {
        title: 'Calls by outcome',
        description: 'unclear and unreadable calls prove nothing and are repeated, orders by their own rules.',
        kind: 'areas',
        unit: 'ops',
        queries: one(`sum by (outcome, code) (${rate(of('flexmetal_api_requests_total'))})`, '{{outcome}} {{code}}'),
      },
      {
        title: 'Time of a call, 90 % within',
        description: 'An order may take minutes.',
        kind: 'lines',
        unit: 's',
        queries: one(
          quantile(0.9, 'flexmetal_api_request_duration_seconds', 'method', 'route'),
          '{{method}} {{route}}',
        ),
      },
      {
        title: 'Wait for the rate budget, 90 % within',
        description:
          'Releases go first, observing last. When orders wait, raise requestsPerSecond if the vendor allows.',
        kind: 'lines',
        unit: 's',
        queries: one(quantile(0.9, 'flexmetal_budget_wait_seconds', 'priority'), '{{priority}}'),
      },
    ],
  },
  {
    title: 'Limits and last checks',
    panels: [
      {
        title: 'Brakes',
        description: '1 while a limit of the operator holds orders back.',
        kind: 'lines',
        unit: 'short',
        queries: one(`max by (brake) (${of('flexmetal_brake_engaged')})`, '{{brake}}'),
      },
      {
        title: 'Orders and releases stopped at the last check, per hour',
        description: 'Something changed between the decision and the call. It is decided anew; a few are normal.',
        kind: 'lines',
        unit: 'short',
        queries: one(`sum by (reason) (increase(${of('flexmetal_fence_refusals_total')}[1h]))`, '{{reason}}'),
      },
      {
        title: 'Servers in the list',
        description: 'All of the account, released ones too while the vendor lists them.',
        kind: 'lines',
        unit: 'short',
        queries: one(largest(of('flexmetal_listing_servers')), 'servers'),
      },
    ],
  },
  {
    title: 'The operator',
    panels: [
      {
        title: 'Leader',
        description: 'One replica has 1.',
        kind: 'lines',
        unit: 'short',
        queries: one(of('leader_election_master_status'), '{{pod}}'),
      },
      {
        title: 'Age of list and watch',
        description: 'List: the vendor. Watch: the Kubernetes API, heard at least every three minutes.',
        kind: 'lines',
        unit: 's',
        queries: [
          ...one(largest(of('flexmetal_listing_age_seconds')), 'list'),
          ...one(`max by (resource) (${of('flexmetal_watch_age_seconds')})`, 'watch of {{resource}}'),
        ],
      },
      {
        title: 'Queue',
        description: 'Objects that are due, and looks under way.',
        kind: 'lines',
        unit: 'short',
        queries: [
          ...one(largest(of('workqueue_depth', CONTROLLER)), 'waiting'),
          ...one(largest(of('controller_runtime_active_workers', CONTROLLER)), 'under way'),
          ...one(largest(of('controller_runtime_max_concurrent_reconciles', CONTROLLER)), 'at most under way'),
        ],
      },
      {
        title: 'Looks at objects',
        description: 'An error is a bug.',
        kind: 'lines',
        unit: 'ops',
        queries: one(`sum by (result) (${rate(of('controller_runtime_reconcile_total', CONTROLLER))})`, '{{result}}'),
      },
      {
        title: 'Wait in the queue and time of a look, 90 % within',
        description: 'A look that orders takes as long as the order.',
        kind: 'lines',
        unit: 's',
        queries: [
          ...one(quantile(0.9, 'workqueue_queue_duration_seconds'), 'wait'),
          ...one(quantile(0.9, 'controller_runtime_reconcile_time_seconds'), 'look'),
        ],
      },
      {
        title: 'Calls to the Kubernetes API',
        description: 'A still operator writes its Lease and nothing else.',
        kind: 'areas',
        unit: 'ops',
        queries: one(`sum by (method, code) (${rate(of('rest_client_requests_total'))})`, '{{method}} {{code}}'),
      },
    ],
  },
  {
    title: 'The process',
    panels: [
      {
        title: 'Memory',
        description: 'Resident, and what of the heap is in use.',
        kind: 'lines',
        unit: 'bytes',
        queries: [
          ...one(of('process_resident_memory_bytes'), '{{pod}} resident'),
          ...one(of('nodejs_heap_size_used_bytes'), '{{pod}} heap'),
        ],
      },
      {
        title: 'CPU',
        description: 'In cores.',
        kind: 'lines',
        unit: 'short',
        queries: one(rate(of('process_cpu_seconds_total')), '{{pod}}'),
      },
      {
        title: 'Event loop lag, 99 % within',
        description: 'When it hangs for a minute, the process is restarted.',
        kind: 'lines',
        unit: 's',
        queries: one(of('nodejs_eventloop_lag_p99_seconds'), '{{pod}}'),
      },
      {
        title: 'Versions',
        description: 'More than one during a rollout only.',
        kind: 'lines',
        unit: 'short',
        queries: one(
          `count by (version, node_version) (${of('flexmetal_build_info')})`,
          '{{version}} on {{node_version}}',
        ),
      },
    ],
  },
];
