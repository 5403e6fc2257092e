/** A part of a list: from row `start`, at most `results` rows. */
export interface Range {
  readonly start: number;
  readonly results: number;
}

/** What the API does without the header. */
const DEFAULT_RANGE: Range = { start: 0, results: 25 };

/** Reads `RANGED-DATA: start=0,results=25`; anything else is as if it were not there. */
export function rangeOf(headers: Readonly<Record<string, string>>, resultsMax: number): Range {
  const [, start, results] = /^\s*start=(\d+)\s*,\s*results=(\d+)\s*$/.exec(headers['ranged-data'] ?? '') ?? [];
  if (start === undefined || results === undefined) return DEFAULT_RANGE;
  return { start: Number(start), results: Math.min(Number(results), resultsMax) };
}
