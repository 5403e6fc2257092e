import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Outcome } from '../../test/support/simulation/outcome.ts';
import type { Plan } from '../../test/support/simulation/plan.ts';

export interface Batch {
  readonly id: number;
  readonly plans: readonly Plan[];
}

export interface BatchDone {
  readonly id: number;
  readonly done: { readonly outcome: Outcome; readonly ms: number }[];
}

/** Small enough to stop soon when the time is up, large enough that processes seldom wait for each other. */
const BATCH = 8;
/** So that a process has work while its last batch is on its way back. */
const BATCHES_AHEAD = 2;

/** Processes that run plans. Which of them runs which plan is chance, what comes out is not. */
export class Pool {
  readonly #workers: readonly ChildProcess[];

  constructor(size: number) {
    const worker = fileURLToPath(new URL('worker.ts', import.meta.url));
    this.#workers = Array.from({ length: size }, () => fork(worker));
  }

  /**
   * Runs all plans, in their order but for what runs at the same time.
   * @param isOver asked before each batch: nothing more is begun once it says so
   * @param onDone called for each plan that was run, with its place in the list
   * @throws when a process ends before its work
   */
  async run(
    plans: readonly Plan[],
    isOver: () => boolean,
    onDone: (index: number, outcome: Outcome, ms: number) => void,
  ): Promise<void> {
    let next = 0;
    const take = (): Batch | undefined => {
      if (next >= plans.length || isOver()) return undefined;
      const batch = { id: next, plans: plans.slice(next, next + BATCH) };
      next += BATCH;
      return batch;
    };
    await Promise.all(
      this.#workers.map((worker) =>
        runOn(worker, take, ({ id, done }) => {
          for (const [at, { outcome, ms }] of done.entries()) onDone(id + at, outcome, ms);
        }),
      ),
    );
  }

  close(): void {
    for (const worker of this.#workers) worker.kill();
  }
}

/** Feeds one process until there is nothing more to do. */
function runOn(worker: ChildProcess, take: () => Batch | undefined, onDone: (done: BatchDone) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let ahead = 0;
    const feed = (): void => {
      while (ahead < BATCHES_AHEAD) {
        const batch = take();
        if (batch === undefined) break;
        ahead += 1;
        worker.send(batch);
      }
      if (ahead > 0) return;
      worker.off('message', taken);
      worker.off('exit', broken);
      resolve();
    };
    const taken = (done: BatchDone): void => {
      ahead -= 1;
      onDone(done);
      feed();
    };
    const broken = (code: number | null): void =>
      reject(new Error(`a process of the sweep ended (${code ?? 'killed'})`));
    worker.on('message', taken);
    worker.once('exit', broken);
    feed();
  });
}
