import type { Finding, Linter } from './support/linters.ts';

/** A finding that stays, and why. */
export interface Waiver extends Finding {
  readonly linter: Linter['name'];
  readonly why: string;
}

const ONCE = 'It runs once, when somebody asks, and ends: there is nothing to probe.';
const NO_POLICY =
  'Which addresses API server and vendor have differs from cluster to cluster, and a wrong policy cuts the operator off: networkPolicy.enabled.';
const CPU =
  'A CPU limit slows the operator down in the very moments in which it has most to do; the hardened values have one.';
const PULL = 'A tag of a release never changes, and a node that has the image needs no registry to start it.';

const DIGEST = 'A digest is known once the image lies in your registry: image.digest; the hardened values ask for it.';
const REST =
  'What is asked for is what it uses at rest, so that it fits beside others; the hardened values set aside all of it.';
const ONE = 'While one is away nothing is lost, only later; the hardened values have two.';

const OPERATOR = 'Deployment flexmetal-operator';
const TEST = 'Pod flexmetal-operator-test';
const BEFORE_DELETE = 'Job flexmetal-operator-before-delete';
const ALL = [OPERATOR, TEST, BEFORE_DELETE];

const ALWAYS: readonly Waiver[] = [
  { linter: 'checkov', check: 'CKV_K8S_8', object: TEST, why: ONCE },
  { linter: 'checkov', check: 'CKV_K8S_9', object: TEST, why: ONCE },
];

/** By the set of values (support/value-sets.ts). One that matches nothing any more must go. */
export const WAIVERS: { readonly [set in 'defaults' | 'hardened']: readonly Waiver[] } = {
  hardened: ALWAYS,
  defaults: [
    ...ALWAYS,
    { linter: 'checkov', check: 'CKV_K8S_11', object: OPERATOR, why: CPU },
    { linter: 'checkov', check: 'CKV2_K8S_6', object: 'Pod flexmetal-operator', why: NO_POLICY },
    { linter: 'checkov', check: 'CKV2_K8S_6', object: TEST, why: NO_POLICY },
    { linter: 'checkov', check: 'CKV2_K8S_6', object: 'Pod flexmetal-operator-before-delete', why: NO_POLICY },
    ...ALL.map((object): Waiver => ({ linter: 'checkov', check: 'CKV_K8S_15', object, why: PULL })),
    ...ALL.map((object): Waiver => ({ linter: 'checkov', check: 'CKV_K8S_43', object, why: DIGEST })),
    ...ALL.map((object): Waiver => ({ linter: 'kube-score', check: 'container-image-pull-policy', object, why: PULL })),
    ...ALL.map((object): Waiver => ({ linter: 'kube-score', check: 'pod-networkpolicy', object, why: NO_POLICY })),
    { linter: 'kube-score', check: 'container-resources', object: OPERATOR, why: CPU },
    { linter: 'kube-score', check: 'container-memory-requests-equal-limits', object: OPERATOR, why: REST },
    { linter: 'kube-score', check: 'container-ephemeral-storage-request-equals-limit', object: OPERATOR, why: REST },
    { linter: 'kube-score', check: 'deployment-replicas', object: OPERATOR, why: ONE },
    { linter: 'monokle', check: 'KBP003', object: OPERATOR, why: CPU },
  ],
};
