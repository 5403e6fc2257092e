import type { Reason } from '../../src/resources/names.ts';

/** One alert: what Prometheus asks, and what a person is told. Its page is docs/runbooks/<name>.md. */
export interface Alert {
  readonly name: string;
  /** PromQL; fires for every series it yields. */
  readonly expression: string;
  /** How long that must hold, such as `15m`. */
  readonly for: string;
  /** `critical`: money or service is at stake now. `warning`: somebody should look on the same day. */
  readonly severity: 'critical' | 'warning';
  /** One line. Labels of the series may be used, as Prometheus writes them. */
  readonly summary: string;
  /** Some sentences: what is the case, and what does not happen by itself. */
  readonly description: string;
}

/** Series of one installation. `cluster` is there only where several clusters send to one Prometheus. */
const INSTALLATION = 'cluster, namespace, job';
const CONTROLLER = 'controller="flexmetalserver"';

/** Blocks without an alert of their own. Whoever waits for `paused` or `deletionProtection` was told to. */
const WAITING_FOR_A_PERSON: readonly Reason[] = [
  'AccountChanged',
  'BrakeEngaged',
  'CapacityLimited',
  'Forgotten',
  'InputsMissing',
  'InvalidSpec',
  'OrderRefused',
  'OwnershipUnproven',
  'PreviousServerExists',
  'ProvisioningFailed',
  'QuotaExceeded',
  'SuspectServer',
];

/** Replicas that do not lead hold zero or nothing, so the largest value is the leader's. */
const largest = (series: string): string => `max by (${INSTALLATION}) (${series})`;
const together = (series: string): string => `sum by (${INSTALLATION}) (${series})`;
const objects = (...reasons: readonly Reason[]): string =>
  `flexmetal_servers_by_reason{reason${reasons.length === 1 ? '=' : '=~'}"${reasons.join('|')}"}`;

/** Not those that were turned away for the token or for being too many: they have alerts of their own. */
const FAILED_CALLS = together(
  'rate(flexmetal_api_requests_total{outcome=~"unclear|unreadable",code!~"401|403|429"}[10m])',
);

