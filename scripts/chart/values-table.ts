import { dump } from 'js-yaml';
import type { DescribedValue } from './described-values.ts';

const BEGIN = '<!-- values: written by `npm run chart` from values.yaml -->';
const END = '<!-- /values -->';

/**
 * A chart's README with a new table of values between its marks.
 * @throws Error when the marks are not there
 */
export function withValuesTable(readme: string, values: readonly DescribedValue[]): string {
  const [before, rest] = splitAt(readme, BEGIN);
  const [, after] = splitAt(rest, END);
  return `${before}${BEGIN}\n\n${table(values)}\n\n${END}${after}`;
}

function splitAt(text: string, mark: string): readonly [string, string] {
  const at = text.indexOf(mark);
  if (at < 0) throw new Error(`the README of the chart lost its mark ${mark}`);
  return [text.slice(0, at), text.slice(at + mark.length)];
}

const table = (values: readonly DescribedValue[]): string =>
  [
    '| value | default | meaning |',
    '|---|---|---|',
    ...values.map(
      ({ path, fallback, description }) =>
        `| \`${path.join('.')}\` | \`${inline(fallback)}\` | ${description.replaceAll('|', '\\|')} |`,
    ),
  ].join('\n');

/** A value in one line of YAML. */
const inline = (value: unknown): string =>
  dump(value, { flowLevel: 0, lineWidth: -1, quoteStyle: 'double' }).trim().replaceAll('|', '\\|');
