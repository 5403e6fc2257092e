import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Stryker } from '@stryker-mutator/core';
import type { Judged, Verdict } from './judged.ts';
import { replacedText, trimmedLine } from './source.ts';

type StrykerMutant = Awaited<ReturnType<Stryker['runMutationTest']>>[number];

/** A mutant that runs longer than this has lost itself in a loop; generous, since the machine may be busy with other things. */
const TIMEOUT_MS = 60_000;

/**
 * Mutates files of src/core one place at a time and runs the tests of test/core on each mutant.
 * @param files from the root of the repository, globs as well
 * @param workers test processes at a time
 * @returns every mutant with its verdict; the compiler has not been asked yet
 */
export async function runMutants(root: string, files: readonly string[], workers: number): Promise<readonly Judged[]> {
  const stryker = new Stryker({
    mutate: [...files],
    testRunner: 'core',
    plugins: [fileURLToPath(import.meta.resolve('./runner/plugin.ts'))],
    coverageAnalysis: 'perTest',
    concurrency: workers,
    timeoutMS: TIMEOUT_MS,
    tempDirName: '.cache/stryker',
    reporters: ['progress'],
    // It reads tsconfig.json with the compiler's API, which TypeScript 7 does not have; nothing here needs what it would find there.
    tsconfigFile: 'none.json',
    ignorePatterns: ['**', '!src/**', '!test/**', '!package.json'],
  });
  const mutants = await stryker.runMutationTest();
  const sources = new Map<string, string>();
  return mutants.map((mutant) => judged(root, mutant, sources));
}

function judged(root: string, mutant: StrykerMutant, sources: Map<string, string>): Judged {
  const source = sources.get(mutant.fileName) ?? readFileSync(mutant.fileName, 'utf8');
  sources.set(mutant.fileName, source);
  const { start } = mutant.location;
  return {
    file: path.relative(root, mutant.fileName),
    line: start.line,
    column: start.column,
    mutator: mutant.mutatorName,
    from: replacedText(source, mutant.location),
    to: mutant.replacement,
    at: trimmedLine(source, start.line),
    verdict: verdictOf(mutant),
  };
}

const VERDICTS: ReadonlyMap<string, Verdict> = new Map([
  ['Killed', 'killed'],
  // Thrown outside of any test, while a module was loaded: the tests cannot pass with it.
  ['RuntimeError', 'killed'],
  ['Timeout', 'timeout'],
  ['Survived', 'survived'],
  ['NoCoverage', 'uncovered'],
]);

function verdictOf({ status, id }: StrykerMutant): Verdict {
  const verdict = VERDICTS.get(status);
  if (verdict === undefined)
    throw new Error(`Stryker says "${status}" of mutant ${id}, which this script does not know.`);
  return verdict;
}
