import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { generatedFiles } from './generate/outputs.ts';

/** `npm run generate` writes what is made from src/resources; with `--check` it writes nothing and fails when a file is not as it would be written. */
const ROOT = path.join(import.meta.dirname, '..');
const files = Object.entries(generatedFiles()).map(([name, content]) => ({
  name,
  file: path.join(ROOT, name),
  content,
}));
const stale = files.filter(({ file, content }) => readIfThere(file) !== content);

if (process.argv.includes('--check')) {
  for (const { name } of stale) process.stderr.write(`${name} is not what src/resources says: run npm run generate\n`);
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  for (const { name, file, content } of stale) {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
    process.stdout.write(`wrote ${name}\n`);
  }
  if (stale.length === 0) process.stdout.write('everything is up to date\n');
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
