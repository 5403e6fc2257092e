import { expect, test } from 'vitest';
import { formatNumber, isMet, markdownOf, textOf } from '../../../scripts/bench/result.ts';

test.each([
  [0, '0'],
  [12, '12'],
  [1_234_567.8, '1,234,568'],
  [0.012345, '0.0123'],
  [99.96, '100'],
])('%d is printed as %s', (value, expected) => {
  expect(formatNumber(value)).toBe(expected);
});

test.each([
  ['no goal', { what: 'x', value: 5, unit: 's' }, true],
  ['exactly the goal', { what: 'x', value: 5, unit: 's', goalMost: 5 }, true],
  ['more than the goal', { what: 'x', value: 5.1, unit: 's', goalMost: 5 }, false],
])('%s', (_name, measured, expected) => {
  expect(isMet(measured)).toBe(expected);
});

const result = {
  bench: 'x',
  title: 'Title',
  notes: ['a note'],
  measured: [
    { what: 'quick', ratio: { value: 0.5, to: 'a | b' }, value: 12, unit: 'ms', goalMost: 100 },
    { what: 'slow', value: 200, unit: 'ms', goalMost: 100 },
  ],
};

test('a terminal shows aligned columns, the ratio before the value', () => {
  expect(textOf(result)).toBe(
    [
      'Title',
      '  what   ratio        value   goal',
      '  quick  0.5 × a | b  12 ms   ≤ 100 ms: met',
      '  slow                200 ms  ≤ 100 ms: MISSED',
      '  (a note)',
    ].join('\n'),
  );
});

test('a page shows a table', () => {
  expect(markdownOf(result).split('\n')).toEqual([
    '## Title',
    '',
    '| what | ratio | value | goal |',
    '| --- | --- | --- | --- |',
    '| quick | 0.5 × a \\| b | 12 ms | ≤ 100 ms: met |',
    '| slow |  | 200 ms | ≤ 100 ms: MISSED |',
    '',
    '- a note',
  ]);
});
