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

/** Stryker fills an empty list with a word of its own. */
const WORD_ON_NO_SERVER =
  'The list holds one word more, which only counts where a server carries that very word as a tag; no test needs such a server.';

export const EXPLAINED: readonly Explained[] = [
  {
    file: 'src/core/server/rules/tags.ts',
    at: 'const surplus = (s.object.status.appliedTags ?? []).filter(',
    from: '[]',
    to: '["Stryker was here"]',
    why: WORD_ON_NO_SERVER,
  },
  {
    file: 'src/core/server/status.ts',
    at: "const wanted = s.spec.kind === 'valid' ? (s.spec.spec.tags ?? []) : [];",
    from: '[]',
    to: '["Stryker was here"]',
    why: WORD_ON_NO_SERVER,
  },
  {
    file: 'src/core/server/wording.ts',
    at: 'const given = entryOf(s)?.answered ?? [];',
    from: '[]',
    to: '["Stryker was here"]',
    why: 'The list of given answers holds one word more, and no answer that is ever asked for is that word.',
  },
];

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
