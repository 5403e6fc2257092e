import { existsSync } from 'node:fs';
import path from 'node:path';
import { loadAll } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { findHelm, HOW_TO_GET_HELM } from '../../scripts/chart/helm.ts';
import { render } from '../chart/support/render.ts';
import { skipsWithout } from '../support/requirement.ts';
import { complaintAbout, hasValue, topLevelValues } from './chart-values.ts';
import type { Chart } from './chart-values.ts';
import { codeBlocks, commands, inBackticks, PAGES, readPage, ROOT, tableRows } from './markdown.ts';

const CHART_PAGES = ['helm/flexmetal-operator/README.md', 'helm/flexmetal-operator-crds/README.md'].map(readPage);
/** Whatever stands there in YAML and is no manifest is values of the chart. */
const VALUES_PAGES = [
  ...['docs/install.md', 'docs/upgrade.md', 'docs/security.md', 'docs/admission.md'].map(readPage),
  ...CHART_PAGES,
];

const Manifest = z.looseObject({ kind: z.string().optional(), spec: z.looseObject({}).optional() });
type Manifest = z.output<typeof Manifest>;

const Application = z.looseObject({
  source: z.looseObject({ path: z.string(), helm: z.looseObject({ valuesObject: z.unknown() }) }),
});
const HelmRelease = z.looseObject({ values: z.unknown() });

const MANIFESTS = VALUES_PAGES.flatMap((page) =>
  codeBlocks(page)
    .filter(({ language }) => language === 'yaml')
    .flatMap(({ text }) => loadAll(text))
    .map((document, index) => [`${page.file} ${index + 1}`, Manifest.parse(document)] as const),
);

const chartIn = (text: string): Chart =>
  text.includes('flexmetal-operator-crds') ? 'flexmetal-operator-crds' : 'flexmetal-operator';

/** The values that a manifest carries, and the chart that they are for; undefined when it carries none. */
function valuesIn({ kind, spec, ...rest }: Manifest): { readonly chart: Chart; readonly values: unknown } | undefined {
  switch (kind) {
    case undefined:
      return { chart: 'flexmetal-operator', values: rest };
    case 'Application': {
      const { source } = Application.parse(spec);
      return { chart: chartIn(source.path), values: source.helm.valuesObject };
    }
    case 'HelmRelease':
      return { chart: 'flexmetal-operator', values: HelmRelease.parse(spec).values };
    default:
      return undefined;
  }
}

test.each(MANIFESTS)('the values in YAML of %s are taken by the chart', (_where, manifest) => {
  const found = valuesIn(manifest);
  expect(found === undefined ? undefined : complaintAbout(found.chart, found.values)).toBeUndefined();
});

test('values are found where they stand, and wrong ones are not taken', () => {
  expect(MANIFESTS.filter(([, manifest]) => valuesIn(manifest) !== undefined).length).toBeGreaterThan(8);
  expect(complaintAbout('flexmetal-operator', { image: { tags: 'v1' } })).toContain('image');
  expect(hasValue('flexmetal-operator', 'image.tags')).toBe(false);
  expect(hasValue('flexmetal-operator', 'podLabels.team')).toBe(true);
});

const HELM_COMMANDS = [...PAGES, ...CHART_PAGES].flatMap((page) =>
  commands(page)
    .filter((command) => /^helm (?:install|upgrade|template) /.test(command))
    .map((command) => [page.file, command] as const),
);

test.each(HELM_COMMANDS)('%s: the charts have what is set by %s', (_file, command) => {
  const set = [...command.matchAll(/--set(?:-string)?[ =]'?([A-Za-z.]+)=/g)].map(([, dotted = '']) => dotted);
  expect(set.filter((dotted) => !hasValue(chartIn(command.replace(/^helm \w+ \S+/, '')), dotted))).toEqual([]);
});

test.each(HELM_COMMANDS)('%s: the folders and files of ours are there: %s', (_file, command) => {
  const ours = command.split(/\s+/).filter((word) => word.startsWith('helm/'));
  expect(ours.filter((file) => !existsSync(path.join(ROOT, file)))).toEqual([]);
  expect(ours.length).toBeGreaterThan(0);
});

test.each(VALUES_PAGES.map((page) => [page.file, page] as const))('the values that %s names exist', (_file, page) => {
  const beginnings = new Set(topLevelValues('flexmetal-operator'));
  const named = inBackticks(page.text)
    .flatMap((words) => /^[a-z][A-Za-z]*(?:\.[A-Za-z]+)+/.exec(words) ?? [])
    .filter((dotted) => beginnings.has(dotted.split('.')[0] ?? ''));
  expect(named.filter((dotted) => !hasValue('flexmetal-operator', dotted))).toEqual([]);
});

const Rendered = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    labels: z.record(z.string(), z.string()).optional(),
  }),
  rules: z.array(z.record(z.string(), z.array(z.string()))).optional(),
});
type Rendered = z.output<typeof Rendered>;

