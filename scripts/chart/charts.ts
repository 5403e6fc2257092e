import { configSchema, misplacedSettings } from './config-schema.ts';
import {
  action,
  cidrs,
  dataKey,
  listOf,
  matching,
  namespaces,
  object,
  objectName,
  objects,
  oneOf,
  port,
  renderMode,
  textMap,
  texts,
  whole,
} from './forms.ts';
import type { JsonSchema } from './json-schema.ts';
import { didYouMean } from './json-schema.ts';

export interface Chart {
  readonly folder: string;
  /** Forms of values by their paths. A text, number or boolean without one takes its type from its default. */
  readonly forms: Readonly<Record<string, JsonSchema>>;
  /** What to say of names at the root that stand elsewhere, or have another name in other charts. */
  readonly misplaced: Readonly<Record<string, string>>;
}

const name = matching('^(?:[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?)?$');
const pullSecret: JsonSchema = {
  anyOf: [
    { type: 'string', minLength: 1 },
    { type: 'object', required: ['name'] },
  ],
};

export const OPERATOR_CHART: Chart = {
  folder: 'helm/flexmetal-operator',
  forms: {
    'global.imagePullSecrets': listOf(pullSecret),
    'image.repository': matching('^[a-z0-9][a-z0-9._/-]*$'),
    'image.tag': matching('^(?:\\w[\\w.-]{0,127})?$'),
    'image.digest': matching('^(?:sha256:[0-9a-f]{64})?$'),
    'image.pullPolicy': oneOf('Always', 'IfNotPresent', 'Never'),
    'image.pullSecrets': listOf(pullSecret),
    nameOverride: name,
    fullnameOverride: name,
    commonLabels: textMap,
    commonAnnotations: textMap,
    'api.url': matching('^https://[^/?#@]+/?$'),
    'api.token.existingSecret.name': objectName,
    'api.token.existingSecret.key': dataKey,
    'api.proxy.url': matching('^(?:https?://\\S+)?$'),
    'api.proxy.existingSecret.name': objectName,
    'api.proxy.existingSecret.key': dataKey,
    'api.ca.existingConfigMap.name': objectName,
    'api.ca.existingConfigMap.key': dataKey,
    config: configSchema(),
    'watch.scope': oneOf('cluster', 'namespaces'),
    'watch.namespaces': namespaces,
    'watch.references.namespaces': namespaces,
    'serviceAccount.name': objectName,
    'serviceAccount.annotations': textMap,
    replicas: oneOf(1, 2),
    'podDisruptionBudget.maxUnavailable': oneOf(1, 2),
    resources: object,
    terminationGracePeriodSeconds: whole(1),
    nodeSelector: textMap,
    tolerations: objects,
    affinity: object,
    podAntiAffinity: oneOf('soft', 'hard', 'none'),
    topologySpreadConstraints: objects,
    podLabels: textMap,
    podAnnotations: textMap,
    podSecurityContext: object,
    securityContext: object,
    nodeOptions: texts,
    extraArgs: texts,
    extraEnv: listOf({ type: 'object', required: ['name'] }),
    extraVolumes: objects,
    extraVolumeMounts: objects,
    extraObjects: listOf({ type: ['object', 'string'] }),
    'networkPolicy.metricsFrom': objects,
    'networkPolicy.kubernetesPorts': listOf(port),
    'networkPolicy.kubernetesCIDRs': cidrs,
    'networkPolicy.apiCIDRs': cidrs,
    'networkPolicy.apiPort': port,
    'networkPolicy.extraEgress': objects,
    'networkPolicy.extraIngress': objects,
    'metrics.service.annotations': textMap,
    'metrics.serviceMonitor.interval': matching('^[0-9]+(?:ms|s|m|h)$'),
    'metrics.serviceMonitor.labels': textMap,
    'metrics.serviceMonitor.renderMode': renderMode,
    'metrics.podMonitor.interval': matching('^[0-9]+(?:ms|s|m|h)$'),
    'metrics.podMonitor.labels': textMap,
    'metrics.podMonitor.renderMode': renderMode,
    'metrics.rules.labels': textMap,
    'metrics.rules.renderMode': renderMode,
    'metrics.rules.disabled': texts,
    'metrics.rules.runbookUrl': matching('^https?://\\S+$'),
    'metrics.dashboard.labels': textMap,
    'metrics.dashboard.annotations': textMap,
    'admission.protectCRDs': action,
    'admission.protectServers': action,
    'admission.limits.action': action,
    'admission.limits.instanceTypes': texts,
    'admission.limits.locations': texts,
    'simulator.timeScale': { type: 'number', exclusiveMinimum: 0 },
    'simulator.resources': object,
    'tracing.endpoint': matching('^(?:https?://\\S+)?$'),
  },
  misplaced: {
    ...Object.fromEntries(misplacedSettings()),
    env: didYouMean(['extraEnv']),
    existingSecret: didYouMean(['api', 'token', 'existingSecret']),
    imagePullSecrets: didYouMean(['image', 'pullSecrets']),
    installCRDs: didYouMean(['crds', 'enabled']),
    pdb: didYouMean(['podDisruptionBudget']),
    prometheusRule: didYouMean(['metrics', 'rules']),
    replicaCount: didYouMean(['replicas']),
    tokenSecret: didYouMean(['api', 'token', 'existingSecret', 'name']),
    watchNamespaces: didYouMean(['watch', 'namespaces']),
  },
};

export const CRDS_CHART: Chart = {
  folder: 'helm/flexmetal-operator-crds',
  forms: { commonLabels: textMap, commonAnnotations: textMap },
  misplaced: {},
};
