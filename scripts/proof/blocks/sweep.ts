import { counted, number, table, took } from '../markdown.ts';
import type { Results } from '../results.ts';

/** The last sweep: how many plans there are and were run, by scenario, and what they came to. */
export function sweep({ sweep: result }: Results): string {
  const { plans, within, beyond, coverage } = result;
  const missed = Object.values(plans.missed).reduce((sum, count) => sum + count, 0);
  return [
    `${result.full ? 'The whole sweep' : 'A share of the sweep'}, seed ${result.seed}, on ${counted(result.cores, 'core')} in ${took(result.seconds)}: of ${number(plans.inAll)} plans that make sense ${number(plans.run)} were run.`,
    `${number(plans.notDrawn)} pairs were not drawn and ${number(plans.notRun)} not run because the time was up; ${missed === 0 ? 'every planned fault struck' : `in ${number(missed)} runs a planned fault did not strike`}.`,
    '',
    ...Object.entries(plans.pruned).map(([reason, count]) => `- left out, ${number(count)}: ${reason}`),
    '',
    table(
      ['scenario', 'effects', 'one fault: run', 'of', 'two faults: run', 'of', 'courses', 'violations'],
      result.scenarios.map(({ scenario, effects, singles, pairs, courses, violations }) => [
        scenario,
        effects,
        singles.run,
        singles.inAll,
        pairs.run,
        pairs.inAll,
        courses,
        violations,
      ]),
    ),
    '',
    `Within the class: ${counted(within.runs, 'run')}, ${counted(within.failures.length, 'violation')}. Beyond it: ${counted(beyond.runs, 'run')}, of which ${number(beyond.oneServer)} ended with one server all the same, ${number(beyond.duplicate)} in DuplicateServers, ${number(beyond.orphan)} with a counted orphan, and ${number(beyond.failures.length)} otherwise.`,
    `Rules, reasons and blocked states reached: ${number(Object.keys(coverage.reached).length)}; never reached: ${coverage.never.length === 0 ? 'none' : coverage.never.join(', ')}.`,
    '',
    table(
      ['fault', 'struck in runs'],
      Object.entries(result.faults).map(([fault, count]) => [fault, count]),
    ),
  ].join('\n');
}
