import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Objects } from '../cluster/support/objects.ts';
import { tidy } from '../support/node/claim.ts';
import type { Cluster } from '../support/node/cluster.ts';
import { openCluster } from '../support/node/cluster.ts';
import { installCrds, QUICK, Release } from '../support/node/release.ts';
import { NODE, WITHOUT_NODE } from '../support/node/with-node.ts';

const WAIT_MS = 120_000;
const TENANT = 'tenant@example.com';
const VALUES = {
  ...QUICK,
  config: { ...QUICK.config, clusterId: 'c0c0c0c0c0c0' },
  crds: { enabled: false },
  admission: { enabled: false },
};

describe.skipIf(WITHOUT_NODE !== '')(`a release that watches namespaces${WITHOUT_NODE}`, () => {
  let cluster: Cluster;
  let release: Release;
  const made: string[] = [];
  const namespaceOf = async (prefix: string): Promise<string> => {
    const name = await cluster.namespace(prefix);
    made.push(name);
    return name;
  };
  beforeAll(async () => {
    cluster = await openCluster(NODE);
    const [home, watched, unwatched] = [
      await namespaceOf('home'),
      await namespaceOf('watched'),
      await namespaceOf('other'),
    ];
    await installCrds(cluster, unwatched);
    for (const namespace of [home, watched]) await letTenantRule(cluster, namespace);
    release = new Release(cluster, NODE, home);
    const watch = { scope: 'namespaces', namespaces: [home, watched] };
    await release.install({ ...VALUES, watch }, ['--kube-as-user', TENANT]);
  });
  afterAll(async () => {
    if (cluster === undefined) return;
    await tidy(cluster, made);
    await cluster.close();
  });

  test('was installed by somebody who may do nothing outside them', async () => {
    const may = async (...what: readonly string[]) =>
      (await cluster.tryKubectl(['auth', 'can-i', ...what, '--as', TENANT])).stdout.trim();
    expect(await may('create', 'clusterroles')).toBe('no');
    expect(await may('list', 'flexmetalservers.flexmetal.i3d.net', '--all-namespaces')).toBe('no');
    const selector = ['--selector', `app.kubernetes.io/instance=${release.name}`, '--output', 'name'];
    expect(await cluster.kubectl(['get', 'clusterroles,clusterrolebindings', ...selector])).toBe('');
  });

  test('delivers where it watches, and leaves alone what is elsewhere', async () => {
    const [, watched = '', unwatched = ''] = made;
    const [inside, outside] = [new Objects(cluster.rest, watched), new Objects(cluster.rest, unwatched)];
    await outside.create('elsewhere');
    const before = await outside.get('elsewhere');
    await inside.create('web');
    const object = await inside.ready('web', WAIT_MS);
    expect(await release.truth.servers()).toMatchObject([{ uuid: object.status?.serverUuid, status: 'delivered' }]);
    expect(await release.truth.orders()).toEqual(['web']);
    // Not so much as a finalizer: nobody has written it since.
    expect(await outside.get('elsewhere')).toEqual(before);
    await outside.delete('elsewhere');
    await outside.gone('elsewhere');
  });

  test('is uninstalled by that person, who is refused while a server lives', async () => {
    const objects = new Objects(cluster.rest, made[1] ?? '');
    const asTenant = ['--kube-as-user', TENANT];
    const refused = await release.uninstall(asTenant);
    expect([refused.code === 0, refused.output]).toEqual([false, expect.stringContaining('1 FlexMetalServer is left')]);
    await objects.delete('web');
    await objects.gone('web');
    expect(await release.uninstall(asTenant)).toMatchObject({ code: 0 });
  });
});

/** The built-in role `admin`, and what the operator itself may do: nobody can give a right that he has not. */
async function letTenantRule({ rest }: Cluster, namespace: string): Promise<void> {
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
  const rules = [
    { apiGroups: ['flexmetal.i3d.net'], resources: ['flexmetalservers', 'flexmetalservers/status'], verbs: ['*'] },
    { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['*'] },
  ];
  await rest.must('POST', `${rbac}/roles`, { body: { metadata: { name: 'servers' }, rules } });
  const subjects = [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: TENANT }];
  for (const [kind, name] of [
    ['ClusterRole', 'admin'],
    ['Role', 'servers'],
  ]) {
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind, name };
    await rest.must('POST', `${rbac}/rolebindings`, {
      body: { metadata: { name: `tenant-${name}` }, roleRef, subjects },
    });
  }
}
