import { execFile } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import * as z from 'zod';
import { API_VERSION } from '../../src/resources/names.ts';
import { MINIMAL_SPEC } from '../resources/flexmetalserver/spec-cases.ts';
import type { Manifest } from '../support/cluster/kit.ts';
import {
  applyCrds,
  createNamespace,
  readManifests,
  serverSideApply,
  serviceAccountKubeconfig,
} from '../support/cluster/kit.ts';
import { openRest } from '../support/cluster/rest.ts';
import { waitFor } from '../support/cluster/wait-for.ts';
import { isWithoutHelm, renderChart, verdictOf } from './support/chart.ts';

const MAIN = path.join(import.meta.dirname, '../../src/main.ts');
const admin = openRest(inject('kubeconfig'));

beforeAll(async () => {
  await applyCrds(admin);
});
afterAll(() => admin.close());

const PATHS: Readonly<Record<string, string>> = {
  Pod: '/api/v1/namespaces/{}/pods',
  Service: '/api/v1/namespaces/{}/services',
  ServiceAccount: '/api/v1/namespaces/{}/serviceaccounts',
  NetworkPolicy: '/apis/networking.k8s.io/v1/namespaces/{}/networkpolicies',
  Role: '/apis/rbac.authorization.k8s.io/v1/namespaces/{}/roles',
  RoleBinding: '/apis/rbac.authorization.k8s.io/v1/namespaces/{}/rolebindings',
  ClusterRole: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  ClusterRoleBinding: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
  Job: '/apis/batch/v1/namespaces/{}/jobs',
};

const isHook = (manifest: Manifest, hook: string): boolean => {
  const annotations = z.record(z.string(), z.string()).safeParse(manifest.metadata['annotations']);
  return annotations.success && annotations.data['helm.sh/hook'] === hook;
};

const place = ({ kind, metadata }: Manifest, namespace: string): string =>
  `${(PATHS[kind] ?? `no path for ${kind}`).replace('{}', metadata.namespace ?? namespace)}/${metadata.name}`;

const JobSpec = z.object({
  spec: z.object({
    template: z.object({
      metadata: z.looseObject({}),
      spec: z.looseObject({ containers: z.tuple([z.looseObject({ args: z.array(z.string()) })]) }),
    }),
  }),
});

const RoleRules = z.object({
  rules: z.array(
    z.object({ apiGroups: z.array(z.string()), resources: z.array(z.string()), verbs: z.array(z.string()) }),
  ),
});

