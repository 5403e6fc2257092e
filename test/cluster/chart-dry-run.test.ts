import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { HELM_4 } from '../chart/support/helms.ts';
import { renderSet } from '../chart/support/render.ts';
import { EVERY_SET } from '../chart/support/value-sets.ts';
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

/** A pod as a template: whether its account and its classes exist is not asked. */
const asTemplate = (manifest: Manifest): Manifest =>
  manifest.kind === 'Pod'
    ? {
        apiVersion: 'v1',
        kind: 'PodTemplate',
        metadata: manifest.metadata,
        template: { metadata: { labels: manifest.metadata.labels ?? {} }, spec: manifest['spec'] },
      }
    : manifest;

describe.skipIf(HELM_4.isMissing)('a real API server', { timeout: 120_000 }, () => {
  test.each(EVERY_SET)('would take every object of the set %s', async (_name, set) => {
    const { namespace = 'flexmetal-system' } = set;
    const text = (await renderSet(HELM_4.program, set)).join('\n---\n');
    const manifests = parseManifests(text, 'the rendered chart')
      .map(asTemplate)
      .filter((manifest) => !isWithoutForeignKinds || !isForeign(manifest));
    const namespaces = new Set([namespace, ...manifests.flatMap(({ metadata }) => metadata.namespace ?? [])]);
    for (const name of namespaces) await restricted(admin, name);
    const refusals = await Promise.all(manifests.map((manifest) => refusal(admin, manifest, namespace)));
    expect(refusals.filter((said) => said !== undefined)).toEqual([]);
    expect(manifests.length).toBeGreaterThan(0);
  });
});

test('a field that the API server does not know is refused', async () => {
  const wrong = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'wrong' }, daat: {} };
  expect(await refusal(admin, wrong, 'default')).toContain('.daat: field not declared in schema');
});

test('a pod that breaks the standard is warned of', async () => {
  await restricted(admin, 'dry-run-restricted');
  const spec = { containers: [{ name: 'c', image: 'i', securityContext: {} }] };
  const wrong = asTemplate({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'wrong' }, spec });
  expect(await refusal(admin, wrong, 'dry-run-restricted')).toContain('would violate PodSecurity "restricted');
});
