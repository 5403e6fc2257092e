import { readBenchOptions } from './options.ts';
import type { BenchOptions } from './options.ts';
import { report } from './report.ts';
import type { BenchResult } from './result.ts';
import { textOf } from './result.ts';
import { Suite } from './suite.ts';

process.exitCode = await main(process.argv.slice(2));

/** @returns 0 measured (goals missed or not: numbers are for people), 1 a bench failed, 2 wrong options */
async function main(argv: readonly string[]): Promise<number> {
  const read = readBenchOptions(argv);
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

async function run(options: BenchOptions): Promise<number> {
  const suite = new Suite(options);
  const results: BenchResult[] = [];
  const startedAt = performance.now();
  try {
    for (const name of options.only) {
      const result = await suite.run(name);
      results.push(result);
      process.stdout.write(`${textOf(result)}\n\n`);
    }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    return 1;
  } finally {
    await suite.close();
  }
  report(options, results, performance.now() - startedAt);
  return 0;
}
