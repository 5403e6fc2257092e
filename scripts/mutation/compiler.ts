import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isAlive } from './judged.ts';
import type { Judged } from './judged.ts';
import { withReplacement } from './source.ts';

/**
 * Asks the compiler about the mutants that no test noticed, all at once: each stands beside its original as a file of its own, so one run tells for all.
 * What only a file that imports the mutant would reveal is not seen, which errs on the side of "it compiles".
 * @returns the mutants as they came, those that do not compile with the verdict `refused`
 */
export function askCompiler(root: string, mutants: readonly Judged[]): readonly Judged[] {
  const scratch = path.join(root, '.cache', 'mutants-to-compile');
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch, { recursive: true });
  cpSync(path.join(root, 'src'), path.join(scratch, 'src'), { recursive: true });
  cpSync(path.join(root, 'tsconfig.json'), path.join(scratch, 'tsconfig.json'));
  cpSync(path.join(root, 'package.json'), path.join(scratch, 'package.json'));
  symlinkSync(path.join(root, 'node_modules'), path.join(scratch, 'node_modules'));
  for (const [index, mutant] of mutants.entries()) {
    if (!isAlive(mutant)) continue;
    const source = readFileSync(path.join(root, mutant.file), 'utf8');
    writeFileSync(
      path.join(scratch, siblingOf(mutant.file, index)),
      withReplacement(source, mutant, mutant.from, mutant.to),
    );
  }
  const refused = filesWithErrors(root, scratch);
  rmSync(scratch, { recursive: true, force: true });
  return mutants.map((mutant, index) =>
    refused.has(siblingOf(mutant.file, index)) ? { ...mutant, verdict: 'refused' } : mutant,
  );
}

const siblingOf = (file: string, index: number): string => file.replace(/\.ts$/, `.mutant-${index}.ts`);

function filesWithErrors(root: string, scratch: string): ReadonlySet<string> {
  const compiler = path.join(root, 'node_modules', '.bin', 'tsc');
  const { stdout, status, error } = spawnSync(compiler, ['--noEmit', '--pretty', 'false'], {
    cwd: scratch,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (error !== undefined) throw new Error('tsc could not be started.', { cause: error });
  const files = new Set([...stdout.matchAll(/^(\S+)\(\d+,\d+\): error /gm)].map(([, file]) => file ?? ''));
  const originals = [...files].filter((file) => !/\.mutant-\d+\.ts$/.test(file));
  if (originals.length > 0 || (status !== 0 && files.size === 0)) {
    throw new Error(`tsc fails without any mutant: ${originals.join(', ')}\n${stdout.slice(0, 2_000)}`);
  }
  return files;
}
