import type { Cell } from '../markdown.ts';
import { commit, counted, day, number, table, took } from '../markdown.ts';
import type { Results } from '../results.ts';
import { total } from '../../../test/support/models/matrix.ts';

/** Every part of the proof in one row: what it came to, when, of what, and how it is run again. */
export function figures(results: Results): string {
  const { sweep, mutants, mutation, kills, soak, models, lag } = results;
  const beyond = sweep.beyond.oneServer + sweep.beyond.duplicate + sweep.beyond.orphan;
  const rows: readonly (readonly Cell[])[] = [
    [
      'sweep',
      `${counted(sweep.within.runs, 'plan')} within the class, ${counted(sweep.within.failures.length, 'violation')}; ${number(sweep.beyond.runs)} beyond it, ${number(beyond)} of them as promised`,
      '`npm run sweep -- --full --out docs/proof.json`',
      ...at(sweep),
    ],
    [
      'mutants of the protocol',
      `${number(mutants.mutants.filter(isCaught).length)} of ${number(mutants.mutants.length)} caught in ${counted(mutants.plans, 'run')}; the operator as it is broke ${number(mutants.control.violations.length)} of ${number(mutants.control.plans)} of the same plans`,
      '`npm run sweep:mutants -- --out docs/mutants.json`',
      ...at(mutants),
    ],
    [
      'changes of the core',
      `of ${number(mutation.total.mutants)} a test noticed ${mutation.total.byTests.toFixed(2)} %, test or compiler ${mutation.total.noticed.toFixed(2)} %; ${number(mutation.unexplained)} survivors without an explanation`,
      '`npm run mutation`',
      ...at(mutation),
    ],
    [
      'real process',
      `${counted(kills.totals.runs, 'run')}, ${counted(kills.totals.kills, 'kill')} among them: ${number(kills.totals.doubles)} doubles, ${number(kills.totals.leaks)} leaks, ${number(kills.totals.notReady)} not as wanted at the end`,
      `\`npm run kills -- --faults all --entry ${kills.entry} --out docs/kills.json\``,
      took(kills.seconds),
      day(kills.date),
      commit(kills.commit, kills.dirty),
    ],
    [
      'soak',
      `${counted(soak.options.minutes, 'minute')} with ${number(soak.options.objects)} objects: ${number(soak.promises.filter(({ broken }) => broken.length > 0).length)} of ${number(soak.promises.length)} promises broken`,
      `\`npm run soak -- --minutes ${soak.options.minutes} --out docs/soak.json\``,
      took(soak.tookSeconds),
      day(soak.date),
      commit(soak.commit),
    ],
    [
      'models and lag',
      `${counted(lives(models), 'life', 'lives')} under ${number(models.protocols.length)} orders of steps; ${number(lag.points.length)} lags`,
      '`npm run proof`',
      took(models.seconds + lag.seconds),
      day(models.date),
      commit(models.commit),
    ],
  ];
  return table(['part', 'result', 'run it again', 'took', 'on', 'of'], rows);
}

const lives = ({ protocols }: Results['models']): number =>
  protocols.reduce((sum, { single, pairs }) => sum + total(single) + total(pairs), 0);

const isCaught = ({ caughtBy, expected }: Results['mutants']['mutants'][number]): boolean =>
  caughtBy.some(({ invariant }) => expected.includes(invariant));

const at = (result: { readonly date: string; readonly commit: string; readonly seconds: number }): readonly Cell[] => [
  took(result.seconds),
  day(result.date),
  commit(result.commit),
];
