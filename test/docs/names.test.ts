import { globSync } from 'node:fs';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { metricsTable } from '../../src/observability/metrics.ts';
import { parseFlexMetalServer } from '../../src/resources/flexmetalserver/parse.ts';
import { ANNOTATION, API_VERSION, FINALIZER, GROUP } from '../../src/resources/names.ts';
import { parseScenario } from '../../src/simulator/scenario.ts';
import { SETTINGS } from '../../src/config/settings.ts';
import { codeBlocks, inBackticks, PAGES, readPage, ROOT } from './markdown.ts';

const EVERY = PAGES.map((page) => [page.file, page] as const);

test.each(EVERY)('the metrics that %s names exist', (_file, { text }) => {
  const named = (
    text.match(/\b(?:flexmetal|workqueue|controller_runtime|rest_client|leader_election)_[a-z_]+/g) ?? []
  ).map((name) => name.replace(/_(?:bucket|sum|count)$/, ''));
  expect(inBackticks(metricsTable())).toEqual(expect.arrayContaining(named));
});

/** Those that the build and the tests read themselves. */
const OF_BUILD_AND_TESTS = globSync('{scripts,test/support}/**/*.ts', { cwd: ROOT }).flatMap((file) =>
  [...readPage(file).text.matchAll(/\b(?:env\[|given\()'(FLEXMETAL_[A-Z0-9_]+)'/g)].map(([, variable]) => variable),
);

test.each(EVERY)('the variables that %s names exist', (_file, { text }) => {
  const known = ['FLEXMETAL_CONFIG', ...SETTINGS.map(({ variable }) => variable), ...OF_BUILD_AND_TESTS];
  expect(known).toEqual(expect.arrayContaining([...(text.match(/\bFLEXMETAL_[A-Z0-9_]+/g) ?? [])]));
});

const namesUnderGroup = (text: string): readonly string[] =>
  text.match(new RegExp(`${GROUP.replaceAll('.', String.raw`\.`)}/[a-z0-9]+(?:-[a-z0-9]+)*`, 'g')) ?? [];
/** On the CRD, for the chart's admission policy. */
const OF_THE_CHART = namesUnderGroup(readPage('helm/flexmetal-operator/templates/crds.yaml').text);

test.each(EVERY)("the names under the group's prefix in %s exist", (_file, { text }) => {
  const known = [API_VERSION, FINALIZER, ...Object.values(ANNOTATION), ...OF_THE_CHART];
  expect(known).toEqual(expect.arrayContaining([...namesUnderGroup(text)]));
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

test.each(EVERY)('the settings that %s names exist', (_file, { text }) => {
  const named = [...text.matchAll(/\bsettings? `([A-Za-z]+)`(?:(?:,| and| or)\s+`([A-Za-z]+)`)?/g)].flatMap(
    ([, first, second]) => [first, second].filter((name) => name !== undefined),
  );
  expect(SETTINGS.map(({ key }) => key)).toEqual(expect.arrayContaining(named));
});

test.each(EVERY)('the scenarios in %s are taken by the simulator', (_file, page) => {
  const scenarios = codeBlocks(page).filter(
    ({ language, text }) => language === 'yaml' && /^(?:faults|stock):/m.test(text),
  );
  for (const { text } of scenarios) expect(() => parseScenario(text)).not.toThrow();
});
