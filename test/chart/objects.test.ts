import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { findHelm, HOW_TO_GET_HELM } from '../../scripts/chart/helm.ts';
import { CLUSTER_RULES, LEASE_RULES, REFERENCE_RULES } from '../cluster/support/rbac.ts';
import { skipsWithout } from '../support/requirement.ts';
import { render } from './support/render.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const TOKEN = { api: { token: { existingSecret: { name: 'token', key: 'k' } } } };
const NAMESPACED = {
  ...TOKEN,
  watch: { scope: 'namespaces', namespaces: ['a', 'b'] },
  config: { clusterId: '0123456789ab' },
};

const KubeObject = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    labels: z.record(z.string(), z.string()),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
});
type KubeObject = z.output<typeof KubeObject>;

const Role = z.looseObject({ rules: z.array(z.record(z.string(), z.array(z.string()))) });

const helm = findHelm() ?? '';

async function objects(values: object, release?: { readonly release?: string; readonly namespace?: string }) {
  const rendered = await render({ helm, chart: path.join(ROOT, 'helm/flexmetal-operator'), values, ...release });
  return rendered.map((object) => KubeObject.parse(object));
}

const ofKind = (all: readonly KubeObject[], kind: string): readonly KubeObject[] =>
  all.filter((object) => object.kind === kind);

async function deployment(values: object): Promise<KubeObject> {
  const [only] = ofKind(await objects(values), 'Deployment');
  return KubeObject.parse(only);
}

