import * as z from 'zod';
import { formatDuration, millis } from '../base/time.ts';
import {
  apiUrl,
  clusterId,
  collectorUrl,
  count,
  decimal,
  duration,
  isLoopback,
  listenAddress,
  namespace,
  namespaces,
  objectName,
  oneOf,
  path,
  proxyUrl,
  toggle,
  word,
} from './values.ts';

/** What people are told about a setting. */
export interface About {
  readonly group: Group;
  /** What stands for the value in the help. */
  readonly value: string;
  readonly meaning: string;
  readonly example: string;
  /** As people would write it; undefined when there is none. */
  readonly fallback: string | undefined;
  /** False: a wrong value is not repeated in the error, since a secret may have been pasted there. */
  readonly printable: boolean;
}

export const GROUPS = ['FlexMetal API', 'Orders', 'Observing', 'Kubernetes', 'Leader election', 'Process'] as const;
type Group = (typeof GROUPS)[number];

/** The words for each setting, by its schema. */
const abouts = z.registry<About>();

type Given = Pick<About, 'group' | 'value' | 'meaning' | 'example'> & { readonly printable?: false };

function setting<T extends z.ZodType>(form: T, fallback: z.input<T> & string, given: Given) {
  const schema = form.prefault(fallback);
  abouts.add(schema, { printable: true, ...given, fallback });
  return schema;
}

function optional<T extends z.ZodType>(form: T, given: Given) {
  const schema = form.optional();
  abouts.add(schema, { printable: true, ...given, fallback: undefined });
  return schema;
}

