import type { EffectKind, PlannedFault } from '../simulation/plan.ts';
import { CALL_FAULTS, pointlessAt } from '../simulation/plan.ts';
import type { Deletion, Protocol } from './life.ts';
import { DELETIONS } from './life.ts';
import type { Outcome } from './outcome.ts';
import { OUTCOMES } from './outcome.ts';

/** The faults that strike a call of one process. To be frozen means something only where a standby takes over. */
export const MODEL_FAULTS = CALL_FAULTS.filter((fault) => fault !== 'frozen');
export type ModelFault = (typeof MODEL_FAULTS)[number];

export type Counts = Readonly<Record<Outcome, number>>;

/** What one fault at one outside effect of a life came to. */
export interface Cell {
  readonly deletion: Deletion;
  /** Counts the effects of the life without faults, from 1. */
  readonly at: number;
  readonly effect: EffectKind;
  readonly fault: ModelFault;
  readonly outcome: Outcome;
}

export interface Measured {
  readonly cells: readonly Cell[];
  readonly single: Counts;
  readonly pairs: Counts;
}

const SEED = 1;

/**
 * Every fault at every effect of both lives, and all pairs of these.
 * @param pairsThinned take one pair of faults of so many at each pair of effects, other ones at the next
 */
export async function measure(protocol: Protocol, pairsThinned = 1): Promise<Measured> {
  const cells: Cell[] = [];
  const pairs: Outcome[] = [];
  for (const deletion of DELETIONS) {
    const places = await placesOf(protocol, deletion);
    cells.push(...(await cellsOf(protocol, deletion, places)));
    for (const faults of pairsOf(places, pairsThinned)) {
      pairs.push((await protocol({ deletion, seed: SEED, faults })).outcome);
    }
  }
  return { cells, single: count(cells.map(({ outcome }) => outcome)), pairs: count(pairs) };
}

/** The kinds of the outside effects of a life without faults. */
export async function placesOf(protocol: Protocol, deletion: Deletion): Promise<readonly EffectKind[]> {
  const { effects, outcome } = await protocol({ deletion, seed: SEED, faults: [] });
  if (outcome !== 'one') throw new Error(`a life without faults came to ${outcome}`);
  return effects.map(({ kind }) => kind);
}

/** Every fault at every effect that it can strike, or at those of one kind. */
export async function cellsOf(
  protocol: Protocol,
  deletion: Deletion,
  places: readonly EffectKind[],
  only?: EffectKind,
): Promise<readonly Cell[]> {
  const cells: Cell[] = [];
  for (const [index, effect] of places.entries()) {
    if (only !== undefined && only !== effect) continue;
    for (const fault of faultsAt(effect)) {
      const at = index + 1;
      const { outcome } = await protocol({ deletion, seed: SEED, faults: [{ at, do: fault }] });
      cells.push({ deletion, at, effect, fault, outcome });
    }
  }
  return cells;
}

const faultsAt = (effect: EffectKind): readonly ModelFault[] =>
  MODEL_FAULTS.filter((fault) => pointlessAt(fault, effect) === undefined);

function pairsOf(places: readonly EffectKind[], thinned: number): readonly (readonly PlannedFault[])[] {
  return places.flatMap((first, one) =>
    places.slice(one + 1).flatMap((second, more) => {
      const pairs = faultsAt(first).flatMap((fault) =>
        faultsAt(second).map((other) => [
          { at: one + 1, do: fault },
          { at: one + more + 2, do: other },
        ]),
      );
      return pairs.filter((_, pair) => (pair + one + more) % thinned === 0);
    }),
  );
}

function count(outcomes: readonly Outcome[]): Counts {
  const of = (wanted: Outcome): number => outcomes.filter((outcome) => outcome === wanted).length;
  return { one: of('one'), person: of('person'), leak: of('leak'), double: of('double') };
}

export const total = (counts: Counts): number => OUTCOMES.reduce((sum, outcome) => sum + counts[outcome], 0);
