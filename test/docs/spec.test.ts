import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { inBackticks, readPage, ROOT, tableRows } from './markdown.ts';

/** Number, promise, tests. */
const PROMISES = tableRows(readPage('docs/spec.md'))
  .filter(([number = '']) => /^[A-Z]\d+$/.test(number))
  .map(([number = '', promise = '', tests = '']) => ({ number, promise, tests }));

/** What a promise cites: a file or folder, and the titles of tests that must stand in it, as `test/a.test.ts` “title”. */
function citations(tests: string): readonly { readonly file: string; readonly titles: readonly string[] }[] {
  return tests.split(/(?=`test\/)/).flatMap((part) => {
    const [file] = inBackticks(part);
    const titles = [...part.matchAll(/“([^”]+)”/g)].map(([, title = '']) => title);
    return file === undefined ? [] : [{ file, titles }];
  });
}

/** A title as it may stand in the source, between any quotes. */
const isIn = (source: string, title: string): boolean => source.replaceAll("\\'", "'").includes(title);

describe('docs/spec.md', () => {
  test('numbers each promise once', () => {
    const numbers = PROMISES.map(({ number }) => number);
    expect(numbers).toEqual([...new Set(numbers)]);
    expect(numbers).toEqual(expect.arrayContaining(['S1', 'S2', 'S3', 'S4', 'S5', 'S6', 'L1', 'L2', 'L3', 'I1']));
  });

  test.each(PROMISES)('$number names tests that exist', ({ tests }) => {
    const cited = citations(tests);
    const missing = cited.flatMap(({ file, titles }) => {
      const found = path.join(ROOT, file);
      if (!existsSync(found)) return [file];
      return titles.filter((title) => !isIn(readFileSync(found, 'utf8'), title)).map((title) => `${file}: ${title}`);
    });
    expect(cited.length).toBeGreaterThan(0);
    expect(missing).toEqual([]);
  });

  test('has a promise for every kind of violation that the simulation looks for', () => {
    const checks = readFileSync(path.join(ROOT, 'test/support/simulation/checks.ts'), 'utf8');
    const looked = new Set([...checks.matchAll(/`([SL]\d) /g)].map(([, number]) => number));
    expect(PROMISES.map(({ number }) => number).filter((number) => /^[SL]/.test(number))).toEqual(
      expect.arrayContaining([...looked]),
    );
    expect(looked.size).toBeGreaterThan(0);
  });
});