/** Every setting, once: types, checks, help and docs/configuration.md come from here. */
const table = z.strictObject({
  apiUrl: setting(apiUrl(), 'https://api.i3d.net', {
    group: 'FlexMetal API',
    value: 'url',
    meaning: 'Where the FlexMetal API is. https only; http for this machine.',
    example: 'https://api.i3d.net',
  }),
  tokenFile: setting(path(), '/var/run/secrets/flexmetal/token', {
    group: 'FlexMetal API',
    value: 'path',
    meaning:
      'File that holds the API token. Read again when it changes. The token itself is never a flag or a variable.',
    example: '/var/run/secrets/flexmetal/token',
    printable: false,
  }),
  proxyUrl: optional(proxyUrl(), {
    group: 'FlexMetal API',
    value: 'url',
    meaning:
      'Proxy for the FlexMetal API, http or https, that knows CONNECT; TLS with the API goes through it. Not used for an API at http. ' +
      'One with a user and a password belongs in the environment or the file: other users of the machine can read flags.',
    example: 'http://proxy.example:3128',
    printable: false,
  }),
  requestTimeout: setting(duration('1s', '10m'), '30s', {
    group: 'FlexMetal API',
    value: 'duration',
    meaning: 'Total time for one call that is not an order.',
    example: '30s',
  }),
  requestsPerSecond: setting(decimal(0.1, 1_000), '5', {
    group: 'FlexMetal API',
    value: 'number',
    meaning: 'Calls a second with one token, in the long run. Releases go first, then orders, then the rest.',
    example: '5',
  }),
  requestBurst: setting(count(1, 10_000), '10', {
    group: 'FlexMetal API',
    value: 'number',
    meaning: 'Calls that may go at once after a quiet time.',
    example: '10',
  }),

  mode: setting(oneOf(['normal', 'observe']), 'normal', {
    group: 'Orders',
    value: 'normal|observe',
    meaning: 'observe: nothing is ordered, released or tagged; the operator only looks and reports.',
    example: 'observe',
  }),
  clusterId: optional(clusterId(), {
    group: 'Orders',
    value: 'hex',
    meaning:
      "Twelve hex digits that mark this cluster's servers; derived from the uid of the namespace kube-system when not given. " +
      'A cluster rebuilt from a backup keeps its servers only if this is set to the old value.',
    example: '0123456789ab',
  }),
  orderTimeout: setting(duration('1s', '30m'), '180s', {
    group: 'Orders',
    value: 'duration',
    meaning: 'Total time for one order. An order that has no answer by then is unclear and gets settled.',
    example: '180s',
  }),
  settleWindow: setting(duration('1s', '24h'), '5m', {
    group: 'Orders',
    value: 'duration',
    meaning:
      'How long after its deadline an unclear order may still turn up. Only complete listings begun later prove that there is no server. ' +
      'At least 1m, except against an API on this machine.',
    example: '5m',
  }),
  serversMax: setting(count(0, 1_000_000), '100', {
    group: 'Orders',
    value: 'number',
    meaning: 'Brake: no order while so many live servers carry the tag of this cluster. 0 stops all orders.',
    example: '100',
  }),
  ordersPerHourMax: setting(count(0, 1_000_000), '30', {
    group: 'Orders',
    value: 'number',
    meaning: 'Brake: no more orders than this in any hour. 0 stops all orders.',
    example: '30',
  }),

  pollIntervalMoving: setting(duration('100ms', '1h'), '15s', {
    group: 'Observing',
    value: 'duration',
    meaning: 'How often all servers are listed while one of them is on its way in or out.',
    example: '15s',
  }),
  pollIntervalStill: setting(duration('100ms', '24h'), '60s', {
    group: 'Observing',
    value: 'duration',
    meaning: 'How often all servers are listed otherwise.',
    example: '60s',
  }),
  pageSize: setting(count(1, 1_000), '100', {
    group: 'Observing',
    value: 'number',
    meaning: 'Servers asked for in one page of a listing.',
    example: '100',
  }),
  pagesMax: setting(count(1, 10_000), '200', {
    group: 'Observing',
    value: 'number',
    meaning:
      'Pages after which a listing is given up as incomplete. Nothing is concluded from an incomplete one, so no order is sent.',
    example: '200',
  }),

  kubeconfig: optional(path(), {
    group: 'Kubernetes',
    value: 'path',
    meaning: 'Kubeconfig file. Without it: the service account of the pod, else the usual places.',
    example: '/home/me/.kube/config',
    printable: false,
  }),
  kubeContext: optional(word(), {
    group: 'Kubernetes',
    value: 'name',
    meaning: 'Context of the kubeconfig; its current one when not given.',
    example: 'staging',
  }),
  namespaces: setting(namespaces(), '', {
    group: 'Kubernetes',
    value: 'list',
    meaning: 'Namespaces to watch, separated by commas; empty for all.',
    example: 'games,staging',
  }),
  workers: setting(count(1, 64), '4', {
    group: 'Kubernetes',
    value: 'number',
    meaning: 'Objects that are worked on at once.',
    example: '4',
  }),

  leaderElection: setting(toggle(), 'true', {
    group: 'Leader election',
    value: 'true|false',
    meaning: 'Off only where it is certain that one process runs: two without it can order twice.',
    example: 'true',
  }),
  leaseName: setting(objectName(), 'flexmetal-operator', {
    group: 'Leader election',
    value: 'name',
    meaning: 'Name of the Lease.',
    example: 'flexmetal-operator',
  }),
  leaseNamespace: optional(namespace(), {
    group: 'Leader election',
    value: 'namespace',
    meaning: 'Namespace of the Lease; the one the operator runs in when not given.',
    example: 'flexmetal-system',
  }),
  leaseDuration: setting(duration('2s', '10m'), '15s', {
    group: 'Leader election',
    value: 'duration',
    meaning: 'How long others wait for a silent leader before one of them takes over.',
    example: '15s',
  }),
  leaseRenewDeadline: setting(duration('1s', '10m'), '10s', {
    group: 'Leader election',
    value: 'duration',
    meaning: 'A leader that could not renew for so long stops. Shorter than leaseDuration.',
    example: '10s',
  }),
  leaseRetryPeriod: setting(duration('100ms', '5m'), '2s', {
    group: 'Leader election',
    value: 'duration',
    meaning: 'Time between two attempts to get or renew the Lease. At most half of leaseRenewDeadline.',
    example: '2s',
  }),

  shutdownGrace: setting(duration('1s', '1h'), '200s', {
    group: 'Process',
    value: 'duration',
    meaning:
      "How long to wait for work in flight after SIGTERM. Not shorter than orderTimeout; the pod's terminationGracePeriodSeconds must be longer.",
    example: '200s',
  }),
  logLevel: setting(oneOf(['debug', 'info', 'warn', 'error']), 'info', {
    group: 'Process',
    value: 'debug|info|warn|error',
    meaning: 'Least level of log lines (JSON on standard output).',
    example: 'debug',
  }),
  metricsAddress: setting(listenAddress(), ':8080', {
    group: 'Process',
    value: 'host:port',
    meaning: 'Where /metrics is served.',
    example: '127.0.0.1:8080',
  }),
  healthAddress: setting(listenAddress(), ':8081', {
    group: 'Process',
    value: 'host:port',
    meaning: 'Where /healthz, /livez and /readyz are served.',
    example: '127.0.0.1:8081',
  }),
  tracingEndpoint: optional(collectorUrl(), {
    group: 'Process',
    value: 'url',
    meaning:
      'Collector that takes OpenTelemetry traces by OTLP over HTTP (JSON); /v1/traces is added. Nothing is traced without it.',
    example: 'http://collector.monitoring:4318',
    printable: false,
  }),
});

