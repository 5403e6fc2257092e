import type { Judged } from './judged.ts';

/** Surviving mutants that were read and are let live, each with its reason. */
export interface Explained {
  readonly file: string;
  /** The line where the change begins, trimmed: tells equal changes of one file apart. */
  readonly at: string;
  readonly from: string;
  readonly to: string;
  readonly why: string;
}

export const EXPLAINED: readonly Explained[] = [];

export interface Reconciled {
  readonly explained: readonly (readonly [Judged, Explained])[];
  readonly unexplained: readonly Judged[];
  /** Explanations that no survivor needs any more. */
  readonly stale: readonly Explained[];
}

/** Lays the survivors beside the explanations. A text that stands twice in a file is explained in both places. */
export function reconcile(mutants: readonly Judged[], known: readonly Explained[]): Reconciled {
  const pairs = mutants.map((mutant) => [mutant, known.find((entry) => isAbout(entry, mutant))] as const);
  const used = new Set(pairs.map(([, entry]) => entry));
  return {
    explained: pairs.flatMap(([mutant, entry]) => (entry === undefined ? [] : [[mutant, entry] as const])),
    unexplained: pairs.flatMap(([mutant, entry]) => (entry === undefined ? [mutant] : [])),
    stale: known.filter((entry) => !used.has(entry)),
  };
}

const isAbout = (entry: Explained, mutant: Judged): boolean =>
  entry.file === mutant.file && entry.at === mutant.at && entry.from === mutant.from && entry.to === mutant.to;
