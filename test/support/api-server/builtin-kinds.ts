import { fieldsOf, isObject, sameJson, textOf, textsOf, withField, type Json, type JsonObject } from './json.ts';
import type { Kind } from './kind.ts';
import type { Cause } from './replies.ts';
import type { Schema } from './structural-schema.ts';

const text: Schema = { type: 'string' };
const integer: Schema = { type: 'integer' };
const flag: Schema = { type: 'boolean' };
const textMap: Schema = { type: 'object', additionalProperties: text };
/** metav1.MicroTime: the real server reads six digits after the point and nothing else. */
const microTime: Schema = {
  type: 'string',
  nullable: true,
  pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}(?:Z|[+-]\\d\\d:\\d\\d)$',
};

const reference: Schema = {
  type: 'object',
  properties: {
    apiVersion: text,
    kind: text,
    namespace: text,
    name: text,
    uid: text,
    resourceVersion: text,
    fieldPath: text,
  },
};

const plain = {
  hasStatus: false,
  hasGeneration: false,
  allowsUnguardedUpdate: true,
  createsOnUpdate: false,
  isCustom: false,
  namespaced: true,
} as const;

const secrets: Kind = {
  ...plain,
  group: '',
  version: 'v1',
  plural: 'secrets',
  kind: 'Secret',
  schema: {
    type: 'object',
    properties: { data: textMap, stringData: textMap, immutable: flag, type: { ...text, default: 'Opaque' } },
  },
  normalise: (object) => {
    const plainText = textsOf(object['stringData']);
    if (plainText.length === 0) return withField(object, 'stringData', undefined);
    const encoded = plainText.map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
    return withField(
      { ...object, data: { ...fieldsOf(object['data']), ...Object.fromEntries(encoded) } },
      'stringData',
      undefined,
    );
  },
  check: frozenOnce,
};

const configMaps: Kind = {
  ...plain,
  group: '',
  version: 'v1',
  plural: 'configmaps',
  kind: 'ConfigMap',
  schema: { type: 'object', properties: { data: textMap, binaryData: textMap, immutable: flag } },
  check: frozenOnce,
};

const namespaces: Kind = {
  ...plain,
  group: '',
  version: 'v1',
  plural: 'namespaces',
  kind: 'Namespace',
  namespaced: false,
  schema: {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        default: { finalizers: ['kubernetes'] },
        properties: { finalizers: { type: 'array', items: text } },
      },
      status: { type: 'object', default: { phase: 'Active' }, properties: { phase: text } },
    },
  },
  normalise: (object) => {
    const metadata = fieldsOf(object['metadata']);
    const labels = { ...fieldsOf(metadata['labels']), 'kubernetes.io/metadata.name': metadata['name'] ?? '' };
    return { ...object, metadata: { ...metadata, labels } };
  },
};

const leases: Kind = {
  ...plain,
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  kind: 'Lease',
  allowsUnguardedUpdate: false,
  createsOnUpdate: true,
  schema: {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        default: {},
        properties: {
          holderIdentity: text,
          leaseDurationSeconds: integer,
          acquireTime: microTime,
          renewTime: microTime,
          leaseTransitions: integer,
          strategy: text,
          preferredHolder: text,
        },
      },
    },
  },
  check: (object) => {
    const spec = fieldsOf(object['spec']);
    const { leaseDurationSeconds: duration, leaseTransitions: transitions } = spec;
    const causes: Cause[] = [];
    if (typeof duration === 'number' && duration <= 0)
      causes.push(wrong('spec.leaseDurationSeconds', duration, 'must be greater than 0'));
    if (typeof transitions === 'number' && transitions < 0) {
      causes.push(wrong('spec.leaseTransitions', transitions, 'must be greater than or equal to 0'));
    }
    return causes;
  },
};

const events: Kind = {
  ...plain,
  group: 'events.k8s.io',
  version: 'v1',
  plural: 'events',
  kind: 'Event',
  groupInErrors: '',
  createsOnUpdate: true,
  schema: {
    type: 'object',
    properties: {
      eventTime: { ...microTime, default: null },
      series: { type: 'object', properties: { count: integer, lastObservedTime: microTime } },
      reportingController: text,
      reportingInstance: text,
      action: text,
      reason: text,
      regarding: { ...reference, default: {} },
      related: reference,
      note: text,
      type: text,
      deprecatedSource: { type: 'object', default: {}, properties: { component: text, host: text } },
      deprecatedFirstTimestamp: { ...text, nullable: true, default: null },
      deprecatedLastTimestamp: { ...text, nullable: true, default: null },
      deprecatedCount: integer,
    },
  },
  check: (object, before) => [
    ...eventCauses(object),
    ...seriesCauses(object, before),
    ...changedCauses(object, before),
  ],
};

