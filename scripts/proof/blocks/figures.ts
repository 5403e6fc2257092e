import type { Cell } from '../markdown.ts';
import { commit, counted, day, number, table, took } from '../markdown.ts';
import type { Results } from '../results.ts';
import { total } from '../../../test/support/models/matrix.ts';

/** Every part of the proof in one row: what it came to, when, of what, and how it is run again. */
export function figures(results: Results): string {
  const { sweep, mutants, mutation, kills, otherFaults, soak, models, lag } = results;
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
    ofProcess('real process, killed', kills, 'docs/kills.json'),
    ofProcess('real process, other faults', otherFaults, 'docs/kills-other-faults.json'),
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

function ofProcess(what: string, result: Results['kills'], file: string): readonly Cell[] {
  const { totals, matrix } = result;
  const faults = [...new Set(matrix.map(({ fault }) => fault))].filter((fault) => fault !== 'none');
  return [
    what,
    `${counted(totals.kills, 'kill')} in ${counted(totals.runs, 'run')}: ${number(totals.doubles)} doubles, ${number(totals.leaks)} leaks, ${number(totals.notReady)} not as wanted at the end`,
    `\`npm run kills -- --faults ${faults.toSorted().join(',')} --out ${file}\``,
    took(result.seconds),
    day(result.date),
    commit(result.commit, result.dirty),
  ];
}

const isCaught = ({ caughtBy, expected }: Results['mutants']['mutants'][number]): boolean =>
  caughtBy.some(({ invariant }) => expected.includes(invariant));

const at = (result: { readonly date: string; readonly commit: string; readonly seconds: number }): readonly Cell[] => [
  took(result.seconds),
  day(result.date),
  commit(result.commit),
];
