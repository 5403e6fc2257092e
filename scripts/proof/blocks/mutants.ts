import { table } from '../markdown.ts';
import type { Results } from '../results.ts';

/** Each mutant of the protocol, and which promise noticed it in how many runs. */
export function mutants({ mutants: result }: Results): string {
  return table(
    ['mutant', 'what is broken', 'runs', 'noticed', 'by'],
    result.mutants.map(({ name, breaks, plans, catches, caughtBy }) => [
      name,
      breaks,
      plans,
      catches,
      caughtBy.length === 0
        ? 'nothing'
        : caughtBy.map(({ invariant, plans: times }) => `${invariant} (${times})`).join(', '),
    ]),
  );
}

/** What Stryker's changes of the core came to. */
export function mutation({ mutation: { total, explained, unexplained } }: Results): string {
  return table(
    ['changes', 'do not compile', 'noticed', 'not noticed', 'of these explained', 'not explained', 'score'],
    [
      [
        total.mutants,
        total.uncompilable,
        total.killed + total.timeout,
        total.survived + total.uncovered,
        explained,
        unexplained,
        `${total.score.toFixed(2)} %`,
      ],
    ],
  );
}
