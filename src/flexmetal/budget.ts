import type { Clock, Timer } from '../base/clock.ts';
import type { Millis, Monotonic } from '../base/time.ts';
import { elapsed, laterBy, millis, monotonic } from '../base/time.ts';
import { PAUSE_MAX } from './reply-headers.ts';

/** Most urgent first. */
export const PRIORITIES = ['release', 'order', 'settle', 'observe'] as const;
export type Priority = (typeof PRIORITIES)[number];

export type Grant =
  | { readonly kind: 'granted' }
  /** `retryAfter`: when asking again may help. */
  | { readonly kind: 'denied'; readonly retryAfter: Millis; readonly cause: 'busy' | 'paused' | 'full' | 'aborted' };

export interface AcquireOptions {
  readonly timeout: Millis;
  readonly signal?: AbortSignal;
}

export interface BudgetOptions {
  readonly clock: Clock;
  /** In the long run; Infinity turns the limit off, pauses still hold. */
  readonly requestsPerSecond: number;
  /** At once after a quiet time; at least 1. */
  readonly burst: number;
  readonly onWait?: (priority: Priority, waited: Millis) => void;
}

/** Each waiter holds a pass of its object, so this is beyond any number of objects that is worked on at once. */
const WAITERS_MAX = 1_000;
/** While others wait as well, every priority gets at least each tenth grant. */
const TURNS = 10;

interface Waiter {
  readonly since: Monotonic;
  readonly settle: (grant: Grant) => void;
}

interface Lane {
  readonly priority: Priority;
  /** First come, first served. */
  readonly waiters: Set<Waiter>;
  /** Grows by one with every grant while this lane waits, and costs TURNS when this lane is served; at TURNS it goes first. */
  credit: number;
}

/**
 * The rate budget of one token: a token bucket with four lanes. The most urgent waiting lane goes first, but no waiting lane gets less than
 * a tenth. A pause that the API asked for holds everybody.
 */
export class RateBudget {
  readonly #options: BudgetOptions;
  readonly #burst: number;
  readonly #lanes: readonly Lane[] = PRIORITIES.map((priority) => ({ priority, waiters: new Set(), credit: 0 }));
  #tokens: number;
  #filledAt: Monotonic;
  #pausedUntil: Monotonic | undefined;
  #timer: Timer | undefined;

  constructor(options: BudgetOptions) {
    this.#options = options;
    this.#burst = Math.max(1, options.burst);
    this.#tokens = this.#burst;
    this.#filledAt = options.clock.monotonic();
  }

  /** Waits for the right to send one request; denied when that would take longer than `timeout`. */
  acquire(priority: Priority, { timeout, signal }: AcquireOptions): Promise<Grant> {
    const lane = this.#lane(priority);
    if (signal?.aborted === true) return Promise.resolve(this.#denied('aborted'));
    if (lane.waiters.size >= WAITERS_MAX) return Promise.resolve(this.#denied('full'));
    if (this.#pauseLeft() > timeout) return Promise.resolve(this.#denied('paused'));
    return new Promise((resolve) => {
      const { clock } = this.#options;
      const onAbort = (): void => waiter.settle(this.#denied('aborted'));
      const deadline = clock.setTimer(timeout, () =>
        waiter.settle(this.#denied(this.#pauseLeft() > 0 ? 'paused' : 'busy')),
      );
      const waiter: Waiter = {
        since: clock.monotonic(),
        settle: (grant) => {
          lane.waiters.delete(waiter);
          deadline.cancel();
          signal?.removeEventListener('abort', onAbort);
          this.#cancelTimerIfIdle();
          resolve(grant);
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      lane.waiters.add(waiter);
      this.#serve();
    });
  }

  /** Nobody sends for so long (at most PAUSE_MAX): the API asked for it. A shorter wait never shortens a longer one. */
  pause(retryAfter: Millis): void {
    if (!(retryAfter > 0)) return;
    const until = laterBy(this.#options.clock.monotonic(), millis(Math.min(retryAfter, PAUSE_MAX)));
    this.#pausedUntil = monotonic(Math.max(until, this.#pausedUntil ?? until));
    this.#serve();
  }

  #serve(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    for (let lane = this.#next(); lane !== undefined; lane = this.#next()) {
      const wait = this.#waitForToken();
      if (wait > 0) {
        this.#timer = this.#options.clock.setTimer(wait, () => this.#serve());
        return;
      }
      this.#tokens -= 1;
      this.#grantTo(lane);
    }
  }

  /** The lane that has waited for its turn the longest, else the most urgent; undefined when nobody waits. */
  #next(): Lane | undefined {
    const waiting = this.#lanes.filter((lane) => lane.waiters.size > 0);
    const [first, ...rest] = waiting;
    if (first === undefined) return undefined;
    const longest = rest.reduce((most, lane) => (lane.credit > most.credit ? lane : most), first);
    return longest.credit >= TURNS ? longest : first;
  }

  #grantTo(lane: Lane): void {
    for (const other of this.#lanes) other.credit = other.waiters.size === 0 ? 0 : other.credit + 1;
    lane.credit = Math.max(0, lane.credit - TURNS);
    const [waiter] = lane.waiters;
    if (waiter === undefined) return;
    this.#options.onWait?.(lane.priority, elapsed(waiter.since, this.#options.clock.monotonic()));
    waiter.settle({ kind: 'granted' });
  }

  /** In whole milliseconds, so that a timer never fires a hair too early and finds nothing. */
  #waitForToken(): Millis {
    const pause = this.#pauseLeft();
    if (pause > 0) return pause;
    this.#refill();
    if (this.#tokens >= 1) return millis(0);
    return millis(Math.max(1, Math.ceil(((1 - this.#tokens) / this.#options.requestsPerSecond) * 1_000)));
  }

  #refill(): void {
    const now = this.#options.clock.monotonic();
    const { requestsPerSecond } = this.#options;
    const gained =
      requestsPerSecond === Infinity ? this.#burst : (elapsed(this.#filledAt, now) / 1_000) * requestsPerSecond;
    this.#tokens = Math.min(this.#burst, this.#tokens + gained);
    this.#filledAt = now;
  }

  #pauseLeft(): Millis {
    if (this.#pausedUntil === undefined) return millis(0);
    return millis(Math.max(0, Math.ceil(elapsed(this.#options.clock.monotonic(), this.#pausedUntil))));
  }

  #denied(cause: Extract<Grant, { kind: 'denied' }>['cause']): Grant {
    const waiting = this.#lanes.reduce((sum, lane) => sum + lane.waiters.size, 0);
    const backlog = ((waiting + 1) / this.#options.requestsPerSecond) * 1_000;
    const retryAfter = millis(Math.min(PAUSE_MAX, Math.max(1_000, this.#pauseLeft(), Math.ceil(backlog))));
    return { kind: 'denied', retryAfter, cause };
  }

  #cancelTimerIfIdle(): void {
    if (this.#lanes.some((lane) => lane.waiters.size > 0)) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #lane(priority: Priority): Lane {
    const lane = this.#lanes.find((candidate) => candidate.priority === priority);
    if (lane === undefined) throw new Error(`no lane for ${priority}`);
    return lane;
  }
}
