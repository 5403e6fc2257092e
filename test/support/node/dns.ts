import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { waitFor } from '../cluster/wait-for.ts';
import { MARK } from './claim.ts';
import type { Cluster } from './cluster.ts';

/** Values of the chart. */
export interface Dns {
  readonly dnsPolicy?: 'None';
  readonly dnsConfig?: { readonly nameservers: readonly string[]; readonly searches: readonly string[] };
}

/** The Services of the usual DNS add-ons. */
const USUAL = [
  '/api/v1/namespaces/kube-system/services/kube-dns',
  '/api/v1/namespaces/openshift-dns/services/dns-default',
];
const NAME = 'names';
const CORE = `/api/v1/namespaces/${MARK}`;
const RBAC = '/apis/rbac.authorization.k8s.io/v1';

/** A cluster that was put together by hand may have no DNS. Then a small one of ours answers for the tests' pods, with the image's own Node. */
export async function bringDns({ rest, image }: Cluster): Promise<Dns> {
  for (const service of USUAL) if ((await rest.request('GET', service)).status === 200) return {};
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
/** A port that needs no rights. */
const PORT = 5_353;

const Pod = z.object({ status: z.object({ phase: z.string() }) });
const Service = z.object({ spec: z.object({ clusterIP: z.string() }) });