type Table = z.output<typeof table>;
export type SettingKey = keyof Table;
/** What the operator was told to do, checked. Lengths of time are in milliseconds. */
export type Config = Readonly<Table>;

/** Below this a real API could still be committing an order, or be lagging, when we already conclude that there is nothing. */
const SETTLE_WINDOW_MIN = millis(60_000);
/** Between the last check of the lease and the last byte of an order; after that another leader may be at work. */
const LEASE_MARGIN_MIN = millis(2_000);

/** Reads raw settings. Relations between settings are checked once each of them is right by itself. */
export const Settings = table.superRefine((config, context) => {
  const complain = (key: SettingKey, message: string): void => {
    context.addIssue({ code: 'custom', path: [key], message });
  };
  if (config.shutdownGrace < config.orderTimeout) {
    complain(
      'shutdownGrace',
      `must not be shorter than orderTimeout (${formatDuration(config.orderTimeout)}), or an order in flight is cut off`,
    );
  }
  if (config.pollIntervalMoving > config.pollIntervalStill) {
    complain(
      'pollIntervalMoving',
      `must not be longer than pollIntervalStill (${formatDuration(config.pollIntervalStill)})`,
    );
  }
  if (config.leaseRenewDeadline >= config.leaseDuration) {
    complain(
      'leaseRenewDeadline',
      `must be shorter than leaseDuration (${formatDuration(config.leaseDuration)}), or two leaders overlap`,
    );
  }
  if (config.leaseRetryPeriod * 2 > config.leaseRenewDeadline) {
    complain(
      'leaseRetryPeriod',
      `must be at most half of leaseRenewDeadline (${formatDuration(config.leaseRenewDeadline)})`,
    );
  }
  if (config.leaseDuration % 1_000 !== 0)
    complain('leaseDuration', 'must be whole seconds, as the Lease counts in them');
  if (isLoopback(new URL(config.apiUrl))) return;
  if (config.leaseDuration - config.leaseRenewDeadline < LEASE_MARGIN_MIN) {
    complain(
      'leaseRenewDeadline',
      `must be ${formatDuration(LEASE_MARGIN_MIN)} shorter than leaseDuration against a real API`,
    );
  }
  if (config.settleWindow < SETTLE_WINDOW_MIN) {
    complain(
      'settleWindow',
      `must be at least ${formatDuration(SETTLE_WINDOW_MIN)} against a real API, or a late order is missed and sent twice`,
    );
  }
});

export interface Setting extends About {
  /** In the file: `settleWindow`. */
  readonly key: SettingKey;
  /** `--settle-window`. */
  readonly flag: string;
  /** `FLEXMETAL_SETTLE_WINDOW`. */
  readonly variable: string;
  readonly isToggle: boolean;
}

export const SETTINGS: readonly Setting[] = Object.entries(table.shape).map(([name, schema]) => {
  const about = abouts.get(schema);
  const key = table.keyof().parse(name);
  if (about === undefined) throw new Error(`the setting ${key} has no words`);
  const words = key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return {
    ...about,
    key,
    flag: `--${words}`,
    variable: `FLEXMETAL_${words.replaceAll('-', '_').toUpperCase()}`,
    isToggle: about.value === 'true|false',
  };
});
