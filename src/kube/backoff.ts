import type { Random } from '../base/random.ts';
import type { Millis } from '../base/time.ts';
import { millis } from '../base/time.ts';

export interface BackoffLimits {
  readonly first: Millis;
  readonly longest: Millis;
}

/** How long to wait after so many failures in a row: doubling, capped, and spread over its upper half so that many do not come back at once. */
export function backoffDelay(failures: number, limits: BackoffLimits, random: Random): Millis {
  // 2^30 is above every cap, and keeps the product finite.
  const full = Math.min(limits.longest, limits.first * 2 ** Math.min(Math.max(0, failures - 1), 30));
  return millis(Math.round(full * (0.5 + random.next() / 2)));
}
