import { fileURLToPath } from 'node:url';
import { BUNDLE_NAME } from './bundle.ts';
import { LICENCES_NAME, makeProduct, SBOM_NAME, writeProduct } from './product.ts';

/** `npm run build`: writes dist/flexmetal-operator.mjs, its source map, licences and bill of materials. */
const root = fileURLToPath(new URL('../..', import.meta.url));
const product = await makeProduct(root);
await writeProduct(root, product);
const { code, modules, digest } = product.bundle;
const sizes: readonly (readonly [string, string])[] = [
  [BUNDLE_NAME, code],
  [LICENCES_NAME, product.licences],
  [SBOM_NAME, product.sbom],
];
for (const [name, text] of sizes)
  process.stdout.write(`dist/${name}: ${Math.ceil(Buffer.byteLength(text) / 1024)} KiB\n`);
process.stdout.write(`${modules.length} modules, sha256 ${digest}\n`);
