import type { Clock, Timer } from '../../src/base/clock.ts';
import { instant, monotonic, type Instant, type Millis, type Monotonic } from '../../src/base/time.ts';

interface Due {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
  cancelled: boolean;
}

/** Tells a test that loops for ever from one that merely takes long. */
const TIMERS_PER_ADVANCE_MAX = 5_000_000;

/** 2026-11-24T20:00:00Z: any fixed time would do. */
export const VIRTUAL_START = instant(Date.UTC(2026, 10, 24, 20, 0, 0));

/**
 * Time that passes only when a test says so. Timers run in the order in which they are due (then in which they were set),
 * and everything a timer sets in motion is let settle before the next one runs.
 */
export class VirtualClock implements Clock {
  #monotonic = 0;
  #wall: number;
  #order = 0;
  readonly #heap: Due[] = [];
  #live = 0;

  constructor(start: Instant = VIRTUAL_START) {
    this.#wall = start;
  }

  now(): Instant {
    return instant(Math.floor(this.#wall));
  }

  monotonic(): Monotonic {
    return monotonic(this.#monotonic);
  }

  setTimer(delay: Millis, run: () => void): Timer {
    const due: Due = { at: this.#monotonic + Math.max(0, delay), order: this.#order++, run, cancelled: false };
    push(this.#heap, due);
    this.#live += 1;
    const cancel = (): void => {
      if (due.cancelled) return;
      due.cancelled = true;
      this.#live -= 1;
    };
    return { cancel };
  }

  /** Timers that are set and neither run nor cancelled: zero when a stopped thing has left nothing behind. */
  get pendingTimers(): number {
    return this.#live;
  }

  /** How long until the next timer; undefined when none is set. */
  get nextTimerIn(): number | undefined {
    const next = this.#peek();
    return next === undefined ? undefined : Math.max(0, next.at - this.#monotonic);
  }

  /** Lets `ms` pass, running each timer that comes due at its own time. */
  async advance(ms: number): Promise<void> {
    const target = this.#monotonic + ms;
    await settle();
    for (let ran = 0; ran < TIMERS_PER_ADVANCE_MAX; ran += 1) {
      const next = this.#peek();
      if (next === undefined || next.at > target) {
        this.#moveTo(target);
        await settle();
        return;
      }
      this.#runNext();
      await settle();
    }
    throw new Error(
      `more than ${TIMERS_PER_ADVANCE_MAX} timers in one advance(${ms}): something re-arms itself without end`,
    );
  }

  /** Advances timer by timer until `condition` holds; false when it does not hold within `limitMs`. */
  async advanceUntil(condition: () => boolean, limitMs: number): Promise<boolean> {
    const target = this.#monotonic + limitMs;
    await settle();
    while (!condition()) {
      const next = this.#peek();
      if (next === undefined || next.at > target) {
        this.#moveTo(target);
        await settle();
        return condition();
      }
      this.#runNext();
      await settle();
    }
    return true;
  }

  /** Wall time jumps (a corrected clock); monotonic time and timers do not notice. */
  jumpWall(ms: number): void {
    this.#wall += ms;
  }

  /** Both clocks move on while no timer runs, as when the process was stopped: what became due runs late, at the next advance. */
  freeze(ms: number): void {
    this.#monotonic += ms;
    this.#wall += ms;
  }

  /** Lets promises and immediates settle without letting time pass. */
  settle(): Promise<void> {
    return settle();
  }

  #runNext(): void {
    const next = pop(this.#heap);
    if (next === undefined || next.cancelled) return;
    next.cancelled = true;
    this.#live -= 1;
    this.#moveTo(next.at);
    next.run();
  }

  /** Never back: a timer that is run late does not take the time back. */
  #moveTo(at: number): void {
    const step = Math.max(0, at - this.#monotonic);
    this.#monotonic += step;
    this.#wall += step;
  }

  #peek(): Due | undefined {
    while (this.#heap[0]?.cancelled === true) pop(this.#heap);
    return this.#heap[0];
  }
}

/** One turn of the event loop: all promise reactions, then what they put into the next turn. */
async function settle(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
}

const before = (left: Due, right: Due): boolean =>
  left.at < right.at || (left.at === right.at && left.order < right.order);

function push(heap: Due[], item: Due): void {
  let at = heap.push(item) - 1;
  while (at > 0) {
    const parentAt = (at - 1) >> 1;
    const parent = heap[parentAt];
    if (parent === undefined || !before(item, parent)) break;
    heap[at] = parent;
    at = parentAt;
  }
  heap[at] = item;
}

function pop(heap: Due[]): Due | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (top === undefined || last === undefined || heap.length === 0) return top;
  let at = 0;
  for (;;) {
    const leftAt = at * 2 + 1;
    const left = heap[leftAt];
    if (left === undefined) break;
    const right = heap[leftAt + 1];
    const childAt = right !== undefined && before(right, left) ? leftAt + 1 : leftAt;
    const child = childAt === leftAt ? left : right;
    if (child === undefined || !before(child, last)) break;
    heap[at] = child;
    at = childAt;
  }
  heap[at] = last;
  return top;
}
