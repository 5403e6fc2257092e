import { number, table } from '../markdown.ts';
import type { Promised } from '../promises.ts';
import type { Results } from '../results.ts';

/** Each promise of the runs: how often it was checked, how often broken, which mutants it noticed, and its tests. */
export function promises({ sweep, mutants }: Results, promised: readonly Promised[]): string {
  const broken = (wanted: string): number =>
    sweep.within.failures.filter(({ violations }) => violations.some((violation) => violation.startsWith(wanted)))
      .length;
  const noticed = (wanted: string): readonly string[] =>
    mutants.mutants
      .filter(({ caughtBy }) => caughtBy.some(({ invariant }) => invariant === wanted))
      .map(({ name }) => name);
  return table(
    ['', 'promise', 'broken in the sweep', 'mutants that it noticed', 'tests'],
    promised.map((each) => [
      each.number,
      each.promise,
      `${number(broken(each.number))} of ${number(sweep.within.runs)}`,
      noticed(each.number).join(', ') || 'none',
      each.tests,
    ]),
  );
}
