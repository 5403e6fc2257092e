import { loadAll } from 'js-yaml';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import * as z from 'zod';
import { codeBlocks, PAGES } from '../docs/markdown.ts';
import type { Manifest } from '../support/cluster/kit.ts';
import { applyCrds, parseManifests } from '../support/cluster/kit.ts';
import { openRest } from '../support/cluster/rest.ts';
import { refusal, restricted } from './support/dry-run.ts';
import { applyForeignKinds, isForeign, isWithoutForeignKinds } from './support/foreign-kinds.ts';

const admin = openRest(inject('kubeconfig'));
beforeAll(async () => {
  await applyCrds(admin);
  await applyForeignKinds(admin);
});
afterAll(() => admin.close());

const Named = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
});

/** Every whole object in YAML that a page shows. Values of the chart and kustomizations are none. */
const OBJECTS: readonly (readonly [string, Manifest])[] = PAGES.flatMap((page) =>
  codeBlocks(page)
    .filter(({ language, text }) => language === 'yaml' && loadAll(text).some((one) => Named.safeParse(one).success))
    .flatMap(({ text }) => parseManifests(text, page.file))
    .map((manifest) => [`${manifest.kind} ${manifest.metadata.name} of ${page.file}`, manifest] as const),
);

test('there are objects of every kind in the docs', () => {
  const kinds = new Set(OBJECTS.map(([, { kind }]) => kind));
  expect([...kinds]).toEqual(
    expect.arrayContaining(['FlexMetalServer', 'Application', 'GitRepository', 'OCIRepository', 'HelmRelease', 'Role']),
  );
});

test.each(OBJECTS.filter(([, manifest]) => !isForeign(manifest)))('%s is taken by a real API server', isTaken);
test.skipIf(isWithoutForeignKinds).each(OBJECTS.filter(([, manifest]) => isForeign(manifest)))(
  '%s is taken by a real API server',
  isTaken,
);

async function isTaken(_where: string, manifest: Manifest): Promise<void> {
  const namespace = manifest.metadata.namespace ?? 'docs';
  await restricted(admin, namespace);
  expect(await refusal(admin, manifest, namespace)).toBeUndefined();
}

test.skipIf(isWithoutForeignKinds)('fields that such a kind does not have are refused', async () => {
  const release = OBJECTS.map(([, manifest]) => manifest).find(({ kind }) => kind === 'HelmRelease');
  if (release === undefined) throw new Error('there is no HelmRelease');
  const wrong = { ...release, spec: { ...Object(release['spec']), chartRefs: {} } };
  expect(await refusal(admin, wrong, 'docs')).toContain('.spec.chartRefs: field not declared in schema');
});
