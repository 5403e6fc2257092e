import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { EffectKind, Plan } from '../support/simulation/plan.ts';

/** What one plan came to. */
export interface Ran {
  /** Each begins with the number of the promise that was broken. */
  readonly violations: readonly string[];
  /** The outside effects in their order: the places for faults. */
  readonly effects: readonly EffectKind[];
  /** The design promises less for such a run, so whatever it broke says nothing about the mutant. */
  readonly isBeyond: boolean;
}

const RUNNER = fileURLToPath(new URL('runner.ts', import.meta.url));
/** A run takes a tenth of a second, on a busy machine several; a mutant may spin for ever. */
const ANSWER_TIMEOUT_MS = 300_000;

/** One child process with one mutant in it; without a name with the operator as it is. Runs one plan at a time. */
export class MutantProcess {
  readonly #child: ChildProcess;
  readonly #closed: Promise<never>;

  constructor(mutant: string | undefined) {
    const child = fork(RUNNER, mutant === undefined ? [] : [mutant], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    const said: string[] = [];
    child.stderr?.setEncoding('utf8').on('data', (text: string) => said.push(text));
    this.#child = child;
    this.#closed = new Promise((_resolve, reject) => {
      child.once('close', (_code, signal) =>
        reject(
          new Error(`the runner of ${mutant ?? 'the operator'} ended (${signal ?? 'by itself'}): ${said.join('')}`),
        ),
      );
    });
    // Nobody may be waiting when it ends as it should.
    this.#closed.catch(() => undefined);
  }

  /** @throws when the process ends or spins instead of answering: a patch that no longer fits, or one that goes too far */
  async run(plan: Plan): Promise<Ran> {
    const child = this.#child;
    const answer = new Promise<Ran>((resolve) => {
      child.once('message', (ran: Ran) => resolve(ran));
    });
    // A send that fails shows as the end of the process.
    child.send(plan, () => undefined);
    const tooLate = setTimeout(() => child.kill('SIGKILL'), ANSWER_TIMEOUT_MS);
    try {
      return await Promise.race([answer, this.#closed]);
    } finally {
      clearTimeout(tooLate);
    }
  }

  end(): void {
    this.#child.kill();
  }
}
