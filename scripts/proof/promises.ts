import { readPage, tableRows } from '../../test/docs/markdown.ts';

/** One promise of docs/spec.md as it stands there. */
export interface Promised {
  readonly number: string;
  readonly promise: string;
  /** Which tests hold it, as Markdown. */
  readonly tests: string;
}

/** Those that are checked after every run of the simulation. */
export const promisesOfRuns = (): readonly Promised[] =>
  tableRows(readPage('docs/spec.md'))
    .filter(([number = '']) => /^[SL]\d$/.test(number))
    .map(([number = '', promise = '', tests = '']) => ({ number, promise, tests }));
