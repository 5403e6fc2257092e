/**
 * What a check found. `unknown`: it could not be told, which is never as good as `right`.
 * `lines` are for people; when something is not right they end in what to do.
 */
export interface Finding {
  readonly verdict: 'right' | 'wrong' | 'unknown';
  readonly lines: readonly string[];
}

/** 0 right, 1 wrong, 2 unknown; of several the worst. */
export const exitCode = (findings: readonly Finding[]): number =>
  Math.max(0, ...findings.map(({ verdict }) => EXIT_CODES[verdict]));

const EXIT_CODES = { right: 0, wrong: 1, unknown: 2 } as const satisfies Record<Finding['verdict'], number>;
