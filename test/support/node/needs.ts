import { findHelm } from '../../../scripts/chart/helm.ts';
import { findOnPath } from '../../../scripts/tools/find.ts';

interface Programs {
  readonly helm: string;
  readonly kubectl: string;
}

/** What the tests on a real node need. */
export interface Needs extends Programs {
  /** A cluster that the tests have to themselves. Full rights. */
  readonly kubeconfig: string;
  /** The operator's image, which the nodes have already or can pull. */
  readonly image: string;
}

/** Where the tests run. */
export type Place =
  | { readonly kind: 'named'; readonly kubeconfig: string; readonly image: string }
  /** To be started, and to be given the operator's image, which is built when undefined. */
  | { readonly kind: 'k3s'; readonly k3sImage: string; readonly image: string | undefined };

/** What whoever runs the tests has given. */
export interface Given extends Programs {
  readonly place: Place;
}

type Env = Readonly<Record<string, string | undefined>>;

/**
 * What is there of it. The cluster is never the one that kubectl happens to point to: helm would install, break and uninstall there.
 * @returns what is missing, in words, if anything is
 */
export function givenIn(env: Env = process.env): Given | readonly string[] {
  const given = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
  const place = placeOf(given('FLEXMETAL_NODE_KUBECONFIG'), given('FLEXMETAL_NODE_K3S'), given('FLEXMETAL_IMAGE'));
  const helm = findHelm(env);
  const kubectl = given('KUBECTL') ?? findOnPath('kubectl', env);
  if (typeof place !== 'string' && helm !== undefined && kubectl !== undefined) return { place, helm, kubectl };
  return [
    ...(typeof place === 'string' ? [place] : []),
    ...(helm === undefined ? ['there is no helm (HELM or PATH)'] : []),
    ...(kubectl === undefined ? ['there is no kubectl (KUBECTL or PATH)'] : []),
  ];
}

/** @returns in words what is wrong, if it is */
function placeOf(
  kubeconfig: string | undefined,
  k3sImage: string | undefined,
  image: string | undefined,
): Place | string {
  if (kubeconfig !== undefined && k3sImage !== undefined)
    return 'FLEXMETAL_NODE_KUBECONFIG and FLEXMETAL_NODE_K3S are both set: which one is meant?';
  if (k3sImage !== undefined) return { kind: 'k3s', k3sImage, image };
  if (kubeconfig === undefined)
    return 'neither FLEXMETAL_NODE_KUBECONFIG names a cluster nor FLEXMETAL_NODE_K3S an image of k3s';
  if (image === undefined) return 'FLEXMETAL_IMAGE names no image that the cluster of FLEXMETAL_NODE_KUBECONFIG has';
  return { kind: 'named', kubeconfig, image };
}

export const HOW_TO_GET_A_NODE =
  'Let the tests start k3s in Docker by FLEXMETAL_NODE_K3S=<image>; or name a cluster that is for tests only by FLEXMETAL_NODE_KUBECONFIG=<file>, ' +
  'and by FLEXMETAL_IMAGE=<name> the image of `npm run image` that was loaded on it. Have helm and kubectl. See docs/image.md.';
