import type { Instant, Millis, Monotonic } from './time.ts';

/** A pending timer; `cancel` is safe at any time and any number of times. */
export interface Timer {
  cancel(): void;
}

/** Time as a parameter. Shells get the machine's own (src/runtime); tests and simulations a virtual one. */
export interface Clock {
  /** Wall time, for what is written down. */
  now(): Instant;
  /** Never goes back, for every wait and every time-out. */
  monotonic(): Monotonic;
  /** Calls `run` once, `delay` from now; never synchronously. */
  setTimer(delay: Millis, run: () => void): Timer;
}

/** Waits; ends early, without an error, when the signal fires. */
export function sleep(clock: Clock, delay: Millis, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const timer = clock.setTimer(delay, done);
    function done(): void {
      signal?.removeEventListener('abort', done);
      timer.cancel();
      resolve();
    }
    signal?.addEventListener('abort', done, { once: true });
  });
}
