import path from 'node:path';
import { runHelm } from './helm.ts';

export const PLAIN_MANIFESTS = 'deploy/flexmetal-operator.yaml';

const NAMESPACE = 'flexmetal-system';

const HEADER = `# Written by \`npm run chart\`: what \`helm template\` makes of helm/flexmetal-operator with scripts/chart/plain-values.yaml.
# It wants the API token in a Secret:
#   kubectl -n ${NAMESPACE} create secret generic flexmetal-token --from-file=token=<file>
apiVersion: v1
kind: Namespace
metadata:
  name: ${NAMESPACE}
  labels:
    pod-security.kubernetes.io/enforce: restricted
`;

/**
 * deploy/flexmetal-operator.yaml, whole: the namespace, and what the chart makes for those who do not use Helm.
 * Hooks are left out, since only Helm runs them.
 */
export async function plainManifests(root: string, helm: string): Promise<string> {
  const rendered = await runHelm(helm, [
    'template',
    'flexmetal-operator',
    path.join(root, 'helm/flexmetal-operator'),
    '--namespace',
    NAMESPACE,
    '--values',
    path.join(root, 'scripts/chart/plain-values.yaml'),
    '--no-hooks',
    // What the chart's Chart.yaml asks for at least. Else it would be the newest that this Helm knows.
    '--kube-version',
    '1.30.0',
  ]);
  // Versions of Helm differ in the empty lines between documents.
  const documents = rendered.split(/^---\n/m).map((document) => document.trim());
  return [HEADER, ...documents.filter((document) => document !== '').map((document) => `${document}\n`)].join('---\n');
}
