import { outcomeOf } from '../../test/support/simulation/outcome.ts';
import type { Batch, BatchDone } from './pool.ts';

/** One process of the sweep: takes plans, gives what they came to, and ends with its parent. */
process.on('message', (batch: Batch) => void work(batch));
process.on('disconnect', () => process.exit());

async function work({ id, plans }: Batch): Promise<void> {
  const done: BatchDone['done'] = [];
  for (const plan of plans) {
    const begunAt = process.cpuUsage();
    const outcome = await outcomeOf(plan);
    const { user, system } = process.cpuUsage(begunAt);
    done.push({ outcome, ms: (user + system) / 1_000 });
  }
  process.send?.({ id, done } satisfies BatchDone);
}
