import { withOwnCluster, withUsersCluster } from './cluster.ts';
import { readDemoOptions } from './options.ts';
import type { DemoOptions } from './options.ts';
import { Screen } from './screen.ts';
import { show } from './show.ts';

process.exitCode = await main(process.argv.slice(2));

/** @returns 0 everything was seen (or help was asked for), 1 not, 2 wrong options or not allowed to, 130 Ctrl-C before the end */
async function main(argv: readonly string[]): Promise<number> {
  const read = readDemoOptions(argv);
  if (read.kind === 'run') return run(read.options, screenHere());
  if (read.kind === 'help') {
    process.stdout.write(`${read.text}\n`);
    return 0;
  }
  process.stderr.write(`${read.message}\n`);
  return 2;
}

async function run(options: DemoOptions, screen: Screen): Promise<number> {
  try {
    return options.cluster === undefined
      ? await withOwnCluster(screen, (cluster) => show(options, cluster, screen))
      : await withUsersCluster(options.cluster, options.yes, screen, (cluster) => show(options, cluster, screen));
  } catch (error) {
    screen.freeze();
    process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

function screenHere(): Screen {
  const startedAt = performance.now();
  const output = {
    isTerminal: process.stdout.isTTY,
    columns: () => process.stdout.columns ?? 80,
    write: (text: string) => void process.stdout.write(text),
  };
  return new Screen(output, () => performance.now() - startedAt);
}
