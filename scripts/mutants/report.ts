import type { Plan } from '../../test/support/simulation/plan.ts';

/** What a sweep of the mutants came to; docs/mutants.json is one. */
export interface MutantsReport {
  /** RFC 3339, when the sweep began. */
  readonly date: string;
  /** Of the sources, 40 hex digits; with `+` when they had changes that were not committed. */
  readonly commit: string;
  readonly seconds: number;
  /** Runs of mutants. */
  readonly plans: number;
  readonly mutants: readonly MutantResult[];
  /** The operator as it is on every plan that some mutant ran: without violations, else the catches prove nothing. */
  readonly control: { readonly plans: number; readonly violations: readonly ControlViolation[] };
}

export interface MutantResult {
  readonly name: string;
  readonly breaks: string;
  /** Numbers of the promises that should catch it. */
  readonly expected: readonly string[];
  /** Runs of this mutant, and how many of them broke some promise. */
  readonly plans: number;
  readonly catches: number;
  /** In how many plans each promise caught it, most first. */
  readonly caughtBy: readonly { readonly invariant: string; readonly plans: number }[];
  /** undefined: it survived. */
  readonly firstCatch: FirstCatch | undefined;
}

export interface FirstCatch {
  readonly plan: Plan;
  /** The first violation's text. */
  readonly violation: string;
  readonly replay: string;
}

export interface ControlViolation {
  readonly plan: Plan;
  readonly violations: readonly string[];
}

/** Caught by at least one of the promises that it was expected to break. */
export const isCaught = ({ caughtBy, expected }: MutantResult): boolean =>
  caughtBy.some(({ invariant }) => expected.includes(invariant));

/** Every mutant was caught, and the operator as it is keeps all promises on the same plans. */
export const isPassed = ({ mutants, control }: MutantsReport): boolean =>
  mutants.every(isCaught) && control.violations.length === 0;

/** For a terminal: one line a mutant, then what is to be looked at. */
export function textOf(report: MutantsReport): string {
  const width = Math.max(...report.mutants.map(({ name }) => name.length));
  const rows = report.mutants.map((mutant) => {
    const by = mutant.caughtBy.map(({ invariant, plans }) => `${invariant}×${plans}`).join(' ');
    const counted = `${mutant.catches} of ${mutant.plans}`;
    return `${mutant.name.padEnd(width)}  ${isCaught(mutant) ? 'caught  ' : 'SURVIVED'}  ${counted.padStart(11)}  ${by}`;
  });
  const firsts = report.mutants.flatMap(({ name, firstCatch }) =>
    firstCatch === undefined ? [] : [`${name}\n  ${firstCatch.violation}\n  ${firstCatch.replay}`],
  );
  const complaints = report.control.violations.map(
    ({ plan, violations }) => `the operator as it is fails on ${JSON.stringify(plan)}:\n  ${violations.join('\n  ')}`,
  );
  const caught = report.mutants.filter(isCaught).length;
  return [
    ...rows,
    '',
    ...firsts,
    '',
    ...complaints,
    `${caught} of ${report.mutants.length} mutants caught in ${report.plans} plans; the operator as it is broke ${report.control.violations.length} of ${report.control.plans} of the same plans; ${Math.round(report.seconds)} s`,
  ].join('\n');
}
