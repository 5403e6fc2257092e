import { createInterface } from 'node:readline/promises';
import { startControlPlane } from '../../test/support/cluster/control-plane.ts';
import { openRest } from '../../test/support/cluster/rest.ts';
import type { Rest } from '../../test/support/cluster/rest.ts';
import { intentions, refusal, removeEverything } from './foreign-cluster.ts';
import type { Screen } from './screen.ts';

/** A cluster in which the demo may work. */
export interface Cluster {
  readonly rest: Rest;
  readonly kubeconfig: string;
  /** Undefined: the kubeconfig's current one. */
  readonly context: string | undefined;
  /** Removes what the demo made; called while the operator still runs. */
  readonly clear: () => Promise<void>;
}

export interface UsersCluster {
  readonly kubeconfig: string;
  readonly context: string | undefined;
}

type Work = (cluster: Cluster) => Promise<number>;

const REFUSED = 2;

/** Starts a control plane for `work` and stops it afterwards. Nothing has to be cleared: the whole cluster goes. */
export async function withOwnCluster(screen: Screen, work: Work): Promise<number> {
  const controlPlane = await startControlPlane({ log: (line) => screen.say(line) });
  const rest = openRest(controlPlane.kubeconfigPath);
  try {
    const clear = (): Promise<void> => Promise.resolve();
    return await work({ rest, kubeconfig: controlPlane.kubeconfigPath, context: undefined, clear });
  } finally {
    await rest.close();
    await controlPlane.stop();
  }
}

/** Lets `work` into the user's cluster, if the rules and the user allow it. */
export async function withUsersCluster(
  cluster: UsersCluster,
  yes: boolean,
  screen: Screen,
  work: Work,
): Promise<number> {
  const { kubeconfig, context } = cluster;
  const rest = openRest(kubeconfig, context);
  try {
    const why = await refusal(rest);
    if (why !== undefined) {
      screen.say(`The demo does not touch the cluster ${rest.context} at ${rest.url}: ${why}.`);
      return REFUSED;
    }
    for (const line of intentions(rest)) screen.say(line);
    if (!yes && !(await agrees(screen))) {
      screen.say('Nothing was touched.');
      return REFUSED;
    }
    const clear = async (): Promise<void> => {
      screen.say('Removing what the demo made.');
      for (const line of await removeEverything(rest)) screen.say(line);
    };
    return await work({ rest, kubeconfig, context, clear });
  } finally {
    await rest.close();
  }
}

/** Anything but yes is no, also Ctrl-C and the end of the input. */
async function agrees(screen: Screen): Promise<boolean> {
  if (!process.stdin.isTTY) {
    screen.say('There is no terminal to ask on; say --yes to agree.');
    return false;
  }
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  const given = new AbortController();
  prompt.once('SIGINT', () => given.abort());
  prompt.once('close', () => given.abort());
  try {
    return /^y(es)?$/i.test((await prompt.question('Go on? [y/N] ', { signal: given.signal })).trim());
  } catch (error) {
    if (given.signal.aborted) return false;
    throw error;
  } finally {
    prompt.close();
  }
}
