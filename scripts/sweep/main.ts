import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { FAULTS, FAULTS_BEYOND } from '../../test/support/simulation/plan.ts';
import { SCENARIOS } from '../../test/support/simulation/scenarios.ts';
import type { SweepOptions } from './options.ts';
import { readSweepOptions } from './options.ts';
import { Pool } from './pool.ts';
import { Progress } from './progress.ts';
import { explain, tableOf } from './report.ts';
import type { SweepResult } from './result.ts';
import { sweep } from './sweep.ts';
import type { Tally } from './tally.ts';

process.exitCode = await main(process.argv.slice(2));

/** @returns 0 every promise held, 1 one was broken or something was never reached, 2 wrong options */
async function main(argv: readonly string[]): Promise<number> {
  const read = readSweepOptions(argv);
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

async function run(options: SweepOptions): Promise<number> {
  const startedAt = performance.now();
  const { seconds: most, scenario, seed, workers } = options;
  const progress = new Progress(startedAt);
  const pool = new Pool(workers);
  try {
    const tally = await sweep({
      scenarios: scenario === undefined ? Object.keys(SCENARIOS) : [scenario],
      seed,
      pool,
      isOver: () => most !== undefined && performance.now() - startedAt > most * 1_000,
      onBroken: (plan, violations) => progress.broken(plan, violations),
      onProgress: (phase, done, of, { violations }) => progress.show(phase, done, of, violations),
    });
    const result = resultOf(options, tally, (performance.now() - startedAt) / 1_000);
    process.stdout.write(`\n${tableOf(result)}\n`);
    const say = (text: string): void => void process.stdout.write(`\n${text}\n`);
    const within = await explain(result.within.failures, say);
    const beyond = await explain(result.beyond.failures, say);
    const whole: SweepResult = {
      ...result,
      within: { ...result.within, failures: within },
      beyond: { ...result.beyond, failures: beyond },
    };
    if (options.out !== undefined) writeFileSync(options.out, `${JSON.stringify(whole, undefined, 2)}\n`);
    return within.length + beyond.length === 0 && (!options.full || whole.coverage.never.length === 0) ? 0 : 1;
  } finally {
    pool.close();
  }
}

function resultOf({ full, seed, workers }: SweepOptions, tally: Tally, seconds: number): SweepResult {
  return {
    date: new Date().toISOString(),
    commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim(),
    node: process.version,
    cores: availableParallelism(),
    workers,
    seconds: Math.round(seconds * 10) / 10,
    seed,
    full,
    plans: tally.plans(),
    scenarios: [...tally.scenarios()],
    faults: { ...tally.faults([...FAULTS, ...FAULTS_BEYOND]) },
    within: { runs: tally.within, failures: [...tally.failures('within')] },
    beyond: { ...tally.beyond(), failures: [...tally.failures('beyond')] },
    coverage: { reached: { ...tally.reached.counts }, never: [...tally.reached.never] },
  };
}
