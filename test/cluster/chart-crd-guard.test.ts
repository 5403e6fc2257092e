import { afterAll, describe, expect, inject, test } from 'vitest';
import { CRD_COLLECTION, createNamespace, serverSideApply } from '../support/cluster/kit.ts';
import { openRest } from '../support/cluster/rest.ts';
import { waitFor } from '../support/cluster/wait-for.ts';
import type { Action, Verdict } from './support/chart.ts';
import { applyPolicies, broken, isWithoutHelm, verdictOf } from './support/chart.ts';

const admin = openRest(inject('kubeconfig'));
afterAll(() => admin.close());

/** A CRD that nobody misses: the real one is needed by the other tests. */
async function placeCrd(plural: string, group: string, annotations: object = {}): Promise<string> {
  const name = `${plural}.${group}`;
  await serverSideApply(admin, `${CRD_COLLECTION}/${name}`, {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name, annotations, labels: { test: 'crd-guard' } },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural, singular: plural.slice(0, -1), kind: 'Guarded', listKind: 'GuardedList' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    },
  });
  return name;
}

const GROUP = 'flexmetal.i3d.net';
const NAME = `guardeds.${GROUP}`;
const MESSAGE = `deleting the CRD ${NAME} deletes every object of its kind, and that releases every server. If that is meant: kubectl annotate crd ${NAME} flexmetal.i3d.net/allow-deletion=true, then delete it`;
const PASSED: Verdict = { status: 200, message: undefined, warnings: [] };

const remove = (name: string) => verdictOf(admin, ['DELETE', `${CRD_COLLECTION}/${name}?dryRun=All`]);
const removeAll = () => verdictOf(admin, ['DELETE', `${CRD_COLLECTION}?labelSelector=test%3Dcrd-guard&dryRun=All`]);

describe.skipIf(isWithoutHelm).each<Action>(['off', 'warn', 'deny'])('the deletion of a CRD with %s', (action) => {
  test('passes only with the annotation, also when many are deleted at once', async () => {
    const namespace = await createNamespace(admin, 'guard');
    const admission = { protectCRDs: action, protectServers: 'off', protectLedger: 'off' };
    await placeCrd('guardeds', GROUP);
    await placeCrd('guardeds', 'example.org');
    const policies = await applyPolicies(admin, { name: 'fms', namespace, values: { admission } });
    try {
      if (action !== 'off')
        await waitFor('the policy is in effect', async () => {
          const { status, warnings } = await remove(NAME);
          return status === 403 || warnings.length > 0;
        });
      const policy = `fms-flexmetal-operator-${namespace}-crds`;
      const refused = (name: string) =>
        broken(action, {
          policy,
          object: `customresourcedefinitions.apiextensions.k8s.io "${name}"`,
          message: MESSAGE,
        });
      expect(await remove(NAME)).toEqual(refused(NAME));
      // Of many at once the API server does not know the name at that point; the message has it.
      expect(await removeAll()).toEqual(refused('Unknown'));
      expect(await remove('guardeds.example.org')).toEqual(PASSED);

      await placeCrd('guardeds', GROUP, { 'flexmetal.i3d.net/allow-deletion': 'false' });
      expect(await remove(NAME)).toEqual(refused(NAME));
      await placeCrd('guardeds', GROUP, { 'flexmetal.i3d.net/allow-deletion': 'true' });
      expect(await remove(NAME)).toEqual(PASSED);
      expect(await removeAll()).toEqual(PASSED);
    } finally {
      await policies.remove();
      await placeCrd('guardeds', GROUP, { 'flexmetal.i3d.net/allow-deletion': 'false' });
      await waitFor('the policy is in effect no longer', async () => {
        const { status, warnings } = await remove(NAME);
        return status === 200 && warnings.length === 0;
      });
      const crds = [NAME, 'guardeds.example.org'].map((name) => `${CRD_COLLECTION}/${name}`);
      for (const crd of crds) await admin.request('DELETE', crd);
      // One that is still going would take the next test's fields with it.
      for (const crd of crds)
        await waitFor(`${crd} is gone`, async () => (await admin.request('GET', crd)).status === 404);
    }
  });
});
