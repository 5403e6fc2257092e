import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { findHelm, HOW_TO_GET_HELM } from '../../scripts/chart/helm.ts';
import { chartFiles } from '../../scripts/chart/outputs.ts';
import { PLAIN_MANIFESTS, plainManifests } from '../../scripts/chart/plain-manifests.ts';
import { skipsWithout } from '../support/requirement.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

test.each(Object.entries(chartFiles(ROOT)))('%s is as `npm run chart` writes it', (file, content) => {
  expect(read(file)).toBe(content);
});

test.each(['helm/flexmetal-operator', 'helm/flexmetal-operator-crds'])(
  '%s carries no CRD but those of crds/',
  (chart) => {
    expect(readdirSync(path.join(ROOT, chart, 'files/crds'))).toEqual(readdirSync(path.join(ROOT, 'crds')));
  },
);

test.each(['helm/flexmetal-operator', 'helm/flexmetal-operator-crds'])('%s has the version of the program', (chart) => {
  const Versioned = z.object({ version: z.string() });
  const { version } = Versioned.parse(JSON.parse(read('package.json')));
  expect(load(read(`${chart}/Chart.yaml`))).toMatchObject({ version, appVersion: version });
});

const helm = findHelm();
describe.skipIf(skipsWithout('helm', helm !== undefined, HOW_TO_GET_HELM))('with Helm', () => {
  test(`${PLAIN_MANIFESTS} is what the chart renders`, { timeout: 60_000 }, async () => {
    expect(read(PLAIN_MANIFESTS)).toBe(await plainManifests(ROOT, helm ?? ''));
  });
});