/** The whole program's alerts, those about money first. */
export const ALERTS: readonly Alert[] = [
  {
    name: 'FlexMetalDuplicateServers',
    // The counter speaks as well, for duplicates that came and went between two scrapes.
    expression: `${largest(objects('DuplicateServers'))} > 0 or ${together('increase(flexmetal_duplicates_detected_total[1h])')} > 0`,
    for: '0m',
    severity: 'critical',
    summary: 'An object has more than one live server.',
    description:
      'More than one live server carries the uid of one FlexMetalServer, and each is paid. None is released before a person says which.',
  },
  {
    name: 'FlexMetalOrphanedServers',
    expression: `${largest('flexmetal_orphans')} > 0`,
    for: '15m',
    severity: 'warning',
    summary: '{{ $value }} live servers of this cluster belong to no object.',
    description:
      'These servers carry the tag of this cluster, no FlexMetalServer owns them, and they are paid. They are never released by themselves.',
  },
  {
    name: 'FlexMetalOrderUnclear',
    expression: `${largest('flexmetal_orders_unclear')} > 0`,
    for: '15m',
    severity: 'warning',
    summary: '{{ $value }} orders have no known outcome.',
    description:
      'Nobody knows whether these orders went through. Nothing is ordered for their objects until complete lists have settled it, which usually takes 8 minutes.',
  },
  {
    name: 'FlexMetalDeliverySlow',
    expression: `${largest(objects('Slow'))} > 0`,
    for: '5m',
    severity: 'warning',
    summary: '{{ $value }} servers are not delivered within their provisioningTimeout.',
    description:
      'They were ordered and are paid. The operator goes on waiting and takes a late delivery; it orders no other server.',
  },
  {
    name: 'FlexMetalReleaseStuck',
    expression: `${largest(objects('ReleaseStuck'))} > 0`,
    for: '5m',
    severity: 'critical',
    summary: '{{ $value }} servers are still there half an hour after their release was asked for.',
    description:
      'They go on being paid. The release is sent again every 10 minutes, and the object stays until they are gone.',
  },
  {
    name: 'FlexMetalServerLost',
    expression: `${largest(objects('Lost'))} > 0 or ${together('increase(flexmetal_lost_total[1h])')} > 0`,
    for: '0m',
    severity: 'critical',
    summary: 'A server went away, and not by the operator.',
    description: 'The vendor does not list it any more. No other is ordered in its place before a person says so.',
  },
  {
    name: 'FlexMetalObjectsBlocked',
    expression: `max by (${INSTALLATION}, reason) (${objects(...WAITING_FOR_A_PERSON)}) > 0`,
    for: '15m',
    severity: 'warning',
    summary: '{{ $value }} FlexMetalServers wait: {{ $labels.reason }}.',
    description:
      'They need a person, a new spec, or room at the vendor. The message of the condition Ready says what to do.',
  },
  {
    name: 'FlexMetalCredentialsInvalid',
    expression: `${together('increase(flexmetal_api_requests_total{code=~"401|403"}[5m])')} > 0 or ${largest(objects('CredentialsInvalid'))} > 0`,
    for: '5m',
    severity: 'critical',
    summary: 'The FlexMetal API does not accept the token.',
    description: 'Nothing is ordered, released or seen. What is known about servers is kept as it was.',
  },
  {
    name: 'FlexMetalApiErrors',
    expression: `${FAILED_CALLS} / ${together('rate(flexmetal_api_requests_total[10m])')} > 0.1`,
    for: '10m',
    severity: 'warning',
    summary: '{{ $value | humanizePercentage }} of the calls to the FlexMetal API fail.',
    description:
      'They got no reply, a server error, or a reply that makes no sense. Failed calls prove nothing, so orders and releases wait.',
  },
  {
    name: 'FlexMetalRateLimited',
    expression: `${together('increase(flexmetal_api_requests_total{code="429"}[10m])')} > 0`,
    for: '10m',
    severity: 'warning',
    summary: 'The FlexMetal API turns calls away because there are too many.',
    description:
      'The operator waits as long as the API asks. An order that was turned away counts as unclear, and settles by lists.',
  },
  {
    name: 'FlexMetalListingStale',
    expression: `${largest('flexmetal_listing_age_seconds')} > 300`,
    for: '2m',
    severity: 'critical',
    summary: 'No complete list of the servers for {{ $value | humanizeDuration }}.',
    description: 'Nothing is known about any server. Nothing is ordered, and unclear orders do not settle.',
  },
  {
    name: 'FlexMetalWatchStale',
    // A watch in which nothing happens is opened anew every three minutes.
    expression: `max by (${INSTALLATION}, resource) (flexmetal_watch_age_seconds) > 300`,
    for: '2m',
    severity: 'critical',
    summary: 'The Kubernetes API has sent nothing about {{ $labels.resource }} for {{ $value | humanizeDuration }}.',
    description: 'New, changed and deleted objects are not seen. Servers of deleted objects go on being paid.',
  },
  {
    name: 'FlexMetalNoLeader',
    // Every program with a Lease has this metric: ours is the one that also says flexmetal_build_info.
    expression: `${largest('leader_election_master_status')} == 0 and on (${INSTALLATION}) flexmetal_build_info`,
    for: '3m',
    severity: 'critical',
    summary: 'The operator runs, and no replica leads.',
    description: 'Nothing is ordered, followed or released.',
  },
  {
    name: 'FlexMetalQueueStalled',
    expression:
      `${largest(`workqueue_longest_running_processor_seconds{${CONTROLLER}}`)} > 600 or ` +
      `(${largest(`min_over_time(workqueue_depth{${CONTROLLER}}[10m])`)} > 0 and ` +
      `${together(`increase(workqueue_work_duration_seconds_count{${CONTROLLER}}[10m])`)} == 0)`,
    for: '2m',
    severity: 'critical',
    summary: 'Objects wait, and none is looked at.',
    description:
      'A look at an object takes longer than 10 minutes (an order may take 3), or objects wait and no look has ended for 10 minutes.',
  },
  {
    name: 'FlexMetalPassesFail',
    expression: `${together(`increase(controller_runtime_reconcile_errors_total{${CONTROLLER}}[15m])`)} > 0`,
    for: '5m',
    severity: 'warning',
    summary: 'The operator fails on an object.',
    description:
      'An error that is not expected, which is a bug of the operator. The object is tried again with growing pauses; others are not affected.',
  },
  {
    name: 'FlexMetalCrdOutdated',
    expression: `${largest('flexmetal_crd_outdated')} > 0`,
    for: '5m',
    severity: 'warning',
    summary: 'The installed CRD is older than the operator.',
    description:
      'The API server drops fields of the status that the operator writes. One of the two copies of an order may be incomplete.',
  },
  {
    name: 'FlexMetalOperatorDown',
    // Gone for a day at most, or nowhere at all: then nobody knows which installation is meant.
    expression:
      `(count by (${INSTALLATION}) (last_over_time(flexmetal_build_info[1d])) unless on (${INSTALLATION}) ` +
      `count by (${INSTALLATION}) (flexmetal_build_info)) or on () absent(flexmetal_build_info)`,
    for: '5m',
    severity: 'critical',
    summary: 'Prometheus reads metrics of no replica of the operator.',
    description:
      'It does not run, or its metrics cannot be reached. When it does not run, nothing is ordered, followed or released.',
  },
];
