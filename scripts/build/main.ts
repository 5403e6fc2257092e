import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle, BUNDLE_NAME } from './bundle.ts';

/** `npm run build`: writes dist/flexmetal-operator.mjs and its source map. */
const root = fileURLToPath(new URL('../..', import.meta.url));
const { code, map, digest, modules } = await bundle(root);
await mkdir(join(root, 'dist'), { recursive: true });
await writeFile(join(root, 'dist', BUNDLE_NAME), code);
await writeFile(join(root, 'dist', `${BUNDLE_NAME}.map`), map);
process.stdout.write(
  `dist/${BUNDLE_NAME}: ${Math.ceil(Buffer.byteLength(code) / 1024)} KiB from ${modules.length} modules, sha256 ${digest}\n`,
);