describe.skipIf(skipsWithout('helm', helm !== '', HOW_TO_GET_HELM))('the chart', { timeout: 60_000 }, () => {
  test.each([
    ['cluster', { ...TOKEN, watch: { references: { namespaces: ['a', 'b'] } } }],
    ['namespaces', NAMESPACED],
  ])('lets nobody read Secrets of the whole cluster: scope %s', async (_scope, values) => {
    const all = await objects(values);
    const readers = all.filter(
      (object) =>
        object.kind.endsWith('Role') &&
        Role.parse(object).rules.some(({ resources }) => resources?.includes('secrets')),
    );
    expect(readers.map(({ kind, metadata }) => [kind, metadata.namespace])).toEqual([
      ['Role', 'a'],
      ['Role', 'b'],
    ]);
    expect(ofKind(all, 'RoleBinding').map(({ metadata }) => metadata.namespace)).toEqual(
      ofKind(all, 'Role').map(({ metadata }) => metadata.namespace),
    );
  });

  test('gives the operator the rights that the cluster tests run it with', async () => {
    const rules = (
      await objects({ ...TOKEN, watch: { references: { namespaces: ['a'] } }, rbac: { aggregateToView: false } })
    )
      .filter(
        ({ kind, metadata }) => kind.endsWith('Role') && metadata.labels['app.kubernetes.io/component'] === 'operator',
      )
      .map((object) => Role.parse(object).rules);
    expect(rules).toHaveLength(3);
    expect(rules).toEqual(expect.arrayContaining([CLUSTER_RULES, LEASE_RULES, REFERENCE_RULES]));
  });

  test('reads no Secret at all where no namespace is named', async () => {
    expect(JSON.stringify(ofKind(await objects(TOKEN), 'Role'))).not.toContain('secrets');
  });

  test.each([
    ['its own only', [], [], []],
    ['its own among others', ['flexmetal-system', 'games'], [], ['games']],
    ['named on purpose', ['flexmetal-system', 'games'], ['flexmetal-system'], ['flexmetal-system']],
  ])(
    'reads no Secret beside the API token unless that is asked for: watching %s',
    async (_what, namespaces, named, readable) => {
      const all = await objects({
        ...NAMESPACED,
        watch: { scope: 'namespaces', namespaces, references: { namespaces: named } },
      });
      const readers = ofKind(all, 'Role').filter(({ metadata }) => metadata.name.endsWith('-references'));
      expect(readers.map(({ metadata }) => metadata.namespace)).toEqual(readable);
    },
  );

  test('makes no ClusterRole with scope namespaces', async () => {
    expect((await objects(NAMESPACED)).filter(({ kind }) => kind.startsWith('ClusterRole'))).toEqual([]);
  });

  test('mounts the token as a file, whose name in the Secret is free', async () => {
    const made = JSON.stringify(await deployment(TOKEN));
    expect(made).toContain('"secret":{"secretName":"token","defaultMode":288,"items":[{"key":"k","path":"token"}]}');
    expect(made).not.toContain('secretKeyRef');
  });

  test.each([
    ['one replica', TOKEN, { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } }],
    [
      'two replicas',
      { ...TOKEN, replicas: 2 },
      { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
    ],
    ['no Lease', { ...TOKEN, config: { leaderElection: false } }, { type: 'Recreate' }],
  ])('rolls out so that no two order: %s', async (_name, values, strategy) => {
    expect(await deployment(values)).toMatchObject({ spec: { strategy } });
  });

  test('leaves the ids to OpenShift', async () => {
    const made = JSON.stringify(await deployment({ ...TOKEN, openshift: true, securityContext: { runAsUser: 1 } }));
    expect(made).not.toMatch(/runAsUser|runAsGroup|fsGroup/);
    expect(made).toContain('"runAsNonRoot":true');
  });

  test.each([
    [{}, 'ghcr.io/flexmetal-operator/flexmetal-operator:0.1.0'],
    [{ image: { tag: 'v1' } }, 'ghcr.io/flexmetal-operator/flexmetal-operator:v1'],
    [{ image: { registry: '', repository: 'local' } }, 'local:0.1.0'],
    [
      { global: { imageRegistry: 'mirror.example:5000' } },
      'mirror.example:5000/flexmetal-operator/flexmetal-operator:0.1.0',
    ],
    [
      { image: { tag: 'v1', digest: `sha256:${'0'.repeat(64)}` } },
      `ghcr.io/flexmetal-operator/flexmetal-operator@sha256:${'0'.repeat(64)}`,
    ],
  ])('takes the image of %j', async (values, image) => {
    expect(JSON.stringify(await deployment({ ...TOKEN, ...values }))).toContain(`"image":"${image}"`);
  });

  test('names pull Secrets once, as names or as objects', async () => {
    const made = await deployment({
      ...TOKEN,
      global: { imagePullSecrets: ['a', { name: 'b' }] },
      image: { pullSecrets: ['b', 'c'] },
    });
    expect(made).toMatchObject({
      spec: { template: { spec: { imagePullSecrets: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] } } },
    });
  });

  test.each([
    ['long ones', 'r'.repeat(53), 'n'.repeat(63), { nameOverride: 'x'.repeat(63) }],
    ['a whole one that is long', 'a', 'b', { fullnameOverride: 'x'.repeat(63) }],
    ['dots and a digit', '1.two', 'b', {}],
  ])('keeps names and labels short enough: %s', async (_name, release, namespace, values) => {
    const all = await objects(
      { ...TOKEN, ...values, replicas: 2, networkPolicy: { enabled: true } },
      { release, namespace },
    );
    const names = all.filter(({ kind }) => kind !== 'CustomResourceDefinition').map(({ metadata }) => metadata.name);
    expect(names.filter((name) => !/^[a-z][a-z0-9-]{0,61}[a-z0-9]$/.test(name))).toEqual([]);
    expect(all.flatMap(({ metadata }) => Object.values(metadata.labels)).filter((label) => label.length > 63)).toEqual(
      [],
    );
  });

  test.each([
    ['of one name in two namespaces', { namespace: 'operator' }, { namespace: 'flexmetal' }],
    ['whose long names differ at the end', { release: `${'r'.repeat(52)}a` }, { release: `${'r'.repeat(52)}b` }],
  ])('gives two releases two of everything: %s', async (_name, one, other) => {
    const values = { ...NAMESPACED, crds: { enabled: false } };
    const key = ({ kind, metadata }: KubeObject): string => `${kind} ${metadata.namespace}/${metadata.name}`;
    const [first, second] = [(await objects(values, one)).map(key), (await objects(values, other)).map(key)];
    expect(first.filter((name) => second.includes(name))).toEqual([]);
    expect(first).not.toEqual([]);
  });

  test('puts common labels and annotations on everything, and selects by none of them', async () => {
    const values = {
      ...TOKEN,
      commonLabels: { team: 'a' },
      commonAnnotations: { owner: 'b' },
      podLabels: { team: 'c' },
    };
    const all = await objects(values);
    expect(all.filter(({ metadata }) => metadata.labels['team'] !== 'a').map(({ kind }) => kind)).toEqual([]);
    expect(all.filter(({ metadata }) => metadata.annotations?.['owner'] !== 'b').map(({ kind }) => kind)).toEqual([]);
    expect(await deployment(values)).toMatchObject({
      spec: {
        selector: {
          matchLabels: {
            'app.kubernetes.io/name': 'flexmetal-operator',
            'app.kubernetes.io/instance': 'flexmetal-operator',
            'app.kubernetes.io/component': 'operator',
          },
        },
        template: {
          metadata: { labels: { team: 'c', 'app.kubernetes.io/component': 'operator' }, annotations: { owner: 'b' } },
        },
      },
    });
  });

  test.each([
    ['the API', { ...TOKEN }, [443]],
    ['an API at another port', { api: { ...TOKEN.api, url: 'https://api.example:8443' } }, [8443]],
    ['a proxy', { api: { ...TOKEN.api, proxy: { url: 'http://proxy.example:3128' } } }, [3128]],
    ['a port that is given', { ...TOKEN, networkPolicy: { enabled: true, apiPort: 99 } }, [99]],
    ['traces', { ...TOKEN, tracing: { enabled: true, endpoint: 'http://collector:4318/v1' } }, [443, 4318]],
    ['the simulator', { simulator: { enabled: true } }, [8099]],
  ])('lets the pod call, with a network policy: %s', async (_name, values, ports) => {
    const Policy = z.looseObject({
      spec: z.looseObject({ egress: z.array(z.looseObject({ ports: z.array(z.looseObject({ port: z.number() })) })) }),
    });
    const [policy] = ofKind(await objects({ networkPolicy: { enabled: true }, ...values }), 'NetworkPolicy');
    const called = Policy.parse(policy).spec.egress.map((rule) => rule.ports.map(({ port }) => port));
    expect(called).toEqual([[53, 53], [443, 6443], ...ports.map((port) => [port])]);
  });

  test('changes the pod of the simulator, which forgets all when it ends, for nothing that concerns the operator', async () => {
    const podOf = async (values: object): Promise<unknown> => {
      const made = ofKind(await objects({ simulator: { enabled: true }, ...values }), 'Deployment');
      const simulator = made.find(({ metadata }) => metadata.name === 'flexmetal-operator-simulator');
      return z.looseObject({ spec: z.looseObject({ template: z.unknown() }) }).parse(simulator).spec.template;
    };
    const usual = await podOf({});
    for (const values of [
      { config: { workers: 2, logLevel: 'debug' } },
      { replicas: 2, resources: {}, podAnnotations: { a: 'b' }, podLabels: { a: 'b' }, extraArgs: ['--workers=3'] },
      { networkPolicy: { enabled: true }, watch: { scope: 'namespaces' }, config: { clusterId: '0123456789ab' } },
    ])
      expect(await podOf(values)).toEqual(usual);
    for (const simulator of [{ timeScale: 1 }, { scenario: 'seed: 2' }])
      expect(await podOf({ simulator: { enabled: true, ...simulator } })).not.toEqual(usual);
  });

  test('renders extra objects as templates, whether objects or text', async () => {
    const [object, text] = ofKind(
      await objects({
        ...TOKEN,
        extraObjects: [
          { apiVersion: 'v1', kind: 'Extra', metadata: { name: '{{ .Release.Name }}-a', labels: {} } },
          'apiVersion: v1\nkind: Extra\nmetadata: { name: "{{ .Release.Name }}-b", labels: {} }',
        ],
      }),
      'Extra',
    );
    expect([object?.metadata.name, text?.metadata.name]).toEqual(['flexmetal-operator-a', 'flexmetal-operator-b']);
  });
});

