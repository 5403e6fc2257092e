/** A binary min-heap: push and pop in O(log n), the least item in O(1). */
export class Heap<T> {
  readonly #items: T[] = [];
  readonly #before: (left: T, right: T) => boolean;

  constructor(before: (left: T, right: T) => boolean) {
    this.#before = before;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = items[parentAt];
      if (parent === undefined || !this.#before(item, parent)) break;
      items[at] = parent;
      at = parentAt;
    }
    items[at] = item;
  }

  pop(): T | undefined {
    const top = this.#items[0];
    const last = this.#items.pop();
    if (top === undefined || last === undefined || this.#items.length === 0) return top;
    this.#sink(last);
    return top;
  }

  /** Keeps only what passes. O(n log n). */
  retain(passes: (item: T) => boolean): void {
    const kept = this.#items
      .filter(passes)
      .sort((left, right) => (this.#before(left, right) ? -1 : Number(this.#before(right, left))));
    // A sorted list is a heap.
    this.#items.length = 0;
    for (const item of kept) this.#items.push(item);
  }

  /** Puts an item into the empty place at the top and lets it sink to where it belongs. */
  #sink(item: T): void {
    const items = this.#items;
    let at = 0;
    for (;;) {
      const childAt = this.#leastChild(at);
      const child = items[childAt];
      if (child === undefined || !this.#before(child, item)) break;
      items[at] = child;
      at = childAt;
    }
    items[at] = item;
  }

  #leastChild(at: number): number {
    const left = this.#items[at * 2 + 1];
    const right = this.#items[at * 2 + 2];
    return left !== undefined && right !== undefined && this.#before(right, left) ? at * 2 + 2 : at * 2 + 1;
  }
}
