import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { HELM_3, HELM_4 } from './support/helms.ts';
import { CHARTS, lintSet, notesOf, renderSet } from './support/render.ts';
import { EVERY_SET, VALUE_SETS } from './support/value-sets.ts';

const PATIENCE = { timeout: 60_000 };

/**
 * What each set is rendered to. A change of the charts shows here, in the commit that makes it: look at the diff, then
 * `npx vitest run --project unit test/chart/value-sets.test.ts -u`. Documents that are as in the defaults stand there by name only.
 */
describe.skipIf(HELM_4.isMissing)('what Helm 4 renders', PATIENCE, () => {
  test.each(EVERY_SET)('of the set %s is what was looked at', async (name, set) => {
    const usual = name === 'defaults' ? [] : await renderSet(HELM_4.program, VALUE_SETS.defaults);
    const documents = (await renderSet(HELM_4.program, set)).map((document) =>
      usual.includes(document) ? `# As in the defaults: ${nameOf(document)}` : shortened(document),
    );
    await expect(`${documents.join('\n---\n')}\n`).toMatchFileSnapshot(`snapshots/${name}.yaml`);
  });
});

describe.skipIf(HELM_4.isMissing)('what helm says at the end', PATIENCE, () => {
  test.each(EVERY_SET)('of installing the set %s is what was looked at', async (name, set) => {
    await expect(await notesOf(HELM_4.program, set)).toMatchFileSnapshot(`snapshots/${name}.notes.txt`);
  });
});

test('there are snapshots for each set, and no other', () => {
  const files = readdirSync(path.join(import.meta.dirname, 'snapshots'));
  expect(files.toSorted()).toEqual(EVERY_SET.flatMap(([name]) => [`${name}.notes.txt`, `${name}.yaml`]).toSorted());
});

describe.skipIf(HELM_3.isMissing || HELM_4.isMissing)('Helm 3', PATIENCE, () => {
  test.each(EVERY_SET)('renders the set %s as Helm 4 does', async (_name, set) => {
    expect(await renderSet(HELM_3.program, set)).toEqual(await renderSet(HELM_4.program, set));
  });
});

describe.each([HELM_4, HELM_3])('$name', PATIENCE, ({ program, isMissing }) => {
  test.skipIf(isMissing).each(EVERY_SET)('has nothing to say against the set %s', async (_name, set) => {
    await expect(lintSet(program, set)).resolves.toBeUndefined();
  });

  test.skipIf(isMissing)('has something to say against a set that is wrong', async () => {
    await expect(lintSet(program, { values: { replica: 1 } })).rejects.toThrow(/'\/replica'.*did you mean replicas\?/);
  });
});

describe.each(['flexmetal-operator', 'flexmetal-operator-crds'] as const)('the sets of the chart %s', (chart) => {
  test('change every value that there is', () => {
    const read = (file: string): unknown => load(readFileSync(path.join(CHARTS, chart, file), 'utf8'));
    const known = leavesOf(read('values.yaml'), FREE);
    const given = EVERY_SET.filter(([, set]) => (set.chart ?? 'flexmetal-operator') === chart).flatMap(([, set]) => [
      ...(set.file === undefined ? [] : [leavesOf(read(set.file))]),
      leavesOf(set.values),
    ]);
    const unchanged = [...known].filter(([key, usual]) => given.every((set) => isSame(set, key, usual)));
    expect(unchanged.map(([key]) => key)).toEqual([]);
  });
});

/** `ConfigMap flexmetal-operator` */
function nameOf(document: string): string {
  const kind = /^kind: (\S+)$/m.exec(document)?.[1] ?? '';
  return `${kind} ${/^ {2}name: (\S+)$/m.exec(document)?.[1] ?? ''}`;
}

/** Without what another file holds already, and another test compares with it: the schema of a CRD, the dashboard. */
const shortened = (document: string): string =>
  /^kind: CustomResourceDefinition$/m.test(document)
    ? document.replace(/^spec:\n[^]*$/m, 'spec: … # crds/')
    : document.replace(/^( {2}flexmetal-operator\.json:) \|\n[^]*$/m, '$1 … # files/dashboard.json');

/** Maps that are taken as they are, and count as one value each. */
const FREE = [
  'resources',
  'simulator.resources',
  'podSecurityContext',
  'securityContext',
  'metrics.dashboard.labels',
] as const;

/** Values by their paths, `api.token.value`. An empty map is a value of its own, and so are the maps that are named. */
function leavesOf(values: unknown, whole: readonly string[] = [], at = ''): ReadonlyMap<string, string> {
  const isMap = typeof values === 'object' && values !== null && !Array.isArray(values);
  const entries = isMap && !whole.includes(at) ? Object.entries(values) : [];
  if (entries.length === 0) return new Map([[at, JSON.stringify(values)]]);
  return new Map(entries.flatMap(([key, value]) => [...leavesOf(value, whole, at === '' ? key : `${at}.${key}`)]));
}

/** Whether a set leaves a value as it usually is: it does not name it, nor anything in it. */
const isSame = (set: ReadonlyMap<string, string>, key: string, usual: string): boolean =>
  (set.get(key) ?? usual) === usual && ![...set.keys()].some((named) => named.startsWith(`${key}.`));
