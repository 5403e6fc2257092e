import type { Plan } from '../support/simulation/plan.ts';

/** The promises that a run is checked for, see docs/spec.md. */
export type Invariant = 'S1' | 'S2' | 'S3' | 'S4' | 'S5' | 'S6' | 'L1' | 'L2' | 'L3';

/** One place of the sources that is changed: the text must stand there exactly once. */
export interface Patch {
  /** From the root of the checkout: `src/core/server/facts.ts`. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** The operator with one deliberate mistake in its protocol. It exists only in the memory of a child process of a test. */
export interface Mutant {
  readonly name: string;
  /** One sentence: what this operator does wrong, and what else had to go when another guard makes it harmless. */
  readonly breaks: string;
  readonly patches: readonly Patch[];
  /** What it must be caught by. Others may complain as well. */
  readonly expected: readonly Invariant[];
  /** Where it shows, likeliest first. */
  readonly scenarios: readonly string[];
  /** A plan that is known to catch it. */
  readonly caughtBy: Plan;
}
