import type { Instant } from '../base/time.ts';

/** Something that will happen in the world by itself. */
export interface Due<T> {
  readonly at: Instant;
  /** Ties are broken by the order of entry, so that a run can be repeated. */
  readonly order: number;
  /** False for what is not stretched by the time scale. */
  readonly scaled: boolean;
  readonly event: T;
}

/** What is to come, earliest first: a binary heap, since a world may hold tens of thousands of deliveries. */
export class Agenda<T> {
  #heap: Due<T>[];
  #entries: number;

  constructor(heap: readonly Due<T>[] = [], entries = 0) {
    this.#heap = [...heap];
    this.#entries = entries;
  }

  add(at: Instant, event: T, scaled: boolean): void {
    this.#push({ at, order: this.#entries++, scaled, event });
  }

  /** Takes out the earliest event that is due at `now`. */
  take(now: Instant): Due<T> | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.at > now) return undefined;
    const last = this.#heap.pop();
    if (last !== undefined && this.#heap.length > 0) this.#sink(last);
    return first;
  }

  get nextAt(): Instant | undefined {
    return this.#heap[0]?.at;
  }

  /** Moves every scaled event to another time. */
  reschedule(move: (at: Instant) => Instant): void {
    const entries = this.#heap.toSorted((left, right) => (before(left, right) ? -1 : 1));
    this.#heap = [];
    for (const entry of entries) this.#push(entry.scaled ? { ...entry, at: move(entry.at) } : entry);
  }

  copy(): Agenda<T> {
    return new Agenda(this.#heap, this.#entries);
  }

  #push(item: Due<T>): void {
    let at = this.#heap.push(item) - 1;
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = this.#heap[parentAt];
      if (parent === undefined || !before(item, parent)) break;
      this.#heap[at] = parent;
      at = parentAt;
    }
    this.#heap[at] = item;
  }

  #sink(item: Due<T>): void {
    let at = 0;
    for (;;) {
      const childAt = this.#earlierChild(at);
      const child = childAt === undefined ? undefined : this.#heap[childAt];
      if (childAt === undefined || child === undefined || !before(child, item)) break;
      this.#heap[at] = child;
      at = childAt;
    }
    this.#heap[at] = item;
  }

  #earlierChild(at: number): number | undefined {
    const leftAt = at * 2 + 1;
    const left = this.#heap[leftAt];
    const right = this.#heap[leftAt + 1];
    if (left === undefined) return undefined;
    return right !== undefined && before(right, left) ? leftAt + 1 : leftAt;
  }
}

const before = (left: Due<unknown>, right: Due<unknown>): boolean =>
  left.at < right.at || (left.at === right.at && left.order < right.order);
