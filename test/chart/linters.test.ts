import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HELM_4 } from './support/helms.ts';
import { LINTERS } from './support/linters.ts';
import { renderSet } from './support/render.ts';
import { VALUE_SETS } from './support/value-sets.ts';
import { WAIVERS } from './waivers.ts';

const PATIENCE = { timeout: 120_000 };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flexmetal-lint-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** What both sets say that somebody brings. */
const BROUGHT = `apiVersion: v1
kind: Secret
metadata:
  name: flexmetal-token
  namespace: flexmetal-system
`;

const WRONG = `apiVersion: v1
kind: Pod
metadata:
  name: wrong
  namespace: default
spec:
  hostNetwork: true
  serviceAccountName: missing
  containers:
    - name: wrong
      image: wrong:latest
      securityContext: { privileged: true }
`;

/** Some of what each must find there. */
const FOUND = {
  'kube-score': ['container-image-tag', 'container-resources', 'container-seccomp-profile'],
  checkov: ['CKV_K8S_14', 'CKV_K8S_16', 'CKV_K8S_19'],
  monokle: ['KBP001', 'PSS102', 'PSS103', 'LNK001'],
} as const;

/**
 * All checks are made, also those that are off unless asked for; support/linters.ts and monokle.ts name the few
 * exceptions. What they find is either mended or stands in waivers.ts with a reason.
 */
describe.each(LINTERS)('$name', PATIENCE, ({ name, isMissing, judge }) => {
  test.skipIf(isMissing || HELM_4.isMissing).each(['hardened', 'defaults'] as const)(
    'finds in the set %s what is waived, and nothing else',
    async (set) => {
      const file = path.join(folder, `${name}-${set}.yaml`);
      await writeFile(file, [...(await renderSet(HELM_4.program, VALUE_SETS[set])), BROUGHT].join('\n---\n'));
      const { checks, findings } = await judge(file);
      const waived = WAIVERS[set]
        .filter(({ linter }) => linter === name)
        .map(({ check, object }) => `${check} ${object}`);
      expect(findings.map(({ check, object }) => `${check} ${object}`).toSorted()).toEqual(waived.toSorted());
      expect(checks).toBeGreaterThan(40);
    },
  );

  test.skipIf(isMissing)('finds what is wrong with a pod', async () => {
    const file = path.join(folder, `${name}-wrong.yaml`);
    await writeFile(file, WRONG);
    const { findings } = await judge(file);
    expect(findings).toEqual(expect.arrayContaining(FOUND[name].map((check) => ({ check, object: 'Pod wrong' }))));
  });
});
