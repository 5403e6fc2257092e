import { formatDuration, seconds } from '../../src/base/time.ts';

export type Cell = string | number;

/** A table; numbers are set right, with separators. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const isNumeric = head.map((_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number'));
  const line = (cells: readonly Cell[]): string => `| ${cells.map(text).join(' | ')} |`;
  return [line(head), line(isNumeric.map((numeric) => (numeric ? '---:' : '---'))), ...rows.map(line)].join('\n');
}

const text = (cell: Cell): string => (typeof cell === 'number' ? number(cell) : cell.replaceAll('|', '\\|'));

export const number = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 2 });

/** `2026-11-25` of any time that begins with it. */
export const day = (date: string): string => date.slice(0, 10);

/** Twelve digits, with `+` when files had changed. */
export const commit = (of: string, isDirty = false): string => {
  const isChanged = isDirty || of.endsWith('+') || of.endsWith('-dirty');
  return `\`${of.slice(0, 12).replace(/[+-].*$/, '')}${isChanged ? '+' : ''}\``;
};

export const took = (totalSeconds: number): string => formatDuration(seconds(totalSeconds));

/** `1 server`, `2 servers`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${number(count)} ${count === 1 ? one : many}`;
