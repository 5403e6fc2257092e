import type { TestProject } from 'vitest/node';
import { skipsWithout } from '../requirement.ts';
import { openCluster } from './cluster.ts';
import type { Dns } from './dns.ts';
import { bringDns } from './dns.ts';
import { claim, release } from './claim.ts';
import { startK3s } from './k3s.ts';
import type { Needs, Place } from './needs.ts';
import { givenIn, HOW_TO_GET_A_NODE } from './needs.ts';

/** What the tests of the project `node` run on. */
export interface Node extends Needs {
  /** How pods have to ask for names; empty where the cluster knows by itself. */
  readonly dns: Dns;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Undefined where something is missing: tests skip themselves then. */
    node: Node | undefined;
    /** What is missing. */
    withoutNode: string;
  }
}

/**
 * Takes a cluster for the tests, or says why they are skipped.
 * @throws when the cluster is somebody's: the operator's CRD is there, and not from an earlier run of these tests
 */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const given = givenIn();
  const isThere = 'place' in given;
  const why = isThere ? '' : given.join('; ');
  project.provide('withoutNode', why);
  if (skipsWithout('node', isThere, `Not tested on a real node: ${why}. ${HOW_TO_GET_A_NODE}`) || !isThere) {
    project.provide('node', undefined);
    return undefined;
  }
  await using stack = new AsyncDisposableStack();
  const { place, ...programs } = given;
  const needs: Needs = { ...programs, ...(await clusterAt(place, stack)) };
  const cluster = await openCluster(needs);
  stack.defer(() => cluster.close());
  await claim(cluster);
  stack.defer(() => release(cluster));
  const dns = await bringDns(cluster);
  project.provide('node', { ...needs, kubeconfig: cluster.kubeconfig, dns });
  const kept = stack.move();
  return () => kept.disposeAsync();
}

/** The cluster that was named, or a k3s that ends with the stack. */
async function clusterAt(
  place: Place,
  stack: AsyncDisposableStack,
): Promise<{ readonly kubeconfig: string; readonly image: string }> {
  if (place.kind === 'named') return { kubeconfig: place.kubeconfig, image: place.image };
  process.stderr.write(`[node] starts ${place.k3sImage}\n`);
  const k3s = stack.use(await startK3s({ image: place.k3sImage, operatorImage: place.image }));
  return { kubeconfig: k3s.kubeconfig, image: k3s.operatorImage };
}