describe.skipIf(helm === '')('the CRDs', { timeout: 60_000 }, () => {
  const CRDS = readdirSync(path.join(ROOT, 'crds')).map((file) =>
    load(readFileSync(path.join(ROOT, 'crds', file), 'utf8')),
  );
  const Spec = z.looseObject({ spec: z.unknown() });

  test.each([
    ['flexmetal-operator', TOKEN],
    ['flexmetal-operator-crds', {}],
  ])('come out of the chart %s as they are in crds/, and stay when it goes', async (name, values) => {
    const rendered = await render({ helm, chart: path.join(ROOT, 'helm', name), values });
    const crds = rendered
      .map((object) => KubeObject.parse(object))
      .filter(({ kind }) => kind === 'CustomResourceDefinition');
    expect(crds.map((crd) => Spec.parse(crd).spec)).toEqual(CRDS.map((crd) => Spec.parse(crd).spec));
    expect(crds.map(({ metadata }) => metadata.annotations)).toEqual(
      CRDS.map(() => ({ 'helm.sh/resource-policy': 'keep' })),
    );
  });

  test.each([
    ['flexmetal-operator', { ...TOKEN, crds: { keep: false } }],
    ['flexmetal-operator-crds', { keep: false }],
  ])('go with the chart %s only where that is asked for', async (name, values) => {
    const rendered = await render({ helm, chart: path.join(ROOT, 'helm', name), values });
    expect(JSON.stringify(rendered)).not.toContain('helm.sh/resource-policy');
  });

  test('are left to others', async () => {
    expect(ofKind(await objects({ ...TOKEN, crds: { enabled: false } }), 'CustomResourceDefinition')).toEqual([]);
  });
});
