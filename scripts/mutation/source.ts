/** A place in a text; lines and columns count from 1, `end` is the first place behind it. */
export interface Range {
  readonly start: Place;
  readonly end: Place;
}

interface Place {
  readonly line: number;
  readonly column: number;
}

/** The text that stands in the range. */
export const replacedText = (source: string, { start, end }: Range): string =>
  source.slice(offsetOf(source, start), offsetOf(source, end));

/** The whole source with one place of it replaced. */
export function withReplacement(source: string, at: Place, from: string, to: string): string {
  const offset = offsetOf(source, at);
  return `${source.slice(0, offset)}${to}${source.slice(offset + from.length)}`;
}

export const trimmedLine = (source: string, line: number): string => (source.split('\n')[line - 1] ?? '').trim();

function offsetOf(source: string, { line, column }: Place): number {
  const before = source.split('\n').slice(0, line - 1);
  return before.reduce((sum, text) => sum + text.length + 1, 0) + column - 1;
}
