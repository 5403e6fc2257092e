import { writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import type { BenchOptions } from './options.ts';
import type { BenchResult } from './result.ts';
import { isMet, markdownOf } from './result.ts';

/** Writes the JSON, the page if it is wanted, and which goals were missed. */
export function report(options: BenchOptions, results: readonly BenchResult[], tookMs: number): void {
  const [cpu] = cpus();
  const about = {
    date: new Date().toISOString().slice(0, 10),
    machine: { cores: cpus().length, cpu: cpu?.model ?? 'unknown', memoryGiB: Math.round(totalmem() / 2 ** 30) },
    /** Over the last five and fifteen minutes, at the end: more than the cores means that others were at work as well. */
    loadAverage: { fiveMinutes: rounded(loadavg()[1]), fifteenMinutes: rounded(loadavg()[2]) },
    node: process.version,
    tookSeconds: Math.round(tookMs / 1_000),
  };
  const json = `${JSON.stringify({ ...about, results }, undefined, 2)}\n`;
  if (options.json === undefined) process.stdout.write(json);
  else writeFileSync(options.json, json);
  const missed = results.flatMap(({ measured }) => measured).filter((measured) => !isMet(measured));
  process.stdout.write(
    missed.length === 0 ? 'All goals are met.\n' : `Missed: ${missed.map(({ what }) => what).join('; ')}.\n`,
  );
  if (options.markdown === undefined) return;
  const { machine, date, node, tookSeconds, loadAverage } = about;
  const head = [
    '# Benchmarks',
    '',
    `\`npm run bench\` on ${date}: ${machine.cores} cores (${machine.cpu}), ${machine.memoryGiB} GiB, Node ${node}; the run took ${tookSeconds} s.`,
    `Load average at the end: ${loadAverage.fiveMinutes} over five minutes, ${loadAverage.fifteenMinutes} over fifteen.`,
    'API server, etcd, simulator, operator and the bench itself shared these cores, so times are upper bounds; ratios are to things measured in the same run.',
    'The same numbers for programs: [benchmarks.json](benchmarks.json).',
  ].join('\n');
  writeFileSync(options.markdown, `${[head, ...results.map(markdownOf)].join('\n\n')}\n`);
}

const rounded = (value: number | undefined): number => Number((value ?? 0).toFixed(1));
