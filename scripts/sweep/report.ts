import { SCENARIOS, scenarioOf } from '../../test/support/simulation/scenarios.ts';
import { replayCommand } from '../../test/support/simulation/plan.ts';
import type { Plan } from '../../test/support/simulation/plan.ts';
import { historyText } from '../../test/support/simulation/replay.ts';
import { run } from '../../test/support/simulation/run.ts';
import { shrink } from '../../test/support/simulation/shrink.ts';
import type { Failure, SweepResult } from './result.ts';

const number = (value: number): string => value.toLocaleString('en');

/** The table of scenarios, and what was left out and why. */
export function tableOf({ scenarios, plans, within, beyond, coverage, seconds, workers }: SweepResult): string {
  const head = ['scenario', 'effects', 'one fault', 'two faults', 'of', 'courses', 'violations', 'core s'];
  const rows = scenarios.map((row) => [
    row.scenario,
    ...[row.effects, row.singles.run, row.pairs.run, row.pairs.inAll, row.courses, row.violations].map(number),
    row.seconds.toFixed(0),
  ]);
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const lines = [head, ...rows].map((row) =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  '),
  );
  return [
    ...lines,
    '',
    `${number(plans.run)} plans run of ${number(plans.inAll)} in ${seconds.toFixed(0)} s in ${workers} processes`,
    `not drawn: ${number(plans.notDrawn)}; drawn, but the time was up: ${number(plans.notRun)}`,
    ...Object.entries(plans.pruned).map(([reason, count]) => `left out, ${reason}: ${number(count)}`),
    ...Object.entries(plans.missed).map(([fault, count]) => `${fault} did not strike in ${number(count)} runs`),
    `within the class: ${number(within.runs)} runs, ${number(within.failures.length)} broke a promise`,
    `beyond it: ${number(beyond.runs)} runs: ${number(beyond.oneServer)} ended with one server, ${number(beyond.duplicate)} as duplicates that were named, ${number(beyond.orphan)} as orphans that were named; ${number(beyond.failures.length)} broke a promise`,
    `reached: ${number(Object.keys(coverage.reached).length)} rules, rulings, reasons, blocks and ways out of them; never: ${coverage.never.join(', ') || 'none'}`,
  ].join('\n');
}

/** A mistake shows in hundreds of plans; the first few of them say all. */
const EXPLAINED_MAX = 3;

/** Reduces the first failures and says all about them. @returns all failures, the reduced ones first */
export async function explain(failures: readonly Failure[], say: (text: string) => void): Promise<Failure[]> {
  const explanations: Failure[] = [];
  for (const failure of failures.slice(0, EXPLAINED_MAX)) {
    const { failure: shorter, text } = await explained(failure);
    say(text);
    explanations.push(shorter);
  }
  return [...explanations, ...failures.slice(EXPLAINED_MAX)];
}

/** What one failure is reduced to, with the whole history of the shortest run and the command that shows it again. */
async function explained(failure: Failure): Promise<{ readonly failure: Failure; readonly text: string }> {
  const rule = failure.violations[0]?.slice(0, 2) ?? '';
  const breaks = async (plan: Plan): Promise<boolean> => {
    const { violations } = await run(plan, scenarioOf(plan.scenario));
    return violations.some((violation) => violation.startsWith(rule));
  };
  const shortest = await shrink(failure.plan, Object.keys(SCENARIOS), breaks);
  const result = await run(shortest, scenarioOf(shortest.scenario));
  const text = [
    `seed ${failure.plan.seed}, plan ${JSON.stringify(failure.plan)}`,
    ...failure.violations.map((violation) => `  ${violation}`),
    `shortest plan that breaks ${rule}: ${JSON.stringify(shortest)}`,
    ...result.violations.map((violation) => `  ${violation}`),
    historyText(result),
    replayCommand(shortest),
  ].join('\n');
  return { failure: { ...failure, shortest }, text };
}
