import type { ServerView } from './server-view.ts';

const COLUMNS: readonly (readonly [title: string, cell: (view: ServerView) => string])[] = [
  ['NAME', ({ name }) => name],
  ['READY', ({ ready }) => ready],
  ['REASON', ({ reason }) => reason],
  ['STATUS', ({ deliveryStatus }) => deliveryStatus],
  ['TYPE', ({ instanceType }) => instanceType],
  ['LOCATION', ({ location }) => location],
  ['IP', ({ address }) => address],
];

/** The whole table, one line each, as kubectl prints it. */
export function tableOf(views: readonly ServerView[]): readonly string[] {
  const rows = [COLUMNS.map(([title]) => title), ...views.map((view) => COLUMNS.map(([, cell]) => cell(view) || '-'))];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('   ')
      .trimEnd(),
  );
}

/** One line for one server, for output that cannot be drawn over. */
export const lineOf = (view: ServerView): string =>
  [view.name, view.deleting ? 'deleting' : `Ready=${view.ready}`, view.reason, view.deliveryStatus, view.address]
    .filter((part) => part !== '')
    .join('  ');
