import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findHelm, HOW_TO_GET_HELM } from './helm.ts';
import { chartFiles } from './outputs.ts';
import { PLAIN_MANIFESTS, plainManifests } from './plain-manifests.ts';

/**
 * `npm run chart` writes what is made of the charts and for them: the schema of the values, the README's table, the copies of
 * the CRDs, and deploy/. With `--check` it writes nothing and fails when a file is not as it would be written.
 */
const ROOT = path.join(import.meta.dirname, '../..');
const checks = process.argv.includes('--check');
const helm = findHelm();

// Rendering reads the schema, so that is written first.
bring(chartFiles(ROOT));
if (helm === undefined)
  process.stdout.write(`${PLAIN_MANIFESTS} was left as it is: there is no helm. ${HOW_TO_GET_HELM}\n`);
else bring({ [PLAIN_MANIFESTS]: await plainManifests(ROOT, helm) });

function bring(files: Readonly<Record<string, string>>): void {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(ROOT, name);
    if (readIfThere(file) === content) continue;
    if (checks) {
      process.stderr.write(`${name} is not as the chart says: run npm run chart\n`);
      process.exitCode = 1;
      continue;
    }
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
    process.stdout.write(`wrote ${name}\n`);
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
