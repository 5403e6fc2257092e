import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { MutantProcess } from '../../test/mutants/mutant-process.ts';
import type { Plan } from '../../test/support/simulation/plan.ts';
import { hunt } from './hunt.ts';
import type { Hunt } from './hunt.ts';
import { readMutantsOptions } from './options.ts';
import type { MutantsOptions } from './options.ts';
import type { ControlViolation, MutantsReport } from './report.ts';
import { isCaught, isPassed, textOf } from './report.ts';

process.exitCode = await main(process.argv.slice(2));

/** @returns 0 all caught, 1 one survived or the operator as it is failed, 2 wrong options */
async function main(argv: readonly string[]): Promise<number> {
  const read = readMutantsOptions(argv);
  switch (read.kind) {
    case 'help':
      process.stdout.write(`${read.text}\n`);
      return 0;
    case 'wrong':
      process.stderr.write(`${read.message}\n`);
      return 2;
    case 'run': {
      const report = await sweepMutants(read.options);
      process.stdout.write(`\n${textOf(report)}\n`);
      const { out } = read.options;
      if (out !== undefined) writeFileSync(out, `${JSON.stringify(report, undefined, 2)}\n`);
      return isPassed(report) ? 0 : 1;
    }
  }
}

async function sweepMutants(options: MutantsOptions): Promise<MutantsReport> {
  const startedAt = performance.now();
  const date = new Date().toISOString();
  const hunts = await inParallel(options.workers, options.mutants, async (mutant) => {
    const found = await hunt(mutant, options);
    const { result } = found;
    process.stdout.write(
      `${mutant.name}: ${isCaught(result) ? 'caught' : 'SURVIVED'}, ${result.catches} of ${result.plans} plans\n`,
    );
    return found;
  });
  const plans = distinct(hunts);
  process.stdout.write(`the operator as it is on ${plans.length} plans\n`);
  const violations = await control(plans, options.workers);
  return {
    date,
    commit: commitOf(),
    seconds: (performance.now() - startedAt) / 1_000,
    plans: hunts.reduce((sum, { result }) => sum + result.plans, 0),
    mutants: hunts.map(({ result }) => result),
    control: { plans: plans.length, violations },
  };
}

function distinct(hunts: readonly Hunt[]): readonly Plan[] {
  const all = hunts.flatMap(({ plans }) => plans);
  return [...new Map(all.map((plan) => [JSON.stringify(plan), plan])).values()];
}

/** The operator as it is on the same plans. */
async function control(plans: readonly Plan[], workers: number): Promise<readonly ControlViolation[]> {
  const shares = Array.from({ length: workers }, (_, worker) => plans.filter((_plan, at) => at % workers === worker));
  const found = await inParallel(workers, shares, async (share) => {
    const runner = new MutantProcess(undefined);
    const failed: ControlViolation[] = [];
    try {
      for (const plan of share) {
        const { violations } = await runner.run(plan);
        if (violations.length > 0) failed.push({ plan, violations });
      }
    } finally {
      runner.end();
    }
    return failed;
  });
  return found.flat();
}

/** At most `width` at a time; the results in the order of the items. */
async function inParallel<Item, Result>(
  width: number,
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const left = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of left) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}

function commitOf(): string {
  const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim();
  return `${git('rev-parse', 'HEAD')}${git('status', '--porcelain', '--', 'src', 'test') === '' ? '' : '+'}`;
}
