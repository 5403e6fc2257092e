import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { metricsTable } from '../../src/observability/metrics.ts';
import { parseFlexMetalServer } from '../../src/resources/flexmetalserver/parse.ts';
import { ANNOTATION, API_VERSION, FINALIZER, GROUP, REASONS } from '../../src/resources/names.ts';
import { SETTINGS } from '../../src/config/settings.ts';
import { codeBlocks, inBackticks, PAGES, readPage } from './markdown.ts';

const EVERY = PAGES.map((page) => [page.file, page] as const);

test.each(EVERY)('the metrics that %s names exist', (_file, { text }) => {
  const named = (
    text.match(/\b(?:flexmetal|workqueue|controller_runtime|rest_client|leader_election)_[a-z_]+/g) ?? []
  ).map((name) => name.replace(/_(?:bucket|sum|count)$/, ''));
  expect(inBackticks(metricsTable())).toEqual(expect.arrayContaining(named));
});

test.each(EVERY)('the variables that %s names exist', (_file, { text }) => {
  const known = ['FLEXMETAL_CONFIG', ...SETTINGS.map(({ variable }) => variable)];
  expect(known).toEqual(expect.arrayContaining([...(text.match(/\bFLEXMETAL_[A-Z_]+/g) ?? [])]));
});

test.each(EVERY)("the names under the group's prefix in %s exist", (_file, { text }) => {
  const known: readonly string[] = [API_VERSION, FINALIZER, ...Object.values(ANNOTATION)];
  const named = text.match(new RegExp(`${GROUP.replaceAll('.', String.raw`\.`)}/[a-z0-9]+(?:-[a-z0-9]+)*`, 'g')) ?? [];
  expect(known).toEqual(expect.arrayContaining([...named]));
});

test.each(EVERY)('the manifests in %s are taken as they stand', (_file, page) => {
  const manifests = codeBlocks(page)
    .filter(({ language, text }) => language === 'yaml' && text.includes('kind: FlexMetalServer'))
    .map(({ text }) => load(text));
  const complaints = manifests.map((manifest) => {
    const { metadata, ...rest } = Object(manifest);
    const stored = { namespace: 'default', uid: '8f1c2b1e-0000-4000-8000-000000000001', ...metadata };
    const parsed = parseFlexMetalServer({ ...rest, metadata: stored });
    return parsed.kind === 'ok' ? undefined : parsed.message;
  });
  expect(complaints).toEqual(manifests.map(() => undefined));
});

test('the settings and reasons that the hand-written pages name in backticks exist', () => {
  const known = new Set<string>([...SETTINGS.map(({ key }) => key), ...REASONS]);
  const settings = readPage('docs/operating.md').text.matchAll(/setting `([A-Za-z]+)`/g);
  for (const [, name = ''] of settings) expect(known).toContain(name);
});
