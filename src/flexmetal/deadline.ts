import type { Clock, Timer } from '../base/clock.ts';
import type { SendOptions } from './transport.ts';

/** One total time-out, made from the clock. */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #timer: Timer;
  readonly #outer: AbortSignal | undefined;
  readonly #onOuter = (): void => this.#end('aborted');
  #cause: string | undefined;

  constructor(clock: Clock, { timeout, signal }: SendOptions) {
    this.#timer = clock.setTimer(timeout, () => this.#end('timeout'));
    this.#outer = signal;
    if (signal?.aborted === true) this.#onOuter();
    signal?.addEventListener('abort', this.#onOuter, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Why it fired, in a word; undefined as long as it has not. */
  get cause(): string | undefined {
    return this.#cause;
  }

  /** Nothing fires any more, and nothing is left behind. */
  end(): void {
    this.#timer.cancel();
    this.#outer?.removeEventListener('abort', this.#onOuter);
  }

  #end(cause: string): void {
    this.#cause ??= cause;
    this.#controller.abort();
  }
}
