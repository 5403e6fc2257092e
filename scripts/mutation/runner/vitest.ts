import { format } from 'node:util';
import { addSuite, addTest } from './collected.ts';

/**
 * Stands for the package `vitest` in the tests that judge mutants: the same words, but the tests are kept, to be run again and
 * again in one process. Only what test/core uses is here; anything else fails to load.
 */

export { expect } from 'vitest';

type Row = readonly unknown[];

export const describe = addSuite;

export const test = Object.assign(addTest, {
  each:
    (rows: readonly unknown[]) =>
    (name: string, run: (...row: Row) => unknown): void => {
      for (const row of rows) {
        const cells: Row = Array.isArray(row) ? row : [row];
        addTest(named(name, cells), () => run(...cells));
      }
    },
});

/** `%s` and its like take one cell each; cells that no mark asks for are no part of the name. */
function named(name: string, cells: Row): string {
  const marks = name.match(/%[sdifjoO]/g) ?? [];
  return format(name, ...cells.slice(0, marks.length));
}
