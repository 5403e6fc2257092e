import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { blocksOf } from './blocks.ts';
import { lagChart } from './chart.ts';
import { measureLag, measureModels } from './measure.ts';
import { readProofOptions } from './options.ts';
import { withBlocks } from './page.ts';
import { promisesOfRuns } from './promises.ts';
import { readLag, readResults, ResultMissing } from './results.ts';

const ROOT = path.join(import.meta.dirname, '../..');

process.exitCode = await main(process.argv.slice(2));

/** @returns 0 written, 1 a result is missing, 2 wrong options */
async function main(argv: readonly string[]): Promise<number> {
  const read = readProofOptions(argv);
  switch (read.kind) {
    case 'help':
      process.stdout.write(`${read.text}\n`);
      return 0;
    case 'wrong':
      process.stderr.write(`${read.message}\n`);
      return 2;
    case 'run':
      if (read.options.measures) await measure();
      return writePage();
  }
}

async function measure(): Promise<void> {
  const told = (line: string): void => void process.stdout.write(`${line}\n`);
  mkdirSync(path.join(ROOT, 'docs/proof'), { recursive: true });
  // Some hundred cells: on one line each they would be a book.
  write('docs/proof/models.json', `${JSON.stringify(await measureModels(told))}\n`);
  write('docs/proof/lag.json', `${JSON.stringify(await measureLag(told), undefined, 2)}\n`);
}

/** The plot needs the lag alone, so it is drawn although another part's result may be missing. */
function writePage(): number {
  try {
    write('docs/proof/lag.svg', lagChart(readLag(ROOT)));
    const page = readFileSync(path.join(ROOT, 'docs/proof.md'), 'utf8');
    write('docs/proof.md', withBlocks(page, blocksOf(readResults(ROOT), promisesOfRuns())));
    return 0;
  } catch (error) {
    if (!(error instanceof ResultMissing)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}

function write(file: string, text: string): void {
  writeFileSync(path.join(ROOT, file), text);
}
