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

/** Every check that a linter knows is made; what it finds is either mended or stands in waivers.ts with a reason. */
describe.each(LINTERS)('$name', PATIENCE, ({ name, isMissing, judge }) => {
  test.skipIf(isMissing || HELM_4.isMissing).each(['hardened', 'defaults'] as const)(
    'finds in the set %s what is waived, and nothing else',
    async (set) => {
      const file = path.join(folder, `${name}-${set}.yaml`);
      await writeFile(file, (await renderSet(HELM_4.program, VALUE_SETS[set])).join('\n---\n'));
      const { checks, findings } = await judge(file);
      const waived = WAIVERS[set]
        .filter(({ linter }) => linter === name)
        .map(({ check, object }) => `${check} ${object}`);
      expect(findings.map(({ check, object }) => `${check} ${object}`).toSorted()).toEqual(waived.toSorted());
      expect(checks).toBeGreaterThan(40);
    },
  );
});
