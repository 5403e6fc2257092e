import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { findHelm } from '../../../scripts/chart/helm.ts';

/** What the tests on a real node need besides a cluster, all given by whoever runs them. */
interface Programs {
  /** The operator's image. Nodes of a named cluster have it already or can pull it; k3s gets it from the engine here. */
  readonly image: string;
  readonly helm: string;
  readonly kubectl: string;
}

/** What the tests on a real node need. */
export interface Needs extends Programs {
  /** A cluster that the tests have to themselves. Full rights. */
  readonly kubeconfig: string;
}

/** What was given: the cluster itself, or the image of a k3s to start. */
export interface Given extends Programs {
  readonly cluster:
    | { readonly kind: 'named'; readonly kubeconfig: string }
    | { readonly kind: 'k3s'; readonly image: string };
}

type Env = Readonly<Record<string, string | undefined>>;

/**
 * What is there of it. The cluster is never the one that kubectl happens to point to: helm would install, break and uninstall there.
 * @returns what is missing, in words, if anything is
 */
export function givenIn(env: Env = process.env): Given | readonly string[] {
  const given = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
  const kubeconfig = given('FLEXMETAL_NODE_KUBECONFIG');
  const k3s = given('FLEXMETAL_NODE_K3S');
  const image = given('FLEXMETAL_IMAGE');
  const helm = findHelm(env);
  const kubectl = given('KUBECTL') ?? onPath('kubectl', env);
  const cluster = clusterOf(kubeconfig, k3s);
  if (typeof cluster !== 'string' && image !== undefined && helm !== undefined && kubectl !== undefined)
    return { cluster, image, helm, kubectl };
  return [
    ...(typeof cluster === 'string' ? [cluster] : []),
    ...(image === undefined ? ['FLEXMETAL_IMAGE names no image'] : []),
    ...(helm === undefined ? ['there is no helm (HELM or PATH)'] : []),
    ...(kubectl === undefined ? ['there is no kubectl (KUBECTL or PATH)'] : []),
  ];
}

function clusterOf(kubeconfig: string | undefined, k3s: string | undefined): Given['cluster'] | string {
  if (kubeconfig !== undefined && k3s !== undefined)
    return 'FLEXMETAL_NODE_KUBECONFIG and FLEXMETAL_NODE_K3S are both set: which one is meant?';
  if (kubeconfig !== undefined) return { kind: 'named', kubeconfig };
  if (k3s !== undefined) return { kind: 'k3s', image: k3s };
  return 'neither FLEXMETAL_NODE_KUBECONFIG names a cluster nor FLEXMETAL_NODE_K3S an image of k3s';
}

export const HOW_TO_GET_A_NODE =
  'Name a cluster that is for tests only by FLEXMETAL_NODE_KUBECONFIG=<file>, or an image of k3s to start by FLEXMETAL_NODE_K3S=<image>; ' +
  'the image of `npm run image` by FLEXMETAL_IMAGE=<name>; and have helm and kubectl: see docs/image.md.';

function onPath(program: string, { PATH: folders = '' }: Env): string | undefined {
  return folders
    .split(path.delimiter)
    .map((folder) => path.join(folder, program))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
