import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bundle } from './bundle.ts';
import { bundle, BUNDLE_NAME } from './bundle.ts';
import { bundledPackages } from './bundled-packages.ts';
import { licenceProblems, licencesText } from './licences.ts';
import { productionTree } from './lock-file.ts';
import { cycloneDx } from './sbom.ts';

export const LICENCES_NAME = 'THIRD_PARTY_LICENSES.txt';
export const SBOM_NAME = 'sbom.cdx.json';
const OWN_LICENCE_NAME = 'LICENSE';

/** What of dist/ goes into the image. */
export const IMAGE_FILES = [BUNDLE_NAME, OWN_LICENCE_NAME, LICENCES_NAME, SBOM_NAME];

/** All that is given away, and what was looked at to make it. */
export interface Product {
  readonly bundle: Bundle;
  readonly licences: string;
  readonly sbom: string;
}

/**
 * Makes the bundle, the licences of what is in it, and its bill of materials. Same checkout, same bytes.
 * @param root the project's folder, with node_modules as the lock file says
 * @throws when a licence in the production tree is not allowed or a package keeps its text to itself
 */
export async function makeProduct(root: string): Promise<Product> {
  const tree = productionTree(await readFile(join(root, 'package-lock.json'), 'utf8'));
  const problems = licenceProblems(tree.packages);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  const built = await bundle(root);
  const bundled = bundledPackages(built.modules);
  const inBundle = new Set(bundled.map(({ folder }) => folder));
  return {
    bundle: built,
    licences: await licencesText(
      root,
      tree.packages.filter(({ folder }) => inBundle.has(folder)),
    ),
    sbom: cycloneDx(tree, { bundled, sha256: built.digest }),
  };
}

/** Writes it all into `dist/`, with our own licence beside the others'. */
export async function writeProduct(root: string, product: Product): Promise<void> {
  const dist = join(root, 'dist');
  await mkdir(dist, { recursive: true });
  await writeFile(join(dist, BUNDLE_NAME), product.bundle.code);
  await writeFile(join(dist, `${BUNDLE_NAME}.map`), product.bundle.map);
  await writeFile(join(dist, OWN_LICENCE_NAME), await readFile(join(root, OWN_LICENCE_NAME)));
  await writeFile(join(dist, LICENCES_NAME), product.licences);
  await writeFile(join(dist, SBOM_NAME), product.sbom);
}
