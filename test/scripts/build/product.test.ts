import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { productionTree } from '../../../scripts/build/lock-file.ts';
import type { Product } from '../../../scripts/build/product.ts';
import { makeProduct } from '../../../scripts/build/product.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

const Sbom = z.object({
  metadata: z.object({ component: z.object({ hashes: z.array(z.object({ content: z.string() })) }) }),
  components: z.array(
    z.object({ 'bom-ref': z.string(), scope: z.string(), group: z.string().optional(), name: z.string() }),
  ),
});

describe('what is given away', { timeout: 60_000 }, () => {
  let product: Product;
  let sbom: z.infer<typeof Sbom>;

  beforeAll(async () => {
    product = await makeProduct(ROOT);
    sbom = Sbom.parse(JSON.parse(product.sbom));
  }, 60_000);

  test('holds a bill of materials of the whole production tree, tied to this bundle', async () => {
    const tree = productionTree(await readFile(join(ROOT, 'package-lock.json'), 'utf8'));
    expect(sbom.components).toHaveLength(new Set(tree.packages.map(({ name, version }) => `${name}@${version}`)).size);
    expect(sbom.metadata.component.hashes).toEqual([{ content: product.bundle.digest }]);
  });

  test('names the licence of exactly the packages that the bundle holds', () => {
    const required = sbom.components
      .filter(({ scope }) => scope === 'required')
      .map(({ group, name }) => (group === undefined ? name : `${group}/${name}`));
    const named = [...product.licences.matchAll(/^ {2}(\S+) \S+ \(/gm)].map(([, name]) => name);
    expect(named).toEqual(required);
    expect(required).toEqual(expect.arrayContaining(['@kubernetes/client-node', 'undici', 'zod', 'jsep']));
  });

  test('leaves out of both what the bundle does not hold', () => {
    expect(sbom.components.find(({ name }) => name === 'ws')?.scope).toBe('excluded');
    expect(product.licences).not.toMatch(/^ {2}ws /m);
  });

  test('says neither when nor where it was made', () => {
    expect(product.sbom).not.toMatch(/timestamp|serialNumber/);
    expect([product.sbom, product.licences].filter((text) => text.includes(ROOT))).toEqual([]);
  });
});
