/** A small change of one source file, and what the tests made of it. */
export interface Judged {
  /** From the root of the repository. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly mutator: string;
  /** The source text that was replaced, and by what. */
  readonly from: string;
  readonly to: string;
  /** The line where the change begins, trimmed. */
  readonly at: string;
  readonly verdict: Verdict;
}

export type Verdict =
  /** A test failed. */
  | 'killed'
  /** The tests did not end: a loop without an end. */
  | 'timeout'
  /** No test noticed it, but the compiler refuses it, so it can never be committed. */
  | 'refused'
  /** Every test that runs the line passed. */
  | 'survived'
  /** No test runs the line. */
  | 'uncovered';

export const isAlive = ({ verdict }: Judged): boolean => verdict === 'survived' || verdict === 'uncovered';

export const textOf = (mutant: Judged): string =>
  `${mutant.file}:${mutant.line}:${mutant.column} ${mutant.verdict} (${mutant.mutator})\n  - ${mutant.from}\n  + ${mutant.to}`;
