import type { TestProject } from 'vitest/node';
import { skipsWithout } from '../requirement.ts';
import { openCluster } from './cluster.ts';
import type { Dns } from './dns.ts';
import { bringDns } from './dns.ts';
import { claim, release } from './claim.ts';
import { startK3s } from './k3s.ts';
import type { Given, Needs } from './needs.ts';
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
 * Takes the named cluster for the tests, or says why they are skipped.
 * @throws when the cluster is somebody's: the operator's CRD is there, and not from an earlier run of these tests
 */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const given = givenIn();
  const isThere = 'cluster' in given;
  const why = isThere ? '' : given.join('; ');
  project.provide('withoutNode', why);
  if (skipsWithout('node', isThere, `Not tested on a real node: ${why}. ${HOW_TO_GET_A_NODE}`) || !isThere) {
    project.provide('node', undefined);
    return undefined;
  }
  await using stack = new AsyncDisposableStack();
  const kubeconfig = await kubeconfigOf(given, stack);
  const { cluster: _named, ...programs } = given;
  const needs: Needs = { ...programs, kubeconfig };
  const cluster = await openCluster(needs);
  stack.defer(() => cluster.close());
  await claim(cluster);
  stack.defer(() => release(cluster));
  const dns = await bringDns(cluster);
  project.provide('node', { ...needs, kubeconfig: cluster.kubeconfig, dns });
  const kept = stack.move();
  return () => kept.disposeAsync();
}

/** Of the cluster that was named, or of a k3s that ends with the stack. */
async function kubeconfigOf({ cluster, image }: Given, stack: AsyncDisposableStack): Promise<string> {
  if (cluster.kind === 'named') return cluster.kubeconfig;
  const k3s = await startK3s({ image: cluster.image, preloaded: image });
  stack.use(k3s);
  return k3s.kubeconfig;
}