const DEPLOYED = loadAll(readPage('deploy/flexmetal-operator.yaml').text).map((object) => Rendered.parse(object));

test('the Deployment, and the Secret of the plain manifests, are called as the pages say', () => {
  const pages = ['docs/install.md', 'docs/upgrade.md'].map(readPage);
  const named = pages.flatMap((page) =>
    commands(page).flatMap((command) => /\bdeployment\/([a-z-]+)/.exec(command)?.[1] ?? []),
  );
  const deployments = DEPLOYED.filter(({ kind }) => kind === 'Deployment');
  expect(deployments.map(({ metadata }) => metadata.name)).toEqual([...new Set(named)]);
  expect(JSON.stringify(deployments)).toContain('"secretName":"flexmetal-token"');
  expect(JSON.stringify(deployments)).toMatch(/"image":"ghcr\.io\/flexmetal-operator\/flexmetal-operator:/);
});

describe('the rights that docs/security.md tells of', () => {
  const [, table = ''] = /<!-- rights -->([\s\S]*?)<!-- \/rights -->/.exec(readPage('docs/security.md').text) ?? [];
  /** Group, resources, verbs, then where with each scope; without what for. */
  const told = tableRows({ file: '', text: table }).map((cells) => cells.slice(0, 5));

  const OWN = 'flexmetal-system';
  const words = (list: readonly string[] = []): string => list.map((word) => `\`${word}\``).join(', ');

  /** Each rule of the operator's roles, as the table has it, and the namespaces of the Roles it stands in. */
  function rightsOf(objects: readonly Rendered[]): Map<string, readonly string[]> {
    const rights = new Map<string, readonly string[]>();
    const roles = objects.filter(
      ({ kind, metadata }) => kind.endsWith('Role') && metadata.labels?.['app.kubernetes.io/component'] === 'operator',
    );
    for (const { kind, metadata, rules = [] } of roles) {
      for (const { apiGroups: [group = ''] = [], resources, resourceNames, verbs } of rules) {
        const only = resourceNames === undefined ? '' : `, only ${words(resourceNames)}`;
        const right = [group === '' ? '–' : words([group]), `${words(resources)}${only}`, words(verbs)].join(' | ');
        rights.set(right, [...(rights.get(right) ?? []), kind === 'ClusterRole' ? '*' : (metadata.namespace ?? '')]);
      }
    }
    return rights;
  }

  const placed = (rights: Map<string, readonly string[]>, placeOf: Readonly<Record<string, string>>) =>
    Object.fromEntries([...rights].map(([right, places]) => [right, placeOf[places.toSorted().join()] ?? '?']));
  const toldFor = (column: number) =>
    Object.fromEntries(
      told.filter((cells) => cells[column] !== '–').map((cells) => [cells.slice(0, 3).join(' | '), cells[column]]),
    );

  const CLUSTER = { '*': 'whole cluster', [OWN]: 'own namespace', games: 'namespaces in `watch.references`' };

  test('are those of the plain manifests, which have no Role for references', () => {
    const { [told.at(-1)?.slice(0, 3).join(' | ') ?? '']: references, ...rest } = toldFor(3);
    expect(placed(rightsOf(DEPLOYED), CLUSTER)).toEqual(rest);
    expect(references).toBe(CLUSTER.games);
  });

  const helm = findHelm() ?? '';
  const token = { token: { existingSecret: { name: 'flexmetal-token' } } };
  const rendered = async (values: object): Promise<readonly Rendered[]> =>
    (await render({ helm, chart: path.join(ROOT, 'helm/flexmetal-operator'), values: { api: token, ...values } })).map(
      (object) => Rendered.parse(object),
    );

  describe.skipIf(skipsWithout('helm', helm !== '', HOW_TO_GET_HELM))('with Helm', { timeout: 60_000 }, () => {
    test('are those of the chart with scope cluster', async () => {
      const objects = await rendered({ watch: { references: { namespaces: ['games'] } } });
      expect(placed(rightsOf(objects), CLUSTER)).toEqual(toldFor(3));
    });

    test('are those of the chart with scope namespaces', async () => {
      const objects = await rendered({
        watch: { scope: 'namespaces', namespaces: [OWN, 'games'] },
        config: { clusterId: '0123456789ab' },
      });
      expect(
        placed(rightsOf(objects), {
          [`${OWN},games`]: 'watched namespaces',
          [OWN]: 'own namespace',
          games: 'watched namespaces, not its own',
        }),
      ).toEqual(toldFor(4));
    });
  });
});
