import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { findHelm } from '../../../scripts/chart/helm.ts';

/** What the tests on a real node need, all given by whoever runs them. */
export interface Needs {
  /** A cluster that the tests have to themselves. Full rights. */
  readonly kubeconfig: string;
  /** The operator's image, which the nodes have already or can pull. */
  readonly image: string;
  readonly helm: string;
  readonly kubectl: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/**
 * What is there of it. The cluster is never the one that kubectl happens to point to: helm would install, break and uninstall there.
 * @returns what is missing, in words, if anything is
 */
export function needsOf(env: Env = process.env): Needs | readonly string[] {
  const given = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
  const kubeconfig = given('FLEXMETAL_NODE_KUBECONFIG');
  const image = given('FLEXMETAL_IMAGE');
  const helm = findHelm(env);
  const kubectl = given('KUBECTL') ?? onPath('kubectl', env);
  if (kubeconfig !== undefined && image !== undefined && helm !== undefined && kubectl !== undefined)
    return { kubeconfig, image, helm, kubectl };
  return [
    ...(kubeconfig === undefined ? ['FLEXMETAL_NODE_KUBECONFIG names no cluster'] : []),
    ...(image === undefined ? ['FLEXMETAL_IMAGE names no image'] : []),
    ...(helm === undefined ? ['there is no helm (HELM or PATH)'] : []),
    ...(kubectl === undefined ? ['there is no kubectl (KUBECTL or PATH)'] : []),
  ];
}

export const HOW_TO_GET_A_NODE =
  'Name a cluster that is for tests only by FLEXMETAL_NODE_KUBECONFIG=<file>, the image of `npm run image` by FLEXMETAL_IMAGE=<name> ' +
  'after it was loaded on the node, and have helm and kubectl: see docs/image.md.';

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
