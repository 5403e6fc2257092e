import type { TestProject } from 'vitest/node';
import { skipsWithout } from '../requirement.ts';
import { openCluster } from './cluster.ts';
import type { Dns } from './dns.ts';
import { bringDns } from './dns.ts';
import { claim, release } from './claim.ts';
import type { Needs } from './needs.ts';
import { HOW_TO_GET_A_NODE, needsOf } from './needs.ts';

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
  const needs = needsOf();
  const isThere = 'kubeconfig' in needs;
  const why = isThere ? '' : needs.join('; ');
  project.provide('withoutNode', why);
  if (skipsWithout('node', isThere, `Not tested on a real node: ${why}. ${HOW_TO_GET_A_NODE}`) || !isThere) {
    project.provide('node', undefined);
    return undefined;
  }
  const cluster = await openCluster(needs);
  await claim(cluster);
  const dns = await bringDns(cluster);
  project.provide('node', { ...needs, kubeconfig: cluster.kubeconfig, dns });
  return async () => {
    await release(cluster);
    await cluster.close();
  };
}
