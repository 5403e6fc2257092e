/** One thing that was measured. The ratio says more than the value: it hardly depends on the machine. */
export interface Measured {
  readonly what: string;
  /** The value divided by that of something known, measured in the same run. */
  readonly ratio?: { readonly value: number; readonly to: string };
  readonly value: number;
  readonly unit: string;
  /** The most that the value may be, in the same unit. */
  readonly goalMost?: number;
}

/** What one bench found. */
export interface BenchResult {
  readonly bench: string;
  readonly title: string;
  /** How it was measured, and what must be known to read the numbers. */
  readonly notes: readonly string[];
  readonly measured: readonly Measured[];
}

export const isMet = ({ value, goalMost }: Measured): boolean => goalMost === undefined || value <= goalMost;

/** Four digits that count; whole numbers stay whole. */
export function formatNumber(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en-US');
  return Number(value.toPrecision(3)).toString();
}

const formatRatio = ({ ratio }: Measured): string =>
  ratio === undefined ? '' : `${formatNumber(ratio.value)} × ${ratio.to}`;

const formatValue = ({ value, unit }: Measured): string => `${formatNumber(value)} ${unit}`.trimEnd();

function formatGoal(measured: Measured): string {
  const { goalMost, unit } = measured;
  if (goalMost === undefined) return '';
  return `≤ ${`${formatNumber(goalMost)} ${unit}`.trimEnd()}: ${isMet(measured) ? 'met' : 'MISSED'}`;
}

const COLUMNS: readonly (readonly [title: string, cell: (measured: Measured) => string])[] = [
  ['what', ({ what }) => what],
  ['ratio', formatRatio],
  ['value', formatValue],
  ['goal', formatGoal],
];

/** One result as text for a terminal. */
export function textOf({ title, measured, notes }: BenchResult): string {
  const rows = [COLUMNS.map(([name]) => name), ...measured.map((row) => COLUMNS.map(([, cell]) => cell(row)))];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
  );
  return [title, ...lines, ...notes.map((note) => `  (${note})`)].join('\n');
}

/** One result as a section of a Markdown page. */
export function markdownOf({ title, measured, notes }: BenchResult): string {
  const row = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [
    `## ${title}`,
    '',
    row(COLUMNS.map(([name]) => name)),
    row(COLUMNS.map(() => '---')),
    ...measured.map((each) => row(COLUMNS.map(([, cell]) => cell(each)))),
    '',
    ...notes.map((note) => `- ${note}`),
  ].join('\n');
}
