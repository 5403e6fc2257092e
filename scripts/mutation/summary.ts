import * as z from 'zod';
import type { Reconciled } from './explained.ts';
import type { Judged, Verdict } from './judged.ts';

const Count = z.int().nonnegative();

const Percent = z.number().min(0).max(100);

const Tally = z.strictObject({
  mutants: Count,
  killed: Count,
  timeout: Count,
  /** Noticed by the compiler only. */
  refused: Count,
  survived: Count,
  uncovered: Count,
  /** Percent of all that a test noticed, two decimals. */
  byTests: Percent,
  /** Percent of all that a test or the compiler noticed, two decimals. */
  noticed: Percent,
});
export type Tally = z.infer<typeof Tally>;

/** docs/mutation.json: what one run over the whole core found. */
export const Summary = z.strictObject({
  date: z.iso.datetime(),
  commit: z.string(),
  seconds: Count,
  total: Tally,
  explained: Count,
  unexplained: Count,
  files: z.record(z.string(), Tally),
});
export type Summary = z.infer<typeof Summary>;

export interface RunFacts {
  readonly date: string;
  readonly commit: string;
  readonly seconds: number;
}

export function summaryOf(mutants: readonly Judged[], reconciled: Reconciled, facts: RunFacts): Summary {
  const files = [...new Set(mutants.map(({ file }) => file))].toSorted();
  return {
    ...facts,
    total: tallyOf(mutants),
    explained: reconciled.explained.length,
    unexplained: reconciled.unexplained.length,
    files: Object.fromEntries(files.map((file) => [file, tallyOf(mutants.filter((mutant) => mutant.file === file))])),
  };
}

function tallyOf(mutants: readonly Judged[]): Tally {
  const count = (verdict: Verdict): number => mutants.filter((mutant) => mutant.verdict === verdict).length;
  const byTests = count('killed') + count('timeout');
  return {
    mutants: mutants.length,
    killed: count('killed'),
    timeout: count('timeout'),
    refused: count('refused'),
    survived: count('survived'),
    uncovered: count('uncovered'),
    byTests: percent(byTests, mutants.length),
    noticed: percent(byTests + count('refused'), mutants.length),
  };
}

/** Rounded down: 100 is said only when it is so. */
const percent = (part: number, whole: number): number =>
  whole === 0 ? 100 : Math.floor((part / whole) * 10_000) / 100;
