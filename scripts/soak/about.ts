import { execFileSync } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';
import path from 'node:path';
import type { SoakOptions } from './options.ts';
import { OPERATOR_SOURCE } from './options.ts';
import type { SoakResult } from './result.ts';

const ROOT = path.join(import.meta.dirname, '../..');

/** When, where and with what a soak was run. */
export function about(
  { minutes, objects, seed, operator }: SoakOptions,
  tookMs: number,
): Pick<SoakResult, 'date' | 'commit' | 'node' | 'machine' | 'loadAverage' | 'options' | 'tookSeconds'> {
  const [cpu] = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: commit(),
    node: process.version,
    machine: { cores: cpus().length, cpu: cpu?.model ?? 'unknown', memoryGiB: Math.round(totalmem() / 2 ** 30) },
    loadAverage: Number((loadavg()[2] ?? 0).toFixed(1)),
    options: {
      minutes,
      objects,
      seed,
      operator: operator === OPERATOR_SOURCE ? 'src/main.ts' : path.basename(operator),
    },
    tookSeconds: Math.round(tookMs / 1_000),
  };
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    // No git, or no checkout.
    return 'unknown';
  }
}
