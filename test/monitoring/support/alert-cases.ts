/** What Prometheus has read: series by their names, and one value a minute in promtool's notation (`0x15` is zero, 16 times). */
export type Readings = Readonly<Record<string, string>>;

export interface AlertCase {
  /** When it is looked, such as `16m`. */
  readonly at: string;
  readonly fires: {
    readonly readings: Readings;
    /** Of the alert, beside those of the installation. */
    readonly labels?: Readonly<Record<string, string>>;
    /** As a person reads it. */
    readonly summary: string;
  };
  /** Near misses: shorter, smaller, of another kind. */
  readonly quiet: Readonly<Record<string, Readings>>;
}

const AT = 'namespace="flexmetal-system",job="operator",pod="a"';
const STANDBY = 'namespace="flexmetal-system",job="operator",pod="b"';
const one = (metric: string, labels = '', at = AT): string => `${metric}{${labels === '' ? at : `${at},${labels}`}}`;
const reason = (word: string): string => one('flexmetal_servers_by_reason', `reason="${word}"`);
const calls = (outcome: string, code: string): string =>
  one('flexmetal_api_requests_total', `route="/v3/flexMetal/servers",method="GET",outcome="${outcome}",code="${code}"`);
const queue = (metric: string): string => one(metric, 'name="flexmetalserver",controller="flexmetalserver"');
const foreignQueue = (metric: string): string => one(metric, 'name="node",controller="node"');
const RUNS = one('flexmetal_build_info', 'version="1",node_version="v24"');

