import type { Counts, KillsResult } from './result.ts';

/** The result for a terminal: the matrix, the sum, and all that is not as it must be. */
export function tableOf(result: KillsResult): string {
  const rows = [
    COLUMNS.map(([title]) => title),
    ...result.matrix.map((row) => COLUMNS.map(([, cell]) => cell(row))),
    COLUMNS.map(([, cell]) => cell({ effect: 'all', fault: '', ...result.totals })),
  ];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [
    ...lines,
    '',
    `${result.totals.runs} runs, ${result.totals.kills} kills in ${result.seconds} s, seed ${result.seed}, ${result.lanes} at once.`,
    ...listed('Effects that only the real runs without faults have', result.effectsOnlyReal),
    ...listed('Effects that only the simulated runs without faults have', result.effectsOnlySimulated),
    ...listed('Not as it must be', result.failures),
  ].join('\n');
}

type Row = Counts & { readonly effect: string; readonly fault: string };

const COLUMNS: readonly (readonly [title: string, cell: (row: Row) => string])[] = [
  ['effect', ({ effect }) => (effect === '' ? 'no fault' : effect)],
  ['fault', ({ fault }) => fault],
  ['runs', ({ runs }) => String(runs)],
  ['kills', ({ kills }) => String(kills)],
  ['doubles', ({ doubles }) => String(doubles)],
  ['leaks', ({ leaks }) => String(leaks)],
  ['not Ready', ({ notReady }) => String(notReady)],
  ['differ', ({ differences }) => String(differences)],
  ['not reached', ({ notReached }) => String(notReached)],
  ['seconds', ({ seconds }) => seconds.toFixed(0)],
];

const listed = (title: string, items: readonly string[]): readonly string[] =>
  items.length === 0 ? [] : ['', `${title}:`, ...items.map((item) => `- ${item}`)];
