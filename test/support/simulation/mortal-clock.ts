import type { Clock, Timer } from '../../../src/base/clock.ts';
import type { Instant, Millis, Monotonic } from '../../../src/base/time.ts';
import { millis, monotonic } from '../../../src/base/time.ts';
import { VirtualClock } from '../virtual-clock.ts';

const READING_TAKES_MS = 0.0001;

/** Timers run in whole milliseconds, as real ones do. */
export class WholeMillisClock extends VirtualClock {
  override setTimer(delay: Millis, run: () => void): Timer {
    return super.setTimer(millis(Math.ceil(delay)), run);
  }
}

/** One process's view of the common time. With the process its timers die: they never run, whatever was set. */
export class MortalClock implements Clock {
  readonly #clock: Clock;
  #isDead = false;
  #lastRead = monotonic(0);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): Instant {
    return this.#clock.now();
  }

  /** No two readings of a real monotonic clock are alike, and "begun after" rests on that. */
  monotonic(): Monotonic {
    this.#lastRead = monotonic(Math.max(this.#clock.monotonic(), this.#lastRead + READING_TAKES_MS));
    return this.#lastRead;
  }

  setTimer(delay: Millis, run: () => void): Timer {
    return this.#clock.setTimer(delay, () => {
      if (!this.#isDead) run();
    });
  }

  kill(): void {
    this.#isDead = true;
  }
}