/** What an operator needs besides its own kinds. */
export const BUILTIN_KINDS: readonly Kind[] = [secrets, configMaps, namespaces, leases, events];

const EVENT_TEXTS = [
  ['reportingInstance', 128],
  ['action', 128],
  ['reason', 128],
] as const;

function eventCauses(object: JsonObject): readonly Cause[] {
  const causes: Cause[] = [];
  const namespace = fieldsOf(object['metadata'])['namespace'];
  const about = textOf(fieldsOf(object['regarding'])['namespace']) ?? '';
  // An event with a time may be about another namespace; one without is of the old form, which may not.
  const mayBeAnywhere = textOf(object['eventTime']) !== undefined && about !== '';
  const isClusterWide = about === '' && (namespace === 'default' || namespace === 'kube-system');
  if (!mayBeAnywhere && !isClusterWide && about !== namespace) {
    causes.push(wrong('involvedObject.namespace', about, 'does not match event.namespace'));
  }
  if (textOf(object['eventTime']) === undefined) causes.push(missing('eventTime'));
  const controller = textOf(object['reportingController']) ?? '';
  if (controller === '') causes.push(missing('reportingController'));
  if (!/^(?:[a-z0-9.-]+\/)?[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/.test(controller)) {
    causes.push(wrong('reportingController', controller, 'must be a qualified name'));
  }
  for (const [field, longest] of EVENT_TEXTS) {
    const value = textOf(object[field]) ?? '';
    if (value === '') causes.push(missing(field));
    if (Buffer.byteLength(value) > longest) causes.push(wrong(field, '', `can have at most ${longest} characters`));
  }
  if (Buffer.byteLength(textOf(object['note']) ?? '') > 1024)
    causes.push(wrong('message', '', 'can have at most 1024 characters'));
  if (object['type'] !== 'Normal' && object['type'] !== 'Warning') {
    causes.push(wrong('type', '', `has invalid value: ${textOf(object['type']) ?? ''}`));
  }
  return causes;
}

function seriesCauses(object: JsonObject, before: JsonObject | undefined): readonly Cause[] {
  const { series } = object;
  if (!isObject(series) || sameJson(series, before?.['series'])) return [];
  const causes: Cause[] = [];
  if (typeof series['count'] !== 'number' || series['count'] < 2)
    causes.push(wrong('series.count', '', 'should be at least 2'));
  if (textOf(series['lastObservedTime']) === undefined) causes.push(missing('series.lastObservedTime'));
  return causes;
}

/** Fields of an event that never change, beside the name under which the server reports them. */
const EVENT_FIXED = [
  ['regarding', 'involvedObject'],
  ['reason', 'reason'],
  ['note', 'message'],
  ['type', 'type'],
  ['eventTime', 'eventTime'],
  ['action', 'action'],
  ['related', 'related'],
  ['reportingController', 'reportingController'],
  ['reportingInstance', 'reportingInstance'],
] as const;

function changedCauses(object: JsonObject, before: JsonObject | undefined): readonly Cause[] {
  if (before === undefined) return [];
  return EVENT_FIXED.filter(([field]) => !sameJson(object[field], before[field])).map(([field, reported]) =>
    wrong(reported, object[field] ?? null, 'field is immutable'),
  );
}

function frozenOnce(object: JsonObject, before: JsonObject | undefined): readonly Cause[] {
  if (before?.['immutable'] !== true) return [];
  const causes: Cause[] = [];
  if (object['immutable'] !== true) causes.push(forbidden('immutable'));
  for (const field of ['data', 'binaryData']) {
    if (!sameJson(object[field], before[field])) causes.push(forbidden(field));
  }
  return causes;
}

const forbidden = (field: string): Cause => ({
  reason: 'FieldValueForbidden',
  field,
  message: 'Forbidden: field is immutable when `immutable` is set',
});

const missing = (field: string): Cause => ({ reason: 'FieldValueRequired', field, message: 'Required value' });

const wrong = (field: string, value: Json, why: string): Cause => ({
  reason: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
});
