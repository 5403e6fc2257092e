import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { Objects } from '../cluster/support/objects.ts';
import { serviceAccountKubeconfig } from '../support/cluster/kit.ts';
import type { Rest } from '../support/cluster/rest.ts';
import { openRest } from '../support/cluster/rest.ts';
import { waitFor } from '../support/cluster/wait-for.ts';
import { tidy } from '../support/node/claim.ts';
import type { Cluster } from '../support/node/cluster.ts';
import { openCluster } from '../support/node/cluster.ts';
import { QUICK, Release } from '../support/node/release.ts';
import { NODE, WITHOUT_NODE } from '../support/node/with-node.ts';

const CRDS = 'flexmetalservers.flexmetal.i3d.net';

/** All that the operator's account may do, as questions to `kubectl auth can-i`. */
const ALLOWED: readonly string[] = [
  ...['get', 'list', 'watch', 'patch'].map((verb) => `${verb} ${CRDS}`),
  `patch ${CRDS} --subresource=status`,
  'create events.events.k8s.io',
  'patch events.events.k8s.io',
  'get namespaces/kube-system',
  'create leases.coordination.k8s.io',
  'get leases.coordination.k8s.io/flexmetal-operator',
  'update leases.coordination.k8s.io/flexmetal-operator',
];

const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];
const RESOURCES = [
  CRDS,
  `${CRDS} --subresource=status`,
  'events.events.k8s.io',
  'namespaces',
  'namespaces/kube-system',
  'leases.coordination.k8s.io',
  'leases.coordination.k8s.io/flexmetal-operator',
  'leases.coordination.k8s.io/other',
  'secrets',
  'configmaps',
  'pods',
  'nodes',
  'customresourcedefinitions.apiextensions.k8s.io',
  'clusterroles.rbac.authorization.k8s.io',
];

describe.skipIf(WITHOUT_NODE !== '')(`who may do what${WITHOUT_NODE}`, () => {
  let cluster: Cluster;
  let release: Release;
  const opened: Rest[] = [];
  beforeAll(async () => {
    cluster = await openCluster(NODE);
    release = new Release(cluster, NODE, await cluster.namespace('people'));
    await release.install(QUICK);
  });
  afterAll(async () => {
    for (const rest of opened) await rest.close();
    if (cluster === undefined) return;
    if (release !== undefined) await tidy(cluster, [release.namespace]);
    await cluster.close();
  });

  /** Somebody who has one of the built-in roles in the release's namespace, and nothing else. */
  async function personWith(role: 'view' | 'edit'): Promise<{ readonly objects: Objects; readonly rest: Rest }> {
    const { namespace } = release;
    const file = await serviceAccountKubeconfig(cluster.rest, cluster.kubeconfig, { namespace, name: role }, []);
    const rest = openRest(file);
    opened.push(rest);
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role };
    await cluster.rest.must('POST', `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`, {
      body: { metadata: { name: role }, roleRef, subjects: [{ kind: 'ServiceAccount', namespace, name: role }] },
    });
    const objects = new Objects(rest, namespace);
    await waitFor(`${role} sees servers`, async () => (await rest.request('GET', objects.collection)).status === 200);
    return { objects, rest };
  }

  test('view sees servers, and cannot order, change or release one', async () => {
    const { objects } = await personWith('view');
    await new Objects(cluster.rest, release.namespace).create('web');
    expect((await objects.list()).map(({ metadata }) => metadata.name)).toEqual(['web']);
    await expect(objects.create('other')).rejects.toThrow('cannot create resource "flexmetalservers"');
    await expect(objects.patch('web', { spec: { tags: ['x'] } })).rejects.toThrow('cannot patch resource');
    await expect(objects.delete('web')).rejects.toThrow('cannot delete resource');
  });

  test('edit cannot order either, until the values say so', async () => {
    const { objects } = await personWith('edit');
    expect((await objects.list()).map(({ metadata }) => metadata.name)).toEqual(['web']);
    await expect(objects.create('other')).rejects.toThrow('cannot create resource "flexmetalservers"');
    await release.upgrade({ ...QUICK, rbac: { aggregateToEdit: true } });
    await waitFor('edit may order', () =>
      objects.create('other').then(
        () => true,
        () => false,
      ),
    );
    const other = await objects.ready('other', 120_000);
    expect((await release.truth.servers()).map(({ uuid }) => uuid)).toContain(other.status?.serverUuid);
    await objects.delete('other');
    await objects.gone('other');
    // What the operator keeps of an order is nobody's to write, not even then.
    const reply = await objects.replace({ ...(await objects.get('web')), status: {} }, '/status');
    expect([reply.status, reply.body]).toEqual([403, expect.objectContaining({ reason: 'Forbidden' })]);
  });

  test('the operator may do what it does and nothing else', async () => {
    const account = `system:serviceaccount:${release.namespace}:${release.name}`;
    const asked = RESOURCES.flatMap((resource) => VERBS.map((verb) => ({ verb, resource })));
    const allowed: string[] = [];
    for (const { verb, resource } of asked)
      if (await isAllowed(cluster.rest, account, release.namespace, verb, resource))
        allowed.push(`${verb} ${resource}`);
    expect(allowed.toSorted()).toEqual([...ALLOWED, ...IMPLIED].toSorted());
  });
});

/** Whoever may create any Lease of the namespace may create each. */
const IMPLIED = ['flexmetal-operator', 'other'].map((name) => `create leases.coordination.k8s.io/${name}`);

/** @param resource `plural.group/name --subresource=x`, as kubectl has it */
async function isAllowed(
  rest: Rest,
  user: string,
  namespace: string,
  verb: string,
  resource: string,
): Promise<boolean> {
  const [what = '', subresource = ''] = resource.split(' --subresource=');
  const [kind = '', name = ''] = what.split('/');
  const [plural = '', ...group] = kind.split('.');
  const resourceAttributes = { namespace, verb, group: group.join('.'), resource: plural, subresource, name };
  const review = await rest.must('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
    body: { spec: { user, resourceAttributes } },
  });
  return Review.parse(review).status.allowed;
}

const Review = z.object({ status: z.object({ allowed: z.boolean() }) });
