import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { startControlPlane } from '../../test/support/cluster/control-plane.ts';
import { runJobs } from './crew.ts';
import type { Outcome } from './judge.ts';
import { describe, matrixOf, pointsOf, totalOf } from './judge.ts';
import type { KillsOptions } from './options.ts';
import { readKillsOptions } from './options.ts';
import type { Job } from './plan.ts';
import { allJobs, draw } from './plan.ts';
import type { KillsResult } from './result.ts';
import { tableOf } from './table.ts';

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  const read = readKillsOptions(argv);
  switch (read.kind) {
    case 'help':
      say(read.text);
      return 0;
    case 'wrong':
      process.stderr.write(`${read.message}\n`);
      return 2;
    case 'run':
      return run(read.options);
  }
}

async function run(options: KillsOptions): Promise<number> {
  const checkout = checkoutNow();
  const began = new Date();
  const jobs = await jobsFor(options);
  const startedAt = performance.now();
  const outcomes = await withControlPlane((kubeconfig) => {
    let done = 0;
    return runJobs(jobs, {
      kubeconfig,
      entry: path.resolve(options.entry),
      seed: options.seed,
      lanes: options.lanes,
      onOutcome: (outcome) => say(`${(done += 1)}/${jobs.length} ${lineOf(outcome)}`),
    });
  });
  const result: KillsResult = {
    date: `${began.toISOString().slice(0, 19)}Z`,
    ...checkout,
    entry: options.entry,
    node: process.version,
    seed: options.seed,
    lanes: options.lanes,
    cores: availableParallelism(),
    seconds: Math.round((performance.now() - startedAt) / 1_000),
    totals: totalOf(outcomes),
    matrix: matrixOf(outcomes),
    points: pointsOf(outcomes),
    effectsOnlyReal: outcomes.flatMap(({ effectsOnlyReal }) => effectsOnlyReal),
    effectsOnlySimulated: outcomes.flatMap(({ effectsOnlySimulated }) => effectsOnlySimulated),
    failures: outcomes.flatMap(({ failures }) => failures),
  };
  say(`\n${tableOf(result)}`);
  if (options.out !== undefined) writeFileSync(options.out, `${JSON.stringify(result, undefined, 2)}\n`);
  return result.failures.length === 0 ? 0 : 1;
}

/** A run without a fault for each scenario goes with them: it shows that both sides have the same effects. */
async function jobsFor({ only, scenarios, faults, seed, kills }: KillsOptions): Promise<readonly Job[]> {
  if (only !== undefined) return [only];
  const all = await allJobs(scenarios, faults, seed);
  return [...scenarios.map((scenario) => ({ scenario, point: undefined })), ...draw(all, kills ?? all.length, seed)];
}

async function withControlPlane<T>(act: (kubeconfig: string) => Promise<T>): Promise<T> {
  const controlPlane = await startControlPlane({ log: say });
  try {
    return await act(controlPlane.kubeconfigPath);
  } finally {
    await controlPlane.stop();
  }
}

function lineOf({ job, counts, failures }: Outcome): string {
  const verdict = counts.notReached > 0 ? 'never came to it' : 'ok';
  return `${describe(job)}: ${failures.length === 0 ? verdict : failures.join('\n')} (${counts.seconds.toFixed(1)} s)`;
}

function checkoutNow(): Pick<KillsResult, 'commit' | 'dirty'> {
  const git = (...args: readonly string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim();
  return { commit: git('rev-parse', 'HEAD'), dirty: git('status', '--porcelain', 'src') !== '' };
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
