import type { Clock, Timer } from '../../../src/base/clock.ts';
import { sleep } from '../../../src/base/clock.ts';
import type { Instant, Millis, Monotonic } from '../../../src/base/time.ts';
import { addMillis, elapsed, laterBy, millis, monotonic } from '../../../src/base/time.ts';
import { VirtualClock } from '../virtual-clock.ts';

const READING_TAKES_MS = 0.0001;

/** Timers run in whole milliseconds, as real ones do. */
export class WholeMillisClock extends VirtualClock {
  override setTimer(delay: Millis, run: () => void): Timer {
    return super.setTimer(millis(Math.ceil(delay)), run);
  }
}

/**
 * One process's view of the common time. With the process its timers die: they never run, whatever was set. While the
 * process is frozen they are held, and run late, in their order. Its wall clock can be set wrong.
 */
export class MortalClock implements Clock {
  readonly #clock: Clock;
  #isDead = false;
  #lastRead = monotonic(0);
  #frozenUntil = monotonic(0);
  #wallAhead = millis(0);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): Instant {
    return addMillis(this.#clock.now(), this.#wallAhead);
  }

  /** No two readings of a real monotonic clock are alike, and "begun after" rests on that. */
  monotonic(): Monotonic {
    this.#lastRead = monotonic(Math.max(this.#clock.monotonic(), this.#lastRead + READING_TAKES_MS));
    return this.#lastRead;
  }

  setTimer(delay: Millis, run: () => void): Timer {
    const fire = (): void => {
      if (this.#isDead) return;
      if (this.isFrozen) timer = this.#clock.setTimer(this.#thawsIn(), fire);
      else run();
    };
    let timer = this.#clock.setTimer(delay, fire);
    return { cancel: () => timer.cancel() };
  }

  kill(): void {
    this.#isDead = true;
  }

  /** The process stands still for so long; what it is told and what comes due meanwhile waits. */
  freeze(length: Millis): void {
    this.#frozenUntil = laterBy(this.#clock.monotonic(), length);
  }

  get isFrozen(): boolean {
    return this.#clock.monotonic() < this.#frozenUntil;
  }

  /** Resolves when the process runs. */
  async whenThawed(): Promise<void> {
    while (this.isFrozen) await sleep(this.#clock, this.#thawsIn());
  }

  /** The wall clock is set by this much; timers and monotonic time do not notice. */
  jumpWall(by: Millis): void {
    this.#wallAhead = millis(this.#wallAhead + by);
  }

  #thawsIn(): Millis {
    return elapsed(this.#clock.monotonic(), this.#frozenUntil);
  }
}
