import type { RealFault } from '../../test/cluster/support/fail-points/fail-points.ts';

/** What `npm run kills -- --out <file>` writes; docs/kills.json is one. */
export interface KillsResult {
  /** When it began, UTC, as `2026-11-25T01:20:00Z`. */
  readonly date: string;
  /** The commit that was checked out, and whether files differed from it. */
  readonly commit: string;
  readonly dirty: boolean;
  /** What was run, from the root of the checkout: `src/main.ts`, or a bundle. */
  readonly entry: string;
  readonly node: string;
  readonly seed: number;
  /** Runs at once, each with an operator, a simulated FlexMetal API and a namespace of its own. */
  readonly lanes: number;
  readonly cores: number;
  readonly seconds: number;
  readonly totals: Counts;
  /** One row for each effect × fault, all scenarios together. */
  readonly matrix: readonly MatrixRow[];
  /** One row for each scenario × effect × fault: what the matrix is made of. */
  readonly points: readonly PointRow[];
  /** Effects of runs without faults that only one side has, as `recreate: kube PATCH default/web-1 #7 of object 2`. */
  readonly effectsOnlyReal: readonly string[];
  readonly effectsOnlySimulated: readonly string[];
  /** Everything that was not as it must be, a sentence each. */
  readonly failures: readonly string[];
}

export interface Counts {
  readonly runs: number;
  /** Processes that got SIGKILL at their fail point. */
  readonly kills: number;
  /** Pairs of servers that lived at once for one object. */
  readonly doubles: number;
  /** Servers that lived on without their object. */
  readonly leaks: number;
  /** Runs whose object was, at the end, neither Ready nor gone as its scenario has it. */
  readonly notReady: number;
  /**
   * Runs that ended in another state than the simulated run of the same scenario, effect and fault. With `frozen` and
   * `leaseTaken` two processes race: how many attempts and orders that took is not compared.
   */
  readonly differences: number;
  /** Runs whose fail point never came, since the run went another way. They count as runs, not as kills. */
  readonly notReached: number;
  readonly seconds: number;
}

export interface MatrixRow extends Counts {
  /** `kube PATCH default/web-1/status`, `vendor POST /v3/flexMetal/servers`. Ids are left out. */
  readonly effect: string;
  /** `none`: runs in which nothing went wrong. */
  readonly fault: RealFault | 'none';
}

export interface PointRow extends MatrixRow {
  readonly scenario: string;
  /** Which object of the run, from 1 (only `recreate` has a second one); 0 for runs in which nothing went wrong. */
  readonly object: number;
  /** Which effect of that name for that object, from 1; 0 for runs in which nothing went wrong. */
  readonly nth: number;
}
