import type { PolicyRule } from '../../support/cluster/kit.ts';
import { serviceAccountKubeconfig } from '../../support/cluster/kit.ts';
import type { Rest } from '../../support/cluster/rest.ts';

/** As the RBAC API has it: `resourceNames` narrows a rule to objects of these names. */
export interface NamedRule extends PolicyRule {
  readonly resourceNames?: readonly string[];
}

/** All that the operator may do in the whole cluster. Nothing here reads a Secret, creates or deletes a FlexMetalServer. */
export const CLUSTER_RULES: readonly NamedRule[] = [
  // patch, on the object itself: finalizer and the ledger's annotation.
  {
    apiGroups: ['flexmetal.i3d.net'],
    resources: ['flexmetalservers'],
    verbs: ['get', 'list', 'watch', 'patch'],
  },
  { apiGroups: ['flexmetal.i3d.net'], resources: ['flexmetalservers/status'], verbs: ['patch'] },
  { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
  // Its uid is the cluster's id. Not needed where clusterId is configured.
  { apiGroups: [''], resources: ['namespaces'], resourceNames: ['kube-system'], verbs: ['get'] },
];

/** In the namespace of the Lease, for leader election. `create` cannot be narrowed by name: there is none yet. */
export const LEASE_RULES: readonly NamedRule[] = [
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
  {
    apiGroups: ['coordination.k8s.io'],
    resources: ['leases'],
    resourceNames: ['flexmetal-operator'],
    verbs: ['get', 'update'],
  },
];

/** In every namespace whose objects refer to Secrets or ConfigMaps. They are read by name, never listed. */
export const REFERENCE_RULES: readonly NamedRule[] = [
  { apiGroups: [''], resources: ['secrets', 'configmaps'], verbs: ['get'] },
];

/**
 * A service account with these rules and no others, with Lease and references in its own namespace.
 * @param without one rule is left out, to see that it is needed
 * @returns the path of its kubeconfig
 */
export async function operatorAccount(
  rest: Rest,
  kubeconfig: string,
  namespace: string,
  without?: NamedRule,
): Promise<string> {
  const name = 'operator';
  const kept = (rules: readonly NamedRule[]): readonly NamedRule[] => rules.filter((rule) => rule !== without);
  const file = await serviceAccountKubeconfig(rest, kubeconfig, { namespace, name }, kept(CLUSTER_RULES));
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
  const rules = kept([...LEASE_RULES, ...REFERENCE_RULES]);
  await rest.must('POST', `${rbac}/roles`, { body: { metadata: { name }, rules } });
  await rest.must('POST', `${rbac}/rolebindings`, {
    body: {
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', namespace, name }],
    },
  });
  return file;
}
