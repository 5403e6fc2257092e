import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { HELM_4 } from '../chart/support/helms.ts';
import { renderSet } from '../chart/support/render.ts';
import { EVERY_SET } from '../chart/support/value-sets.ts';
import type { Manifest } from '../support/cluster/kit.ts';
import { applyCrds, parseManifests, serverSideApply } from '../support/cluster/kit.ts';
import { openRest } from '../support/cluster/rest.ts';

const admin = openRest(inject('kubeconfig'));

beforeAll(async () => {
  await applyCrds(admin);
});
afterAll(() => admin.close());

const CORE = '/api/v1/namespaces/{}';
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const ADMISSION = '/apis/admissionregistration.k8s.io/v1';

/** Where each kind of the charts is created. undefined: a kind of the Prometheus operator, which the API server does not know. */
const COLLECTIONS: Readonly<Record<string, string | undefined>> = {
  ConfigMap: `${CORE}/configmaps`,
  Secret: `${CORE}/secrets`,
  Service: `${CORE}/services`,
  ServiceAccount: `${CORE}/serviceaccounts`,
  PodTemplate: `${CORE}/podtemplates`,
  Deployment: '/apis/apps/v1/namespaces/{}/deployments',
  Job: '/apis/batch/v1/namespaces/{}/jobs',
  NetworkPolicy: '/apis/networking.k8s.io/v1/namespaces/{}/networkpolicies',
  PodDisruptionBudget: '/apis/policy/v1/namespaces/{}/poddisruptionbudgets',
  Role: `${RBAC}/namespaces/{}/roles`,
  RoleBinding: `${RBAC}/namespaces/{}/rolebindings`,
  ClusterRole: `${RBAC}/clusterroles`,
  ClusterRoleBinding: `${RBAC}/clusterrolebindings`,
  ValidatingAdmissionPolicy: `${ADMISSION}/validatingadmissionpolicies`,
  ValidatingAdmissionPolicyBinding: `${ADMISSION}/validatingadmissionpolicybindings`,
  CustomResourceDefinition: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
  ServiceMonitor: undefined,
  PodMonitor: undefined,
  PrometheusRule: undefined,
};

/** A namespace in which the API server warns of pods, and of what makes pods, that break the strictest Pod Security Standard. */
async function restricted(name: string): Promise<void> {
  const metadata = { name, labels: { 'pod-security.kubernetes.io/warn': 'restricted' } };
  await serverSideApply(admin, `/api/v1/namespaces/${name}`, { apiVersion: 'v1', kind: 'Namespace', metadata });
}

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

/** What the API server says against an object that it is to create, with fields that it does not know or that stand there twice. */
async function refusal(manifest: Manifest, namespace: string): Promise<string | undefined> {
  const { kind, metadata } = manifest;
  if (!(kind in COLLECTIONS)) throw new Error(`where is a ${kind} created?`);
  const collection = COLLECTIONS[kind];
  if (collection === undefined) return undefined;
  const target = `${collection.replace('{}', metadata.namespace ?? namespace)}/${metadata.name}`;
  const warnings: string[] = [];
  const { status, body } = await admin.request(
    'PATCH',
    `${target}?fieldManager=dry-run&force=true&dryRun=All&fieldValidation=Strict`,
    {
      body: JSON.stringify(manifest),
      contentType: 'application/apply-patch+yaml',
      onWarning: (warning) => void warnings.push(warning),
    },
  );
  if (status < 300 && warnings.length === 0) return undefined;
  return `${kind} ${metadata.name}: ${status} ${warnings.join('; ')} ${status < 300 ? '' : JSON.stringify(body)}`;
}

describe.skipIf(HELM_4.isMissing)('a real API server', { timeout: 120_000 }, () => {
  test.each(EVERY_SET)('would take every object of the set %s', async (_name, set) => {
    const { namespace = 'flexmetal-system' } = set;
    const text = (await renderSet(HELM_4.program, set)).join('\n---\n');
    const manifests = parseManifests(text, 'the rendered chart').map(asTemplate);
    const namespaces = new Set([namespace, ...manifests.flatMap(({ metadata }) => metadata.namespace ?? [])]);
    for (const name of namespaces) await restricted(name);
    const refusals = await Promise.all(manifests.map((manifest) => refusal(manifest, namespace)));
    expect(refusals.filter((said) => said !== undefined)).toEqual([]);
    expect(manifests.length).toBeGreaterThan(0);
  });
});

test('a field that the API server does not know is refused', async () => {
  const wrong = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'wrong' }, daat: {} };
  expect(await refusal(wrong, 'default')).toContain('.daat: field not declared in schema');
});

test('a pod that breaks the standard is warned of', async () => {
  await restricted('dry-run-restricted');
  const spec = { containers: [{ name: 'c', image: 'i', securityContext: {} }] };
  const wrong = asTemplate({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'wrong' }, spec });
  expect(await refusal(wrong, 'dry-run-restricted')).toContain('would violate PodSecurity "restricted');
});
