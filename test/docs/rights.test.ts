import { loadAll } from 'js-yaml';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { CLUSTER_RULES, LEASE_RULES, REFERENCE_RULES } from '../cluster/support/rbac.ts';
import { codeBlocks, readPage } from './markdown.ts';

const Role = z.object({
  kind: z.enum(['ClusterRole', 'Role']),
  rules: z.array(z.record(z.string(), z.array(z.string()))),
});

test('docs/operating.md gives the operator the rights that the cluster tests run it with', () => {
  const [manifests] = codeBlocks(readPage('docs/operating.md')).filter(({ text }) =>
    text.includes('kind: ClusterRole'),
  );
  const roles = loadAll(manifests?.text ?? '').map((manifest) => Role.parse(manifest));
  expect(roles).toEqual([
    { kind: 'ClusterRole', rules: CLUSTER_RULES },
    { kind: 'Role', rules: LEASE_RULES },
    { kind: 'Role', rules: REFERENCE_RULES },
  ]);
});
