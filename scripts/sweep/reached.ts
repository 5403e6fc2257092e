import type { Coverage } from '../../test/support/simulation/coverage.ts';
import { unreached } from '../../test/support/simulation/coverage.ts';

const PREFIX = {
  rules: 'rule ',
  rulings: 'ruling ',
  reasons: 'reason ',
  blocks: 'block ',
  exits: 'way out of ',
} as const satisfies Record<keyof Coverage, string>;

/** Counts in how many runs each rule, ruling, reason, block and way out of a block was reached. */
export class Reached {
  readonly #counts = new Map<string, number>();

  take({ rules, rulings, reasons, blocks, exits }: Coverage): void {
    this.#count(PREFIX.rules, rules);
    this.#count(PREFIX.rulings, rulings);
    this.#count(PREFIX.reasons, reasons);
    this.#count(PREFIX.blocks, blocks);
    this.#count(PREFIX.exits, exits);
  }

  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].toSorted(([left], [right]) => (left < right ? -1 : 1)));
  }

  get never(): readonly string[] {
    return unreached({
      rules: this.#with(PREFIX.rules),
      rulings: this.#with(PREFIX.rulings),
      reasons: this.#with(PREFIX.reasons),
      blocks: this.#with(PREFIX.blocks),
      exits: this.#with(PREFIX.exits),
    });
  }

  #count(prefix: string, names: readonly string[]): void {
    for (const name of names) this.#counts.set(prefix + name, (this.#counts.get(prefix + name) ?? 0) + 1);
  }

  #with(prefix: string): readonly string[] {
    return [...this.#counts.keys()].filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  }
}