describe.skipIf(isWithoutHelm)('hooks', () => {
  test.each([
    ['cluster', { watch: { scope: 'cluster' }, config: {} }],
    ['namespaces', {}],
  ])('a namespace of restricted pods takes all of them without a warning, with scope %s', async (_scope, values) => {
    const namespace = await createNamespace(admin, 'hooks');
    await admin.must('PATCH', `/api/v1/namespaces/${namespace}`, {
      contentType: 'application/merge-patch+json',
      body: {
        metadata: {
          labels: {
            'pod-security.kubernetes.io/enforce': 'restricted',
            'pod-security.kubernetes.io/warn': 'restricted',
          },
        },
      },
    });
    const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
    await admin.must('POST', accounts, { body: { metadata: { name: 'default' } } });
    const all = await renderChart({ name: 'fms', namespace, values: { ...values, networkPolicy: { enabled: true } } });
    const hooks = all.filter((manifest) => isHook(manifest, 'test') || isHook(manifest, 'pre-delete'));
    expect(hooks.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['Pod', 'Job', 'NetworkPolicy']));
    for (const hook of hooks) {
      const target = `${place(hook, namespace)}?fieldManager=helm&dryRun=All&fieldValidation=Strict`;
      const options = { body: hook, contentType: 'application/apply-patch+yaml' };
      const verdict = await verdictOf(admin, ['PATCH', target, options]);
      expect([hook.kind, verdict]).toEqual([hook.kind, { status: 201, message: undefined, warnings: [] }]);
    }
  });

  test('what the Job may do is enough for the check, and the check refuses while a server is left', async () => {
    const namespace = await createNamespace(admin, 'uninstall');
    const hooks = (await renderChart({ name: 'fms', namespace })).filter((each) => isHook(each, 'pre-delete'));
    const roles = hooks.filter(({ kind }) => kind === 'Role').map((role) => RoleRules.parse(role));
    expect(roles).toEqual([
      { rules: [{ apiGroups: ['flexmetal.i3d.net'], resources: ['flexmetalservers'], verbs: ['list'] }] },
    ]);
    // Its account, role and binding as they are, and a token that the kubelet would else bring.
    const name = 'fms-flexmetal-operator-before-delete';
    const kubeconfig = await serviceAccountKubeconfig(admin, inject('kubeconfig'), { namespace, name }, []);
    for (const hook of hooks.filter(({ kind }) => kind === 'Role' || kind === 'RoleBinding'))
      await serverSideApply(admin, place(hook, namespace), hook);
    const { args } = JobSpec.parse(hooks.find(({ kind }) => kind === 'Job')).spec.template.spec.containers[0];
    expect(args).toEqual(['check', '--no-servers', `--namespaces=${namespace}`]);
    const uninstall = () => run([...args, `--kubeconfig=${kubeconfig}`]);

    expect(await uninstall()).toEqual({ code: 0, output: `No FlexMetalServer is left in ${namespace}.\n` });
    const servers = `/apis/${API_VERSION}/namespaces/${namespace}/flexmetalservers`;
    const body = { apiVersion: API_VERSION, kind: 'FlexMetalServer', metadata: { name: 'web' }, spec: MINIMAL_SPEC };
    await admin.must('POST', servers, { body });
    const refused = await uninstall();
    expect(refused.code).toBe(1);
    expect(refused.output).toContain(`1 FlexMetalServer is left in ${namespace}.`);
    expect(refused.output).toContain(`  ${namespace}/web  no server`);
    await admin.must('DELETE', `${servers}/web`);
    expect((await uninstall()).code).toBe(0);

    const elsewhere = await run(['check', '--no-servers', `--kubeconfig=${kubeconfig}`]);
    expect(elsewhere.code).toBe(2);
    expect(elsewhere.output).toContain('cannot be told: flexmetalservers.flexmetal.i3d.net is forbidden');
  });

  test('without uninstall.check there is none', async () => {
    const all = await renderChart({ name: 'fms', namespace: 'x', values: { uninstall: { check: false } } });
    expect(all.filter((manifest) => isHook(manifest, 'pre-delete'))).toEqual([]);
  });
});

const COUNT = 'count/flexmetalservers.flexmetal.i3d.net';

test('the quota of examples/limits: the API server refuses one object too many', async () => {
  const namespace = await createNamespace(admin, 'quota');
  const [quota] = readManifests(path.join(import.meta.dirname, '../../examples/limits/servers-per-namespace.yaml'));
  expect(quota).toMatchObject({ spec: { hard: { [COUNT]: '5' } } });
  const target = `/api/v1/namespaces/${namespace}/resourcequotas/${quota?.metadata.name}`;
  await serverSideApply(admin, target, quota);
  // The controller manager counts, and there is none here: the count is written as it would write it.
  const used = (count: string) =>
    admin.must('PATCH', `${target}/status`, {
      contentType: 'application/merge-patch+json',
      body: { status: { hard: { [COUNT]: '5' }, used: { [COUNT]: count } } },
    });
  const post = () =>
    admin.request('POST', `/apis/${API_VERSION}/namespaces/${namespace}/flexmetalservers?dryRun=All`, {
      body: { apiVersion: API_VERSION, kind: 'FlexMetalServer', metadata: { name: 'web' }, spec: MINIMAL_SPEC },
    });
  await used('5');
  const refused = await waitFor('a sixth object is refused', async () => {
    const reply = await post();
    return reply.status === 403 ? reply : undefined;
  });
  expect(refused.body).toMatchObject({
    message: `flexmetalservers.flexmetal.i3d.net "web" is forbidden: exceeded quota: flexmetal-servers, requested: ${COUNT}=1, used: ${COUNT}=5, limited: ${COUNT}=5`,
  });
  await used('4');
  await waitFor('a fifth object is taken', async () => (await post()).status === 201);
});

function run(argv: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [MAIN, ...argv],
      { timeout: 60_000, env: { PATH: process.env['PATH'] } },
      (error, stdout, stderr) => {
        if (error !== null && typeof error.code !== 'number') reject(error);
        else resolve({ code: Number(error?.code ?? 0), output: `${stdout}${stderr}` });
      },
    );
  });
}
