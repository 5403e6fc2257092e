import { writeFileSync } from 'node:fs';
import type { SoakOptions } from './options.ts';
import { readSoakOptions } from './options.ts';
import { textOf } from './report.ts';
import { runSoak } from './soak.ts';

process.exitCode = await main(process.argv.slice(2));

/** @returns 0 every promise was kept, 1 one was broken or the soak failed, 2 wrong options */
async function main(argv: readonly string[]): Promise<number> {
  const read = readSoakOptions(argv);
  switch (read.kind) {
    case 'help':
      process.stdout.write(`${read.text}\n`);
      return 0;
    case 'wrong':
      process.stderr.write(`${read.message}\n`);
      return 2;
    case 'run':
      return run(read.options);
  }
}

async function run(options: SoakOptions): Promise<number> {
  try {
    const result = await runSoak(options, (line) => void process.stderr.write(`${line}\n`));
    if (options.out !== undefined) writeFileSync(options.out, `${JSON.stringify(result, undefined, 2)}\n`);
    process.stdout.write(`${textOf(result)}\n`);
    return result.passed ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    return 1;
  }
}
