/** Everything the demo makes in Kubernetes is in here, except the CRDs. */
export const DEMO_NAMESPACE = 'flexmetal-demo';

/** Marks the namespace and the CRDs as the demo's own, so that a later run may take them over and remove them. */
export const DEMO_LABELS = { 'app.kubernetes.io/managed-by': 'flexmetal-demo' } as const;

export const SERVERS_PLURAL = 'flexmetalservers';
