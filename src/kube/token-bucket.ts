import type { Clock } from '../base/clock.ts';
import type { Millis, Monotonic } from '../base/time.ts';
import { elapsed } from '../base/time.ts';

export interface BucketLimits {
  readonly burst: number;
  /** One token comes back in this time. */
  readonly refill: Millis;
}

interface Bucket {
  tokens: number;
  at: Monotonic;
}

/** One token bucket for each name. Holds at most `bucketsMax`: the one unused for longest is forgotten, and so starts full again. */
export class TokenBuckets {
  readonly #clock: Clock;
  readonly #limits: BucketLimits;
  readonly #bucketsMax: number;
  /** In order of last use. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Clock, limits: BucketLimits, bucketsMax: number) {
    this.#clock = clock;
    this.#limits = limits;
    this.#bucketsMax = bucketsMax;
  }

  /** Takes a token; false when there is none. */
  take(name: string): boolean {
    const now = this.#clock.monotonic();
    const known = this.#buckets.get(name) ?? { tokens: this.#limits.burst, at: now };
    const tokens = Math.min(this.#limits.burst, known.tokens + elapsed(known.at, now) / this.#limits.refill);
    const isAllowed = tokens >= 1;
    this.#buckets.delete(name);
    this.#buckets.set(name, { tokens: isAllowed ? tokens - 1 : tokens, at: now });
    if (this.#buckets.size > this.#bucketsMax) this.#dropOldest();
    return isAllowed;
  }

  #dropOldest(): void {
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}
