import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { EXPLAINED, reconcile } from '../../scripts/mutation/explained.ts';
import type { Explained } from '../../scripts/mutation/explained.ts';
import type { Judged } from '../../scripts/mutation/judged.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');

const aMutant = (differing: Partial<Judged> = {}): Judged => ({
  file: 'src/core/a.ts',
  line: 3,
  column: 5,
  mutator: 'EqualityOperator',
  from: 'a > b',
  to: 'a >= b',
  at: 'if (a > b) return a;',
  verdict: 'survived',
  ...differing,
});

const why: Explained = {
  file: 'src/core/a.ts',
  at: 'if (a > b) return a;',
  from: 'a > b',
  to: 'a >= b',
  why: 'Equal numbers are the same number.',
};

test('a survivor is explained by file, line and change', () => {
  const mutant = aMutant();
  expect(reconcile([mutant], [why])).toEqual({ explained: [[mutant, why]], unexplained: [], stale: [] });
});

test('a survivor on a line that moved is explained all the same', () => {
  expect(reconcile([aMutant({ line: 40 })], [why]).unexplained).toEqual([]);
});

test.each<[string, Partial<Judged>]>([
  ['file', { file: 'src/core/b.ts' }],
  ['line', { at: 'return a > b;' }],
  ['text', { from: 'a > c' }],
  ['replacement', { to: 'a <= b' }],
])('a survivor with another %s is not explained, and the explanation is out of date', (_name, differing) => {
  const mutant = aMutant(differing);
  expect(reconcile([mutant], [why])).toEqual({ explained: [], unexplained: [mutant], stale: [why] });
});

test('every explanation is about something that stands in its file', () => {
  const homeless = EXPLAINED.filter(({ file, at, from }) => {
    const source = readFileSync(path.join(ROOT, file), 'utf8');
    return !source.includes(from) || !source.split('\n').some((line) => line.trim() === at);
  });
  expect(homeless).toEqual([]);
});
