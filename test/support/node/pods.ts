import * as z from 'zod';
import { waitFor } from '../cluster/wait-for.ts';
import type { Cluster, PodName } from './cluster.ts';

const Status = z.object({
  name: z.string(),
  restartCount: z.number(),
  state: z.object({ running: z.object({ startedAt: z.string() }).optional() }),
});

const Pod = z.looseObject({
  metadata: z.object({
    name: z.string(),
    namespace: z.string(),
    uid: z.string(),
    creationTimestamp: z.string(),
    deletionTimestamp: z.string().optional(),
  }),
  status: z.object({
    conditions: z.array(z.object({ type: z.string(), status: z.string(), lastTransitionTime: z.string() })).default([]),
    containerStatuses: z.array(Status).default([]),
    initContainerStatuses: z.array(Status).default([]),
  }),
});
export type Pod = z.infer<typeof Pod>;

/** Pods of one component of a release that are not on their way out, by their names. */
export async function podsOf({ rest }: Cluster, namespace: string, component: string): Promise<readonly Pod[]> {
  const selector = `app.kubernetes.io/component=${component}`;
  const list = await rest.must(
    'GET',
    `/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(selector)}`,
  );
  return z
    .object({ items: z.array(Pod) })
    .parse(list)
    .items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

export const isReady = ({ status }: Pod): boolean =>
  status.conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True');

export const restartsOf = ({ status }: Pod): number =>
  [...status.containerStatuses, ...status.initContainerStatuses].reduce(
    (sum, { restartCount }) => sum + restartCount,
    0,
  );

/** Seconds, as whole as Kubernetes tells them: from the pod's making, and from the container's start, until it was ready. */
export function startOf({ metadata, status }: Pod): { readonly fromMaking: number; readonly fromStart: number } {
  const readyAt = Date.parse(status.conditions.find(({ type }) => type === 'Ready')?.lastTransitionTime ?? '');
  const startedAt = Date.parse(
    status.containerStatuses.find(({ name }) => name === 'operator')?.state.running?.startedAt ?? '',
  );
  const seconds = (from: number): number => (readyAt - from) / 1_000;
  return { fromMaking: seconds(Date.parse(metadata.creationTimestamp)), fromStart: seconds(startedAt) };
}

export const containerOf = ({ metadata }: Pod, container: string): PodName => ({
  namespace: metadata.namespace,
  name: metadata.name,
  container,
});

/** The operator's metrics, as text. */
export const metricsOf = (cluster: Cluster, { metadata }: Pod): Promise<string> =>
  cluster.page(metadata, 8_080, '/metrics');

/** The pod that holds the Lease. */
export function leaderOf(cluster: Cluster, namespace: string): Promise<Pod> {
  return waitFor(
    'one pod leads',
    async () => {
      const pods = await podsOf(cluster, namespace, 'operator');
      const texts = await Promise.all(pods.map((pod) => metricsOf(cluster, pod).catch(() => '')));
      return pods.find((_, index) => /^leader_election_master_status\{.*\} 1$/m.test(texts[index] ?? ''));
    },
    { timeoutMs: 60_000, everyMs: 300 },
  );
}
