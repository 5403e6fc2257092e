import { inject } from 'vitest';
import type { Node } from './global-setup.ts';

const why = inject('withoutNode');

/** For titles: why nothing can be tested on a node here; empty where it can. */
export const WITHOUT_NODE = why === '' ? '' : ` (skipped: ${why})`;

/** Of no use where `WITHOUT_NODE` says something. */
export const NODE: Node = inject('node') ?? {
  kubeconfig: 'none',
  image: 'none',
  helm: 'none',
  kubectl: 'none',
  dns: {},
};
