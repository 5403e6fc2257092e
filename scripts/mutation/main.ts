import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { askCompiler } from './compiler.ts';
import { EXPLAINED, reconcile } from './explained.ts';
import type { Reconciled } from './explained.ts';
import { isAlive, textOf } from './judged.ts';
import { readMutationOptions } from './options.ts';
import type { MutationOptions } from './options.ts';
import { pageOf } from './page.ts';
import { runMutants } from './run.ts';
import { summaryOf } from './summary.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const WHOLE_CORE = ['src/core/**/*.ts'];

/** @returns 0 every survivor is explained, 1 one is not or an explanation is out of date, 2 wrong options */
async function main(argv: readonly string[]): Promise<number> {
  const read = readMutationOptions(argv);
  switch (read.kind) {
    case 'help':
      process.stdout.write(`${read.text}\n`);
      return 0;
    case 'wrong':
      process.stderr.write(`${read.message}\n`);
      return 2;
    case 'run':
      return mutate(read.options);
  }
}

async function mutate({ files, workers }: MutationOptions): Promise<number> {
  const startedAt = performance.now();
  const date = new Date().toISOString();
  const isWhole = files.length === 0;
  const mutants = askCompiler(ROOT, await runMutants(ROOT, isWhole ? WHOLE_CORE : files, workers));
  const reconciled = reconcile(mutants.filter(isAlive), explanationsFor(files));
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  const summary = summaryOf(mutants, reconciled, { date, commit: commitOf(), seconds });
  if (isWhole) {
    const explained = reconciled.explained.map(([, entry]) => entry);
    writeFileSync(path.join(ROOT, 'docs/mutation.json'), `${JSON.stringify(summary, undefined, 2)}\n`);
    writeFileSync(path.join(ROOT, 'docs/mutation.md'), pageOf(summary, [...new Set(explained)]));
  }
  process.stdout.write(`${textOfAll(reconciled)}${JSON.stringify(summary.total)}\n`);
  return reconciled.unexplained.length + reconciled.stale.length === 0 ? 0 : 1;
}

const explanationsFor = (files: readonly string[]) =>
  files.length === 0 ? EXPLAINED : EXPLAINED.filter(({ file }) => files.includes(file));

const textOfAll = ({ explained, unexplained, stale }: Reconciled): string =>
  [
    ...unexplained.map(textOf),
    ...stale.map(({ file, at, from, to }) => `explained but not alive: ${file}: ${at}\n  - ${from}\n  + ${to}`),
    `${explained.length} explained, ${unexplained.length} not explained`,
    '',
  ].join('\n');

function commitOf(): string {
  return execFileSync('git', ['describe', '--always', '--dirty', '--exclude', '*'], {
    cwd: ROOT,
    encoding: 'utf8',
  }).trim();
}

process.exitCode = await main(process.argv.slice(2));
