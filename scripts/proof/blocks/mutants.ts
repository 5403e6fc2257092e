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
export function mutation({ mutation: { total, explained } }: Results): string {
  return table(
    ['changes', 'noticed by a test', 'by the compiler only', 'not noticed', 'of these explained', 'by tests', 'in all'],
    [
      [
        total.mutants,
        total.killed + total.timeout,
        total.refused,
        total.survived + total.uncovered,
        explained,
        `${total.byTests.toFixed(2)} %`,
        `${total.noticed.toFixed(2)} %`,
      ],
    ],
  );
}
