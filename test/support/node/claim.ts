import * as z from 'zod';
import { GROUP, VERSION } from '../../../src/resources/names.ts';
import { CRD_COLLECTION } from '../cluster/kit.ts';
import { waitFor } from '../cluster/wait-for.ts';
import type { Cluster } from './cluster.ts';
import { OURS } from './cluster.ts';

/** The namespace that says: these tests have taken this cluster. The first thing made, and the last to go. */
export const MARK = 'flexmetal-node-tests';
/** Where deploy/ puts the operator. */
export const PLAIN_NAMESPACE = 'flexmetal-system';
const CRD = `${CRD_COLLECTION}/flexmetalservers.${GROUP}`;
const NAMESPACES = '/api/v1/namespaces';

/**
 * Takes the cluster. What an earlier run left, which was cut off, is removed.
 * @throws when an operator of somebody else is or was there: it would order what the tests create, or lose its CRD
 */
export async function claim(cluster: Cluster): Promise<void> {
  const exists = async (target: string) => (await cluster.rest.request('GET', target)).status !== 404;
  if (await exists(`${NAMESPACES}/${MARK}`)) await removeAll(cluster);
  for (const target of [CRD, `${NAMESPACES}/${PLAIN_NAMESPACE}`])
    if (await exists(target))
      throw new Error(
        `The cluster of FLEXMETAL_NODE_KUBECONFIG (${cluster.rest.url}) has ${target} already. These tests install and uninstall ` +
          'the operator and remove its CRD, which would release its servers: give them a cluster that nobody else uses.',
      );
  const body = { metadata: { name: MARK, labels: OURS } };
  await waitFor(
    `the namespace ${MARK} is made`,
    async () => (await cluster.rest.request('POST', NAMESPACES, { body })).status === 201,
  );
}

/** Gives the cluster back as it was. */
export async function release(cluster: Cluster): Promise<void> {
  await removeAll(cluster);
}

/** Removes what a test left behind in the whole cluster, and its namespaces. Servers are simulated: nobody has to release them. */
export async function tidy(cluster: Cluster, namespaces: readonly string[]): Promise<void> {
  const { rest } = cluster;
  // Operators first, or they would go on with what is taken from them.
  for (const namespace of namespaces) {
    const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;
    await rest.request('DELETE', deployments);
    await rest.request('DELETE', `/api/v1/namespaces/${namespace}/pods?gracePeriodSeconds=0`);
  }
  for (const kind of CLUSTER_WIDE)
    await rest.request('DELETE', `${kind}?labelSelector=app.kubernetes.io/part-of=flexmetal-operator`);
  await removeCrd(cluster);
  for (const namespace of namespaces) await rest.request('DELETE', `${NAMESPACES}/${namespace}`);
}

const CLUSTER_WIDE = [
  // Bindings first: without one a policy refuses nothing.
  '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings',
  '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies',
  '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
  '/apis/rbac.authorization.k8s.io/v1/clusterroles',
];

const Named = z.object({
  items: z.array(z.object({ metadata: z.object({ name: z.string(), namespace: z.string().optional() }) })),
});

async function removeCrd({ rest }: Cluster): Promise<void> {
  const kind = `/apis/${GROUP}/${VERSION}`;
  const patch = (target: string, body: object) => rest.request('PATCH', target, { body, contentType: MERGE });
  await rest.request('DELETE', CRD);
  await waitFor(
    'the CRD is gone',
    async () => {
      const list = await rest.request('GET', `${kind}/flexmetalservers`);
      for (const { metadata } of list.status === 200 ? Named.parse(list.body).items : [])
        await patch(`${kind}/namespaces/${metadata.namespace}/flexmetalservers/${metadata.name}`, {
          metadata: { finalizers: [] },
        });
      // A policy that was deleted a moment ago may still refuse it.
      if ((await rest.request('GET', CRD)).status === 404) return true;
      await rest.request('DELETE', CRD);
      return false;
    },
    { timeoutMs: 60_000, everyMs: 500 },
  );
}

async function removeAll(cluster: Cluster): Promise<void> {
  const { rest } = cluster;
  const ours = Object.entries(OURS).map(([name, value]) => `${name}=${value}`);
  const all = Named.parse(await rest.must('GET', `${NAMESPACES}?labelSelector=${ours.join()}`)).items;
  const names = [...all.map(({ metadata }) => metadata.name).filter((name) => name !== MARK), PLAIN_NAMESPACE];
  await tidy(cluster, names);
  // Those of the name server, which outlive each test.
  for (const kind of ['clusterrolebindings', 'clusterroles'])
    await rest.request('DELETE', `/apis/rbac.authorization.k8s.io/v1/${kind}/${MARK}`);
  for (const name of [...names, MARK]) {
    await rest.request('DELETE', `${NAMESPACES}/${name}`);
    await waitFor(
      `the namespace ${name} is gone`,
      async () => (await rest.request('GET', `${NAMESPACES}/${name}`)).status === 404,
      {
        timeoutMs: 120_000,
        everyMs: 500,
      },
    );
  }
}

const MERGE = 'application/merge-patch+json';