/** By the name of the alert. */
export const ALERT_CASES: Readonly<Record<string, AlertCase>> = {
  FlexMetalDuplicateServers: {
    at: '10m',
    fires: {
      readings: { [reason('DuplicateServers')]: '0x8 1x5' },
      summary: 'An object has more than one live server.',
    },
    quiet: {
      'no duplicate': { [reason('Ready')]: '3x20', [one('flexmetal_duplicates_detected_total')]: '2x20' },
    },
  },
  FlexMetalOrphanedServers: {
    at: '20m',
    fires: {
      readings: { [one('flexmetal_orphans')]: '0x3 2x20', [one('flexmetal_orphans', '', STANDBY)]: '0x30' },
      summary: '2 live servers of this cluster belong to no object.',
    },
    quiet: { 'one that soon has an object': { [one('flexmetal_orphans')]: '0x8 1x8 0x20' } },
  },
  FlexMetalOrderUnclear: {
    at: '20m',
    fires: {
      readings: {
        [one('flexmetal_orders_unclear')]: '0x3 1x20',
        [one('flexmetal_orders_unclear', '', STANDBY)]: '0x30',
      },
      summary: '1 orders have no known outcome.',
    },
    quiet: { 'one that settles in time': { [one('flexmetal_orders_unclear')]: '0x5 1x9 0x20' } },
  },
  FlexMetalDeliverySlow: {
    at: '20m',
    fires: {
      readings: { [reason('Slow')]: '1x30' },
      summary: '1 servers are not delivered within their provisioningTimeout.',
    },
    quiet: { 'a delivery within its time': { [reason('Provisioning')]: '5x30' } },
  },
  FlexMetalReleaseStuck: {
    at: '20m',
    fires: {
      readings: { [reason('ReleaseStuck')]: '1x30' },
      summary: '1 servers are still there half an hour after their release was asked for.',
    },
    quiet: { 'a release under way': { [reason('Releasing')]: '5x30' } },
  },
  FlexMetalServerLost: {
    at: '20m',
    fires: {
      readings: { [one('flexmetal_lost_total')]: '0x10 1x20' },
      summary: 'A server went away, and not by the operator.',
    },
    quiet: { 'none lost': { [one('flexmetal_lost_total')]: '4x30', [reason('Releasing')]: '1x30' } },
  },
  FlexMetalObjectsBlocked: {
    at: '20m',
    fires: {
      readings: { [reason('AccountChanged')]: '0x3 4x20' },
      labels: { reason: 'AccountChanged' },
      summary: '4 FlexMetalServers wait: AccountChanged.',
    },
    quiet: {
      'what has an alert of its own or was asked for': {
        [reason('DuplicateServers')]: '1x30',
        [reason('Paused')]: '1x30',
        [reason('Provisioning')]: '1x30',
      },
      'a block that is answered in time': { [reason('InputsMissing')]: '0x4 1x13 0x30' },
    },
  },
  FlexMetalCredentialsInvalid: {
    at: '15m',
    fires: {
      readings: { [calls('unreadable', '401')]: '0x5 1+1x20' },
      summary: 'The FlexMetal API does not accept the token.',
    },
    quiet: {
      'calls that go well': { [calls('ok', '200')]: '0+4x20' },
      'one call that was turned away': { [calls('unreadable', '403')]: '0x8 1x2' },
    },
  },
  FlexMetalApiErrors: {
    at: '30m',
    fires: {
      readings: { [calls('unreadable', '503')]: '0+5x40', [calls('ok', '200')]: '0+15x40' },
      summary: '25% of the calls to the FlexMetal API fail.',
    },
    quiet: {
      'one of twenty': { [calls('unreadable', 'none')]: '0+1x40', [calls('ok', '200')]: '0+19x40' },
      'calls turned away as too many': { [calls('unreadable', '429')]: '0+5x40', [calls('ok', '200')]: '0+5x40' },
      'answers that nothing is there': { [calls('notFound', '404')]: '0+9x40', [calls('ok', '200')]: '0+1x40' },
      'no call at all': { [calls('ok', '200')]: '7x40' },
    },
  },
  FlexMetalRateLimited: {
    at: '30m',
    fires: {
      readings: { [calls('unreadable', '429')]: '0+1x40' },
      summary: 'The FlexMetal API turns calls away because there are too many.',
    },
    quiet: { 'once, and not again': { [calls('unreadable', '429')]: '0x5 1x40' } },
  },
  FlexMetalListingStale: {
    at: '15m',
    fires: {
      readings: {
        [one('flexmetal_listing_age_seconds')]: '0+60x20',
        [one('flexmetal_listing_age_seconds', '', STANDBY)]: '0x20',
      },
      summary: 'No complete list of the servers for 15m 0s.',
    },
    quiet: { 'lists that are slow': { [one('flexmetal_listing_age_seconds')]: '120x20' } },
  },
  FlexMetalWatchStale: {
    at: '15m',
    fires: {
      readings: { [one('flexmetal_watch_age_seconds', 'resource="flexmetalservers"')]: '0+60x20' },
      labels: { resource: 'flexmetalservers' },
      summary: 'The Kubernetes API has sent nothing about flexmetalservers for 15m 0s.',
    },
    quiet: { 'a still watch': { [one('flexmetal_watch_age_seconds', 'resource="flexmetalservers"')]: '180x20' } },
  },
  FlexMetalNoLeader: {
    at: '10m',
    fires: {
      readings: {
        [RUNS]: '1x20',
        [one('leader_election_master_status', 'name="flexmetal-operator"')]: '0x20',
        [one('leader_election_master_status', 'name="flexmetal-operator"', STANDBY)]: '0x20',
      },
      summary: 'The operator runs, and no replica leads.',
    },
    quiet: {
      'a leader and a standby': {
        [RUNS]: '1x20',
        [one('leader_election_master_status', 'name="flexmetal-operator"')]: '0x20',
        [one('leader_election_master_status', 'name="flexmetal-operator"', STANDBY)]: '1x20',
      },
      'a change of leaders': {
        [RUNS]: '1x20',
        [one('leader_election_master_status', 'name="flexmetal-operator"')]: '1x7 0x1 1x10',
      },
      "another program's Lease": {
        'leader_election_master_status{namespace="other",job="x",name="y"}': '0x20',
        [RUNS]: '1x20',
      },
    },
  },
  FlexMetalQueueStalled: {
    at: '30m',
    fires: {
      readings: {
        [queue('workqueue_depth')]: '4x40',
        [queue('workqueue_work_duration_seconds_count')]: '9x40',
        [queue('workqueue_longest_running_processor_seconds')]: '0x40',
      },
      summary: 'Objects wait, and none is looked at.',
    },
    quiet: {
      'a long queue that moves': {
        [queue('workqueue_depth')]: '400x40',
        [queue('workqueue_work_duration_seconds_count')]: '0+1x40',
      },
      'nothing to do': {
        [queue('workqueue_depth')]: '0x40',
        [queue('workqueue_work_duration_seconds_count')]: '9x40',
      },
      'an order under way': { [queue('workqueue_longest_running_processor_seconds')]: '180x40' },
      "another program's queue": { [foreignQueue('workqueue_longest_running_processor_seconds')]: '0+60x40' },
    },
  },
  FlexMetalPassesFail: {
    at: '15m',
    fires: {
      readings: { [one('controller_runtime_reconcile_errors_total', 'controller="flexmetalserver"')]: '0x5 1x20' },
      summary: 'The operator fails on an object.',
    },
    quiet: {
      "another program's errors": { [one('controller_runtime_reconcile_errors_total', 'controller="node"')]: '0+1x40' },
    },
  },
  FlexMetalCrdOutdated: {
    at: '10m',
    fires: {
      readings: { [one('flexmetal_crd_outdated')]: '1x20' },
      summary: 'The installed CRD is older than the operator.',
    },
    quiet: { 'a CRD that fits': { [one('flexmetal_crd_outdated')]: '0x20' } },
  },
  FlexMetalOperatorDown: {
    at: '30m',
    fires: {
      readings: { [RUNS]: '1x10 _x40', 'flexmetal_build_info{namespace="other",job="operator"}': '1x60' },
      summary: 'Prometheus reads metrics of no replica of the operator.',
    },
    quiet: {
      'one replica of two is left': { [RUNS]: '1x10 _x40', [one('flexmetal_build_info', '', STANDBY)]: '1x60' },
      'a restart of some minutes': { [RUNS]: '1x24 _x2 1x30' },
    },
  },
};
