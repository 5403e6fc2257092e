import * as z from 'zod';
import type { Reconciled } from './explained.ts';
import { isAlive } from './judged.ts';
import type { Judged, Verdict } from './judged.ts';

const Count = z.int().nonnegative();

const Tally = z.strictObject({
  mutants: Count,
  killed: Count,
  timeout: Count,
  survived: Count,
  uncovered: Count,
  /** Refused by the compiler; no part of the score. */
  uncompilable: Count,
  /** Percent that the tests noticed of those that compile, two decimals. */
  score: z.number().min(0).max(100),
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
  const noticed = count('killed') + count('timeout');
  const judged = noticed + mutants.filter(isAlive).length;
  return {
    mutants: mutants.length,
    killed: count('killed'),
    timeout: count('timeout'),
    survived: count('survived'),
    uncovered: count('uncovered'),
    uncompilable: count('uncompilable'),
    // Rounded down: 100 is said only when it is so.
    score: judged === 0 ? 100 : Math.floor((noticed / judged) * 10_000) / 100,
  };
}
