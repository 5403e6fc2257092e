import { performance } from 'node:perf_hooks';
import type { Clock } from '../base/clock.ts';
import { instant, monotonic } from '../base/time.ts';

/** setTimeout overflows above 2^31-1 ms and would fire at once; longer waits are re-armed by whoever asked for them. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** The machine's own clock. `performance.now` stands still while the machine sleeps on some systems; the lease checks wall time as well. */
export const systemClock: Clock = {
  now: () => instant(Date.now()),
  monotonic: () => monotonic(performance.now()),
  setTimer: (delay, run) => {
    const handle = setTimeout(run, Math.min(Math.max(delay, 0), LONGEST_TIMER_MS));
    return { cancel: () => clearTimeout(handle) };
  },
};
