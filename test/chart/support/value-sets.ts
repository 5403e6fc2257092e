/** What somebody installs: a chart, what it is told, under which name. */
export interface ValueSet {
  /** Default: `flexmetal-operator`. */
  readonly chart?: 'flexmetal-operator' | 'flexmetal-operator-crds';
  /** A file of the chart's, which comes before `values`. */
  readonly file?: 'values-hardened.yaml';
  readonly values: object;
  readonly release?: string;
  readonly namespace?: string;
}

const TOKEN = { api: { token: { existingSecret: { name: 'flexmetal-token' } } } };
const CLUSTER_ID = '0123456789ab';
const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

/**
 * Ways in which the charts are installed, each for a reason; together they turn every switch. All are linted, rendered by Helm 3
 * and 4, kept as snapshots, and tried on a real API server.
 */
export const VALUE_SETS = {
  defaults: { values: TOKEN },
  hardened: { file: 'values-hardened.yaml', values: { ...TOKEN, image: { digest: DIGEST } } },
  // Strict, and without anything cluster-wide but the policies and the CRD.
  'hardened-namespaces': {
    file: 'values-hardened.yaml',
    values: {
      ...TOKEN,
      image: { digest: DIGEST },
      watch: { scope: 'namespaces', namespaces: ['games', 'web'], references: { namespaces: ['web'] } },
      config: { clusterId: CLUSTER_ID },
    },
  },
  simulator: {
    values: {
      simulator: { enabled: true, timeScale: 600, scenario: 'stock: []\n', resources: { limits: { memory: '256Mi' } } },
      networkPolicy: { enabled: true },
    },
  },
  'own-namespace': {
    values: { ...TOKEN, watch: { scope: 'namespaces' }, config: { clusterId: CLUSTER_ID } },
    namespace: 'games',
  },
  'token-by-value': { values: { api: { token: { value: 'not-a-token' } } } },
  'proxy-and-ca': {
    values: {
      api: {
        ...TOKEN.api,
        proxy: { existingSecret: { name: 'proxy', key: 'address' } },
        ca: { existingConfigMap: { name: 'company-ca', key: 'root.pem' } },
      },
      networkPolicy: {
        enabled: true,
        apiPort: 3128,
        apiCIDRs: ['192.0.2.7/32'],
        kubernetesPorts: [6443],
        kubernetesCIDRs: ['198.51.100.0/24'],
      },
      dnsPolicy: 'None',
      dnsConfig: { nameservers: ['192.0.2.53'], options: [{ name: 'ndots', value: '1' }] },
    },
  },
  monitoring: {
    values: {
      ...TOKEN,
      metrics: {
        service: { annotations: { 'example.com/scrape': 'yes' } },
        serviceMonitor: { enabled: true, renderMode: 'always', interval: '15s', labels: { release: 'prometheus' } },
        podMonitor: { enabled: true, renderMode: 'always', interval: '1m', labels: { release: 'prometheus' } },
        rules: {
          enabled: true,
          renderMode: 'always',
          disabled: ['FlexMetalNoLeader'],
          runbookUrl: 'https://wiki.example/runbooks',
          labels: { release: 'prometheus' },
        },
        dashboard: { enabled: true, labels: { dashboards: 'yes' }, annotations: { grafana_folder: 'Servers' } },
      },
    },
  },
  tracing: {
    values: {
      api: { ...TOKEN.api, proxy: { url: 'http://proxy.example:3128' } },
      tracing: { enabled: true, endpoint: 'http://collector.monitoring:4318' },
      networkPolicy: {
        enabled: true,
        metricsFrom: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
        extraEgress: [{ to: [{ ipBlock: { cidr: '203.0.113.0/24' } }] }],
        extraIngress: [{ ports: [{ port: 'health' }] }],
      },
    },
  },
  openshift: {
    values: {
      ...TOKEN,
      openshift: true,
      networkPolicy: { enabled: true },
      replicas: 2,
      podAntiAffinity: 'none',
      podDisruptionBudget: { enabled: false },
    },
  },
  mirror: {
    values: {
      ...TOKEN,
      global: { imageRegistry: 'registry.example:5000', imagePullSecrets: ['mirror', { name: 'other' }] },
      image: {
        repository: 'mirrored/flexmetal-operator',
        tag: '0.1.0-1',
        digest: DIGEST,
        pullSecrets: ['other', 'mine'],
      },
    },
  },
  limits: {
    values: {
      ...TOKEN,
      admission: {
        protectCRDs: 'warn',
        protectServers: 'off',
        protectLedger: 'off',
        limits: {
          action: 'deny',
          instanceTypes: ['bm7.std.8', `of"quotes'`],
          locations: ['EU: Rotterdam'],
          contact: '#bare-metal',
        },
      },
    },
  },
  // For somebody who may create nothing cluster-wide, and has roles and accounts made by others.
  'no-rights': {
    values: {
      ...TOKEN,
      crds: { enabled: false },
      rbac: { create: false },
      serviceAccount: { create: false, name: 'made-by-others' },
      admission: { enabled: false },
      watch: { scope: 'namespaces', namespaces: ['games'] },
      config: { clusterId: CLUSTER_ID },
    },
  },
  'nothing-kept': {
    values: {
      ...TOKEN,
      crds: { keep: false },
      rbac: { aggregateToEdit: true, aggregateToView: false },
      uninstall: { check: false },
      metrics: { service: { enabled: false } },
      admission: { protectServers: 'deny', protectLedger: 'deny' },
    },
  },
  'two-replicas': {
    values: {
      ...TOKEN,
      replicas: 2,
      podDisruptionBudget: { maxUnavailable: 2 },
      priorityClassName: 'system-cluster-critical',
      runtimeClassName: 'gvisor',
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      tolerations: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' }],
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: 'kubernetes.io/hostname',
          whenUnsatisfiable: 'DoNotSchedule',
          labelSelector: { matchLabels: { 'app.kubernetes.io/component': 'operator' } },
        },
      ],
    },
  },
  affinity: {
    values: {
      ...TOKEN,
      replicas: 2,
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: 'pool', operator: 'In', values: ['system'] }] }],
          },
        },
      },
    },
  },
  extras: {
    values: {
      ...TOKEN,
      commonLabels: { team: 'bare-metal' },
      commonAnnotations: { owner: 'bare-metal@example.com' },
      podLabels: { 'sidecar.istio.io/inject': 'false' },
      podAnnotations: { on: 'yes', number: '7' },
      serviceAccount: { name: 'flexmetal', annotations: { 'example.com/role': 'flexmetal' } },
      nodeOptions: ['--max-semi-space-size=2'],
      extraEnv: [{ name: 'NODE_DEBUG', value: 'net' }],
      extraArgs: ['--log-level=debug'],
      extraVolumes: [{ name: 'scratch', emptyDir: { sizeLimit: '1Mi' } }],
      extraVolumeMounts: [{ name: 'scratch', mountPath: '/scratch' }],
      extraObjects: [
        { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '{{ .Release.Name }}-object' }, data: { on: 'off' } },
        'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ include "flexmetal.name" . }}-text\n',
      ],
    },
  },
  // Names, users and keys that a company has rules for.
  'own-names': {
    values: {
      fullnameOverride: 'bare-metal',
      api: { url: 'https://api.example:8443', token: { existingSecret: { name: 'i3d', key: 'api-key' } } },
      image: { registry: 'registry.example' },
      podSecurityContext: { runAsNonRoot: true, runAsUser: 10_001, seccompProfile: { type: 'RuntimeDefault' } },
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'], add: [] } },
    },
  },
  // The Lease off, and settings of every type.
  settings: {
    values: {
      ...TOKEN,
      terminationGracePeriodSeconds: 700,
      config: {
        clusterId: '1234567890e1',
        leaderElection: false,
        mode: 'observe',
        serversMax: 1_000_000,
        requestsPerSecond: 0.5,
        shutdownGrace: '10m',
      },
    },
  },
  'long-names': {
    values: { ...TOKEN, nameOverride: 'x'.repeat(63), replicas: 2, networkPolicy: { enabled: true } },
    release: 'r'.repeat(53),
    namespace: 'n'.repeat(63),
  },
  crds: { chart: 'flexmetal-operator-crds', values: {} },
  'crds-not-kept': {
    chart: 'flexmetal-operator-crds',
    values: {
      keep: false,
      commonLabels: { team: 'bare-metal' },
      commonAnnotations: { owner: 'bare-metal@example.com' },
    },
  },
} as const satisfies Readonly<Record<string, ValueSet>>;

export const EVERY_SET: readonly (readonly [name: string, set: ValueSet])[] = Object.entries(VALUE_SETS);
