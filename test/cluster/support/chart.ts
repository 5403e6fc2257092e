import path from 'node:path';
import { findHelm, HOW_TO_GET_HELM, runHelm } from '../../../scripts/chart/helm.ts';
import type { Manifest } from '../../support/cluster/kit.ts';
import { parseManifests, serverSideApply } from '../../support/cluster/kit.ts';
import type { Rest } from '../../support/cluster/rest.ts';
import { skipsWithout } from '../../support/requirement.ts';

const CHART = path.join(import.meta.dirname, '../../../helm/flexmetal-operator');
const helm = findHelm();

export const isWithoutHelm = skipsWithout('helm', helm !== undefined, HOW_TO_GET_HELM);

/** A release that watches one namespace, where it also lives. */
export interface Release {
  readonly name: string;
  readonly namespace: string;
  readonly values?: Readonly<Record<string, unknown>>;
}

/** What `helm install` would make, hooks included, with a token that nobody uses. */
export async function renderChart({ name, namespace, values = {} }: Release): Promise<readonly Manifest[]> {
  const given = {
    watch: { scope: 'namespaces' },
    config: { clusterId: 'c0c0c0c0c0c0' },
    api: { token: { existingSecret: { name: 'flexmetal-token' } } },
    ...values,
  };
  const sets = Object.entries(given).flatMap(([key, value]) => ['--set-json', `${key}=${JSON.stringify(value)}`]);
  const text = await runHelm(helm ?? '', ['template', name, CHART, '--namespace', namespace, ...sets]);
  return parseManifests(text, 'the rendered chart');
}

const POLICIES = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies';
const BINDINGS = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings';
const COLLECTIONS: Readonly<Record<string, string>> = {
  ValidatingAdmissionPolicy: POLICIES,
  ValidatingAdmissionPolicyBinding: BINDINGS,
};

/** Applies the admission policies of a release. They belong to the whole cluster: `remove` takes them away again. */
export async function applyPolicies(rest: Rest, release: Release): Promise<{ remove(): Promise<void> }> {
  const targets: string[] = [];
  for (const manifest of await renderChart(release)) {
    const collection = COLLECTIONS[manifest.kind];
    if (collection === undefined) continue;
    const target = `${collection}/${manifest.metadata.name}`;
    targets.push(target);
    await serverSideApply(rest, target, manifest);
  }
  return {
    remove: async () => {
      // Bindings first: without one a policy does nothing.
      for (const target of targets.toReversed()) await rest.must('DELETE', target);
    },
  };
}

/** What came of a request: the status, what the API server said against it, and what it warned of. */
export interface Verdict {
  readonly status: number;
  readonly message: string | undefined;
  readonly warnings: readonly string[];
}

type Request = Parameters<Rest['request']>;

export async function verdictOf(rest: Rest, [method, target, options = {}]: Request): Promise<Verdict> {
  const warnings: string[] = [];
  const { status, body } = await rest.request(method, target, {
    ...options,
    onWarning: (warning) => void warnings.push(warning),
  });
  const failed = status >= 400 && typeof body === 'object' && body !== null && 'message' in body;
  return { status, message: failed ? String(body.message) : undefined, warnings };
}

export type Action = 'off' | 'warn' | 'deny';

/** What a policy with this action leads to when a request breaks its rule. `object`: as the API server names it in a refusal. */
export function broken(
  action: Action,
  { policy, object, message, status = 200 }: { policy: string; object: string; message: string; status?: number },
): Verdict {
  if (action === 'off') return { status, message: undefined, warnings: [] };
  if (action === 'warn')
    return {
      status,
      message: undefined,
      warnings: [`Validation failed for ValidatingAdmissionPolicy '${policy}' with binding '${policy}': ${message}`],
    };
  return {
    status: 403,
    message: `${object} is forbidden: ValidatingAdmissionPolicy '${policy}' with binding '${policy}' denied request: ${message}`,
    warnings: [],
  };
}
