import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { waitFor } from '../cluster/wait-for.ts';
import { MARK } from './claim.ts';
import type { Cluster } from './cluster.ts';
import { endpointSlicesOf, isServed } from './endpoint-slices.ts';

/** Values of the chart. */
export interface Dns {
  readonly dnsPolicy?: 'None';
  readonly dnsConfig?: { readonly nameservers: readonly string[]; readonly searches: readonly string[] };
}

/** The Services of the usual DNS add-ons. */
const USUAL = [
  { namespace: 'kube-system', service: 'kube-dns' },
  { namespace: 'openshift-dns', service: 'dns-default' },
];
const NAME = 'names';
const CORE = `/api/v1/namespaces/${MARK}`;
const RBAC = '/apis/rbac.authorization.k8s.io/v1';

/**
 * A cluster that was put together by hand may have no DNS. Then a small one of ours answers for the tests' pods, with the image's own Node.
 * One that has it may be so young that nobody answers yet: then this waits.
 */
export async function bringDns({ rest, image }: Cluster): Promise<Dns> {
  for (const { namespace, service } of USUAL) {
    if ((await rest.request('GET', `/api/v1/namespaces/${namespace}/services/${service}`)).status !== 200) continue;
    await waitFor(
      `the cluster's DNS answers (${namespace}/${service})`,
      async () => isServed(await endpointSlicesOf(rest, namespace, service)),
      { timeoutMs: 120_000, everyMs: 500 },
    );
    return {};
  }
  const create = (collection: string, name: string, object: object) =>
    rest.must('POST', collection, {
      body: { metadata: { name, labels: { 'app.kubernetes.io/part-of': PART_OF } }, ...object },
    });
  await create(`${CORE}/serviceaccounts`, NAME, {});
  await create(`${RBAC}/clusterroles`, MARK, {
    rules: [
      { apiGroups: [''], resources: ['services'], verbs: ['get'] },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list'] },
    ],
  });
  await create(`${RBAC}/clusterrolebindings`, MARK, {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: MARK },
    subjects: [{ kind: 'ServiceAccount', name: NAME, namespace: MARK }],
  });
  const script = await readFile(path.join(import.meta.dirname, 'name-server.mjs'), 'utf8');
  await create(`${CORE}/configmaps`, NAME, { data: { 'name-server.mjs': script } });
  const labels = { app: NAME };
  const service = await create(`${CORE}/services`, NAME, {
    spec: { selector: labels, ports: [{ port: 53, targetPort: PORT, protocol: 'UDP' }] },
  });
  await rest.must('POST', `${CORE}/pods`, {
    body: {
      metadata: { name: NAME, labels },
      spec: {
        serviceAccountName: NAME,
        securityContext: { sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: String(PORT) }] },
        containers: [
          {
            name: NAME,
            image,
            command: ['/nodejs/bin/node', '/script/name-server.mjs', String(PORT)],
            volumeMounts: [{ name: 'script', mountPath: '/script' }],
          },
        ],
        volumes: [{ name: 'script', configMap: { name: NAME } }],
      },
    },
  });
  await waitFor(
    'the name server runs',
    async () => Pod.parse(await rest.must('GET', `${CORE}/pods/${NAME}`)).status.phase === 'Running',
    { timeoutMs: 120_000 },
  );
  const { clusterIP } = Service.parse(service).spec;
  return {
    dnsPolicy: 'None',
    dnsConfig: { nameservers: [clusterIP], searches: ['svc.cluster.local', 'cluster.local'] },
  };
}

/** Not the operator's, whose cluster-wide objects are removed after each test. */
const PART_OF = 'flexmetal-node-tests';
/** Where DNS add-ons listen: what lets pods ask for names opens this port, and counts behind the Service. Any user may take it here. */
const PORT = 53;

const Pod = z.object({ status: z.object({ phase: z.string() }) });
const Service = z.object({ spec: z.object({ clusterIP: z.string() }) });
