import type { Random } from '../../../src/base/random.ts';
import type { EffectKind, FaultName, Plan, PlannedFault } from './plan.ts';
import { FAULTS, FAULTS_BEYOND, pointlessAt } from './plan.ts';

/** Where a fault can strike in one run: the kind of each outside effect, in their order. */
export type Places = readonly EffectKind[];

const ALL_FAULTS: readonly FaultName[] = [...FAULTS, ...FAULTS_BEYOND];
const KINDS: readonly EffectKind[] = ['object', 'order', 'release', 'tag'];
const SENSIBLE = new Map(
  KINDS.map((kind) => [kind, ALL_FAULTS.filter((fault) => pointlessAt(fault, kind) === undefined)] as const),
);

/** The faults that make sense at an effect of this kind, always in the same order. */
export const sensibleAt = (kind: EffectKind): readonly FaultName[] => SENSIBLE.get(kind) ?? [];

/** Every effect × every fault that makes sense there, after the first `after` effects. */
export const faultsAt = (places: Places, after = 0): readonly PlannedFault[] =>
  places.slice(after).flatMap((kind, index) => sensibleAt(kind).map((fault) => ({ at: after + index + 1, do: fault })));

/** How many plans make no sense among every effect × every fault, by reason. */
export function pointless(places: Places, after = 0): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const kind of places.slice(after)) {
    for (const fault of ALL_FAULTS) {
      const reason = pointlessAt(fault, kind);
      if (reason !== undefined) counts[reason] = (counts[reason] ?? 0) + 1;
    }
  }
  return counts;
}

/** One fault, and where another one can strike in the run that has it. */
export interface FirstFault {
  readonly fault: PlannedFault;
  readonly places: Places;
}

/**
 * All plans of two faults of a scenario, by number: each first fault with every fault at every later effect of its own run,
 * so that the second one always strikes. Nothing is listed; a million plans cost no memory.
 */
export class PairSpace {
  readonly size: number;
  readonly #scenario: string;
  readonly #seed: number;
  readonly #firsts: readonly FirstFault[];
  /** How many pairs come before those of each first fault. */
  readonly #begins: readonly number[];

  constructor(scenario: string, seed: number, firsts: readonly FirstFault[]) {
    this.#scenario = scenario;
    this.#seed = seed;
    this.#firsts = firsts;
    let size = 0;
    this.#begins = firsts.map(({ fault, places }) => {
      const begin = size;
      for (const kind of places.slice(fault.at)) size += sensibleAt(kind).length;
      return begin;
    });
    this.size = size;
  }

  /** @param number from 0, below `size` */
  plan(number: number): Plan {
    const at = lastAtMost(this.#begins, number);
    const first = this.#firsts[at];
    if (first === undefined) throw new RangeError(`there is no pair ${number} of ${this.size}`);
    const second = this.#second(first, number - (this.#begins[at] ?? 0));
    return { scenario: this.#scenario, seed: this.#seed, faults: [first.fault, second] };
  }

  #second({ fault, places }: FirstFault, number: number): PlannedFault {
    let left = number;
    for (const [index, kind] of places.slice(fault.at).entries()) {
      const faults = sensibleAt(kind);
      const name = faults[left];
      if (name !== undefined) return { at: fault.at + index + 1, do: name };
      left -= faults.length;
    }
    throw new RangeError('a pair beyond the last one');
  }
}

/** The last place whose value is at most this; of equal ones the last, so first faults without a second are passed over. */
function lastAtMost(values: readonly number[], wanted: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] ?? Infinity) <= wanted) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** `count` different numbers below `size` in a random order; all of them when there are no more. */
export function draw(random: Random, size: number, count: number): readonly number[] {
  const moved = new Map<number, number>();
  return Array.from({ length: Math.min(size, count) }, (_, at) => {
    const other = at + Math.floor(random.next() * (size - at));
    const drawn = moved.get(other) ?? other;
    moved.set(other, moved.get(at) ?? at);
    return drawn;
  });
}
