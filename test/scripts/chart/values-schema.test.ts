import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv } from 'ajv';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { CRDS_CHART, OPERATOR_CHART } from '../../../scripts/chart/charts.ts';
import { describedValues } from '../../../scripts/chart/described-values.ts';
import { closed } from '../../../scripts/chart/json-schema.ts';
import { valuesSchema } from '../../../scripts/chart/values-schema.ts';
import { SETTINGS, Settings } from '../../../src/config/settings.ts';

const ROOT = path.join(import.meta.dirname, '../../..');
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

function complaintsOf(chart: typeof OPERATOR_CHART) {
  const ajv = new Ajv({ allErrors: true, allowUnionTypes: true, strict: true });
  const validate = ajv.compile(valuesSchema(chart, describedValues(read(`${chart.folder}/values.yaml`))));
  return (values: unknown): readonly string[] => {
    validate(values);
    return (validate.errors ?? []).map(
      ({ instancePath, message = '', params }) =>
        `${instancePath} ${String(params['allowedValue'] ?? params['additionalProperty'] ?? message)}`,
    );
  };
}

const complaints = complaintsOf(OPERATOR_CHART);
const meant = (name: string): string => `no value of this chart has this name: did you mean ${name}?`;

test.each([OPERATOR_CHART, CRDS_CHART])('the defaults of $folder are good', (chart) => {
  expect(complaintsOf(chart)(load(read(`${chart.folder}/values.yaml`)))).toEqual([]);
});

test.each(['values-hardened.yaml'])('%s is good', (file) => {
  expect(complaints(load(read(`${OPERATOR_CHART.folder}/${file}`)))).toEqual([]);
});

describe('a key that is wrong', () => {
  test.each([
    ['a slip at the root', { replica: 2 }, `/replica ${meant('replicas')}`],
    ['a slip in a group', { image: { pulPolicy: 'Always' } }, `/image/pulPolicy ${meant('image.pullPolicy')}`],
    ['another spelling', { image: { pull_policy: 'Always' } }, `/image/pull_policy ${meant('image.pullPolicy')}`],
    [
      'a slip far down',
      { api: { token: { existingSecret: { nme: 'x' } } } },
      `/api/token/existingSecret/nme ${meant('api.token.existingSecret.name')}`,
    ],
    ['a slip of a setting', { config: { serverMax: 1 } }, `/config/serverMax ${meant('config.serversMax')}`],
    ['a setting beside config', { serversMax: 1 }, `/serversMax ${meant('config.serversMax')}`],
    ['a value that stands deeper', { protectCRDs: 'deny' }, `/protectCRDs ${meant('admission.protectCRDs')}`],
    ['the name that other charts use', { replicaCount: 2 }, `/replicaCount ${meant('replicas')}`],
    [
      'a setting that another value makes',
      { config: { apiUrl: 'https://x' } },
      '/config/apiUrl this setting is set by api.url',
    ],
  ])('is answered with the one that was meant: %s', (_name, values, expected) => {
    expect(complaints(values)).toEqual([expected]);
  });

  test.each([{ somethingElse: 1 }, { api: { somethingElse: 1 } }, { config: { somethingElse: 1 } }])(
    'is refused all the same when nothing is near: %j',
    (values) => {
      expect(complaints(values)).toHaveLength(1);
      expect(complaints(values)[0]).toMatch(/somethingElse$/);
    },
  );

  test('is left to others under global', () => {
    expect(complaints({ global: { somethingElse: 1, imageRegistries: [] } })).toEqual([]);
  });

  test('is refused everywhere but in maps whose keys are free', () => {
    const open = openMappings(
      valuesSchema(OPERATOR_CHART, describedValues(read(`${OPERATOR_CHART.folder}/values.yaml`))),
    );
    expect(open.toSorted()).toEqual([
      'affinity',
      'commonAnnotations',
      'commonLabels',
      'dnsConfig',
      'global',
      'metrics.dashboard.annotations',
      'metrics.dashboard.labels',
      'metrics.podMonitor.labels',
      'metrics.rules.labels',
      'metrics.service.annotations',
      'metrics.serviceMonitor.labels',
      'nodeSelector',
      'podAnnotations',
      'podLabels',
      'podSecurityContext',
      'resources',
      'securityContext',
      'serviceAccount.annotations',
      'simulator.resources',
    ]);
  });
});

describe('a value that is wrong is refused', () => {
  test.each([
    { replicas: 3 },
    { replicas: '2' },
    { image: { digest: 'sha256:12' } },
    { image: { tag: 1 } },
    { api: { url: 'http://api.example' } },
    { api: { url: 'https://api.example/v3' } },
    { watch: { scope: 'all' } },
    { watch: { namespaces: ['Games'] } },
    { watch: { namespaces: 'games' } },
    { admission: { protectCRDs: 'yes' } },
    { admission: { protectCRDs: false } },
    { networkPolicy: { apiCIDRs: ['10.0.0.1'] } },
    { commonLabels: { billable: true } },
    { extraEnv: [{ value: 'x' }] },
    { simulator: { timeScale: 0 } },
    { config: { settleWindow: 300 } },
    { config: { settleWindow: '' } },
    { config: { clusterId: 12345678901 } },
    { config: { mode: 'observing' } },
    { config: { serversMax: 'many' } },
    { config: { leaderElection: 'yes' } },
  ])('%j', (values) => {
    expect(complaints(values)).toHaveLength(1);
  });
});

test.each([
  [
    'every default',
    SETTINGS.flatMap(({ key, fallback }) => (fallback === undefined ? [] : [[key, fallback] as const])),
  ],
  ['every example', SETTINGS.map(({ key, example }) => [key, example] as const)],
  [
    'numbers and booleans without quotes',
    [
      ['serversMax', 20],
      ['requestsPerSecond', 0.5],
      ['leaderElection', false],
    ] as const,
  ],
])('config takes %s that the operator takes', (_name, given) => {
  const taken = given.filter(
    ([key]) => !complaints({ config: { [key]: 1 } }).some((words) => words.includes('this setting')),
  );
  expect(taken.length).toBeGreaterThan(2);
  for (const [key, value] of taken) {
    expect(Settings.safeParse({ [key]: value })).toMatchObject({ success: true });
    expect(complaints({ config: { [key]: value } })).toEqual([]);
  }
});

test('two names that are one slip apart are both good', () => {
  const schema = closed({
    path: ['a'],
    properties: new Map([
      ['label', {}],
      ['labels', {}],
      ['other', {}],
    ]),
  });
  const validate = new Ajv().compile(schema);
  expect(validate({ label: 1, labels: 2 })).toBe(true);
  expect(validate({ othr: 1 })).toBe(false);
  expect(validate({ labelx: 1 })).toBe(false);
});

test('a form for a value that the chart does not have is found when the schema is made', () => {
  const chart = { ...CRDS_CHART, forms: { ...CRDS_CHART.forms, keeep: { type: 'boolean' } } };
  expect(() => valuesSchema(chart, describedValues(read(`${CRDS_CHART.folder}/values.yaml`)))).toThrow('keeep');
});

/** Paths of mappings that take keys which the schema does not name. */
function openMappings(schema: unknown, at: readonly string[] = []): readonly string[] {
  const node = Object(schema);
  const below = Object.entries(Object(node.properties)).flatMap(([name, child]) => openMappings(child, [...at, name]));
  return node.type === 'object' && node.additionalProperties !== false ? [at.join('.'), ...below] : below;
}
