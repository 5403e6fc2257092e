import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, inject, test } from 'vitest';
import { startControlPlane } from '../support/cluster/control-plane.ts';
import { applyCrds, createNamespace, serverSideApply, serviceAccountKubeconfig } from '../support/cluster/kit.ts';
import { openRest } from '../support/cluster/rest.ts';
import { controlPlaneVersions } from '../support/cluster/versions.ts';
import { minorOf } from '../support/cluster/way.ts';

const admin = openRest(inject('kubeconfig'));
afterAll(() => admin.close());

const WIDGETS = '/apis/tests.example.com/v1/namespaces';
const WIDGET_CRD = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: widgets.tests.example.com }
spec:
  group: tests.example.com
  scope: Namespaced
  names: { plural: widgets, singular: widget, kind: Widget }
  versions:
    - name: v1
      served: true
      storage: true
      subresources: { status: {} }
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties: { size: { type: integer } }
              x-kubernetes-validations:
                - { rule: 'self.size == oldSelf.size', message: 'size cannot be changed; make a new widget' }
`;

test('the API server is of the version that the modules name', async () => {
  const version = await admin.must('GET', '/version');
  expect(version).toMatchObject({
    gitVersion: expect.stringMatching(new RegExp(`^${minorOf(controlPlaneVersions().kubernetes)}\\.`)),
  });
});

test('a CRD is served at once and its CEL rules are enforced with their message', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'flexmetal-crds-'));
  writeFileSync(path.join(folder, 'widgets.yaml'), WIDGET_CRD);
  expect(await applyCrds(admin, folder)).toEqual(['widgets.tests.example.com']);
  rmSync(folder, { recursive: true });

  const widgets = `${WIDGETS}/${await createNamespace(admin)}/widgets`;
  const widget = (size: number): unknown => ({
    apiVersion: 'tests.example.com/v1',
    kind: 'Widget',
    metadata: { name: 'one' },
    spec: { size },
  });
  await admin.must('POST', widgets, { body: widget(1) });
  await expect(serverSideApply(admin, `${widgets}/one`, widget(2))).rejects.toThrow(
    'size cannot be changed; make a new widget',
  );
  expect(await admin.must('GET', `${widgets}/one`)).toMatchObject({ spec: { size: 1 } });
});

test('a service account may do what its role says and nothing else', async () => {
  const namespace = await createNamespace(admin);
  const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }];
  const account = openRest(
    await serviceAccountKubeconfig(admin, inject('kubeconfig'), { namespace, name: 'reader' }, rules),
  );
  expect((await account.request('GET', `/api/v1/namespaces/${namespace}/configmaps`)).status).toBe(200);
  expect(await account.request('GET', `/api/v1/namespaces/${namespace}/secrets`)).toMatchObject({
    status: 403,
    body: { message: expect.stringContaining(`system:serviceaccount:${namespace}:reader`) },
  });
  await account.close();
});

test('a control plane of its own: users and groups, a restart that keeps the data, and compaction that ends old watches', async () => {
  const controlPlane = await startControlPlane({ log: () => undefined });
  const rest = openRest(controlPlane.kubeconfigPath);
  try {
    const jane = openRest(controlPlane.userKubeconfig('jane', ['devs']));
    const self = await jane.must('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', { body: {} });
    expect(self).toMatchObject({
      status: { userInfo: { username: 'jane', groups: ['devs', 'system:authenticated'] } },
    });
    expect((await jane.request('GET', '/api/v1/namespaces')).status).toBe(403);
    await jane.close();

    const namespace = await createNamespace(rest);
    const before = controlPlane.pids;
    await controlPlane.compactEtcd();
    await controlPlane.restartApiServer('kill');
    expect(controlPlane.pids.etcd).toBe(before.etcd);
    expect(controlPlane.pids.apiServer).not.toBe(before.apiServer);
    expect((await rest.request('GET', `/api/v1/namespaces/${namespace}`)).status).toBe(200);
    const watch = await rest.must('GET', '/api/v1/namespaces?watch=true&resourceVersion=1&timeoutSeconds=5');
    expect(watch).toMatchObject({ type: 'ERROR', object: { code: 410 } });
  } finally {
    await rest.close();
    await controlPlane.stop();
  }
  expect(() => process.kill(controlPlane.pids.etcd, 0)).toThrow('ESRCH');
});
