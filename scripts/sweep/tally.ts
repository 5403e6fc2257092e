import type { Outcome } from '../../test/support/simulation/outcome.ts';
import type { FaultName, Plan } from '../../test/support/simulation/plan.ts';
import { Reached } from './reached.ts';
import type { Failure, ScenarioResult, SweepResult } from './result.ts';

type Counts = Record<string, number>;

export const add = (counts: Counts, key: string, more = 1): void => {
  counts[key] = (counts[key] ?? 0) + more;
};

/** What is known of one scenario so far. */
class ScenarioTally {
  effects = 0;
  readonly inAll = { singles: 0, pairs: 0 };
  readonly run = { singles: 0, pairs: 0 };
  readonly courses = new Set<string>();
  violations = 0;
  ms = 0;
}

/** Counts runs as they end. The order in which they end does not show. */
export class Tally {
  readonly #scenarios = new Map<string, ScenarioTally>();
  readonly #faults: Counts = {};
  readonly #missed: Counts = {};
  readonly #endings: Record<Outcome['ending'], number> = { within: 0, oneServer: 0, duplicate: 0, orphan: 0 };
  readonly #failures: { readonly failure: Failure; readonly isWithin: boolean }[] = [];
  readonly pruned: Counts = {};
  readonly reached = new Reached();
  drawn = 0;

  scenario(name: string): ScenarioTally {
    const known = this.#scenarios.get(name) ?? new ScenarioTally();
    this.#scenarios.set(name, known);
    return known;
  }

  take(plan: Plan, { violations, ending, course, missed, coverage }: Outcome, ms: number): void {
    this.reached.take(coverage);
    const scenario = this.scenario(plan.scenario);
    scenario.run[plan.faults.length > 1 ? 'pairs' : 'singles'] += 1;
    scenario.courses.add(course);
    scenario.ms += ms;
    this.#endings[ending] += 1;
    for (const fault of plan.faults) if (!missed.includes(fault.do)) add(this.#faults, fault.do);
    for (const fault of missed) add(this.#missed, fault);
    if (violations.length === 0) return;
    scenario.violations += violations.length;
    this.#failures.push({ failure: { plan, violations: [...violations] }, isWithin: ending === 'within' });
  }

  get violations(): number {
    return [...this.#scenarios.values()].reduce((sum, { violations }) => sum + violations, 0);
  }

  get runs(): number {
    return Object.values(this.#endings).reduce((sum, runs) => sum + runs, 0);
  }

  /** In the order of the plans, not of their ends. */
  failures(kind: 'within' | 'beyond'): readonly Failure[] {
    return this.#failures
      .filter(({ isWithin }) => isWithin === (kind === 'within'))
      .map(({ failure }) => failure)
      .toSorted((left, right) => compare(JSON.stringify(left.plan), JSON.stringify(right.plan)));
  }

  scenarios(): readonly ScenarioResult[] {
    return [...this.#scenarios].map(([scenario, { effects, inAll, run, courses, violations, ms }]) => ({
      scenario,
      effects,
      singles: { inAll: inAll.singles, run: run.singles },
      pairs: { inAll: inAll.pairs, run: run.pairs },
      courses: courses.size,
      violations,
      seconds: Math.round(ms / 100) / 10,
    }));
  }

  plans(): SweepResult['plans'] {
    const inAll = this.scenarios().reduce((sum, { singles, pairs }) => sum + singles.inAll + pairs.inAll, 0);
    return {
      inAll,
      run: this.runs,
      notDrawn: inAll - this.drawn,
      notRun: this.drawn - this.runs,
      pruned: { ...this.pruned },
      missed: { ...this.#missed },
    };
  }

  faults(names: readonly FaultName[]): Readonly<Record<string, number>> {
    return Object.fromEntries(names.map((name) => [name, this.#faults[name] ?? 0]));
  }

  beyond(): Omit<SweepResult['beyond'], 'failures'> {
    const { oneServer, duplicate, orphan } = this.#endings;
    return { runs: oneServer + duplicate + orphan, oneServer, duplicate, orphan };
  }

  get within(): number {
    return this.#endings.within;
  }
}

const compare = (left: string, right: string): number => (left < right ? -1 : Number(left > right));
