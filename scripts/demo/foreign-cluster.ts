import * as z from 'zod';
import { GROUP, VERSION } from '../../src/resources/names.ts';
import { CRD_COLLECTION, readCrds } from '../../test/support/cluster/kit.ts';
import { ApiError } from '../../test/support/cluster/rest.ts';
import type { Rest } from '../../test/support/cluster/rest.ts';
import { waitFor } from '../../test/support/cluster/wait-for.ts';
import { serversPath } from './examples.ts';
import { DEMO_LABELS, DEMO_NAMESPACE, SERVERS_PLURAL } from './names.ts';

const ALL_SERVERS = `/apis/${GROUP}/${VERSION}/${SERVERS_PLURAL}`;
const NAMESPACE_PATH = `/api/v1/namespaces/${DEMO_NAMESPACE}`;
const REMOVE_TIMEOUT_MS = 120_000;

/**
 * Why the demo must not run in this cluster; undefined when it may. Reads only.
 * A FlexMetalServer that exists may be a server that somebody pays for. A CRD that is not ours means that an operator may be running
 * there, with a real token: it would order real servers for the demo's objects.
 */
export async function refusal(rest: Rest): Promise<string | undefined> {
  for (const { metadata } of readCrds()) {
    const crd = await rest.request('GET', `${CRD_COLLECTION}/${metadata.name}`);
    if (crd.status === 404) continue;
    if (crd.status !== 200) return `cannot look whether the cluster has the CRD ${metadata.name}: ${describe(crd)}`;
    const held = await countServers(rest);
    if (held !== 0)
      return `the cluster already holds ${held} FlexMetalServers. The demo keeps away from those; use another cluster`;
    if (!isOurs(crd.body))
      return (
        `the CRD ${metadata.name} is installed and not by a demo: an operator there may order real servers for the demo's objects. ` +
        'Use another cluster, or remove the operator and its CRDs first'
      );
  }
  const namespace = await rest.request('GET', NAMESPACE_PATH);
  if (namespace.status === 404) return undefined;
  if (namespace.status !== 200) return `cannot look at the namespace ${DEMO_NAMESPACE}: ${describe(namespace)}`;
  if (!isOurs(namespace.body))
    return `the namespace ${DEMO_NAMESPACE} exists and was not made by a demo; remove it first`;
  if (Labelled.parse(namespace.body).metadata.deletionTimestamp === undefined) return undefined;
  return `the namespace ${DEMO_NAMESPACE} of an earlier demo is still being removed; try again when it is gone`;
}

/** What the user is asked to agree to. */
export function intentions(rest: Rest): readonly string[] {
  const crds = readCrds().map(({ metadata }) => metadata.name);
  return [
    `Cluster  ${rest.context} at ${rest.url}`,
    `The demo will create there: the CRDs ${crds.join(', ')}; the namespace ${DEMO_NAMESPACE}; and in it the objects of examples/ and a Lease.`,
    'The operator runs on this machine, watches that namespace only, and orders from a simulator: no real server is ordered.',
    'At the end the demo removes all of it again.',
  ];
}

/**
 * Removes what the demo made, while the operator still runs: its finalizers need it. Leaves the CRDs when somebody else has made
 * FlexMetalServers meanwhile.
 * @returns what is left and how to remove it; empty when nothing is
 */
export async function removeEverything(rest: Rest): Promise<readonly string[]> {
  try {
    await liftProtection(rest);
    await remove(rest, serversPath(DEMO_NAMESPACE));
    await waitFor('all demo servers are gone', async () => (await countServers(rest, DEMO_NAMESPACE)) === 0, {
      timeoutMs: REMOVE_TIMEOUT_MS,
      everyMs: 500,
    });
    await remove(rest, NAMESPACE_PATH);
    const others = await countServers(rest);
    if (others !== 0) return [`${others} FlexMetalServers of others exist now, so the CRDs stay`];
    for (const { metadata } of readCrds()) {
      const crd = `${CRD_COLLECTION}/${metadata.name}`;
      await remove(rest, crd);
      await waitFor(`the CRD ${metadata.name} is gone`, async () => (await rest.request('GET', crd)).status === 404);
    }
    return [];
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return [
      `not everything could be removed: ${error.message}`,
      `remove it by hand: kubectl delete ${SERVERS_PLURAL} --all -n ${DEMO_NAMESPACE} (take the finalizers away if it hangs), then`,
      `kubectl delete namespace ${DEMO_NAMESPACE} and kubectl delete crd ${readCrds()
        .map(({ metadata }) => metadata.name)
        .join(' ')}`,
    ];
  }
}

/** One of the examples shows deletionProtection, and its deletion would wait for ever. */
async function liftProtection(rest: Rest): Promise<void> {
  for (const name of await serverNames(rest, DEMO_NAMESPACE)) {
    const change = { body: { spec: { deletionProtection: false } }, contentType: 'application/merge-patch+json' };
    await rest.must('PATCH', `${serversPath(DEMO_NAMESPACE)}/${name}`, change);
  }
}

async function remove(rest: Rest, path: string): Promise<void> {
  try {
    await rest.must('DELETE', path);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

const countServers = async (rest: Rest, namespace?: string): Promise<number> =>
  (await serverNames(rest, namespace)).length;

async function serverNames(rest: Rest, namespace?: string): Promise<readonly string[]> {
  try {
    const list = await rest.must('GET', namespace === undefined ? ALL_SERVERS : serversPath(namespace));
    return List.parse(list).items.map(({ metadata }) => metadata.name);
  } catch (error) {
    // No such kind, no such objects.
    if (isNotFound(error)) return [];
    throw error;
  }
}

const isNotFound = (error: unknown): boolean => error instanceof ApiError && error.status === 404;

const List = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) });

const Labelled = z.object({
  metadata: z.object({
    labels: z.record(z.string(), z.string()).default({}),
    deletionTimestamp: z.string().optional(),
  }),
});

function isOurs(object: unknown): boolean {
  const { labels } = Labelled.parse(object).metadata;
  return Object.entries(DEMO_LABELS).every(([name, value]) => labels[name] === value);
}

const describe = (reply: { readonly status: number; readonly body: unknown }): string =>
  `${reply.status} ${JSON.stringify(reply.body).slice(0, 200)}`;
