/** Counts things by name. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(what: string, by = 1): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + by);
  }

  get(what: string): number {
    return this.#counts.get(what) ?? 0;
  }

  /** By name, in the order of the alphabet. */
  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].toSorted(([left], [right]) => left.localeCompare(right)));
  }
}

/** How many there are of each sort. */
export function countBy<T>(things: readonly T[], sort: (thing: T) => string): Readonly<Record<string, number>> {
  const tally = new Tally();
  for (const thing of things) tally.add(sort(thing));
  return tally.counts();
}
