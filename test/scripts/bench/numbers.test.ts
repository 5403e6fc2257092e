import { expect, test } from 'vitest';
import { median, quantile } from '../../../scripts/bench/numbers.ts';

const oneToTwoHundred = Array.from({ length: 200 }, (_, index) => 200 - index);

test.each([
  ['the middle one', oneToTwoHundred, 0.5, 100],
  ['all but one in a hundred are no larger', oneToTwoHundred, 0.99, 198],
  ['the largest', oneToTwoHundred, 1, 200],
  ['the smallest', oneToTwoHundred, 0, 1],
  ['the only one', [7], 0.99, 7],
])('%s', (_name, values, share, expected) => {
  expect(quantile(values, share)).toBe(expected);
});

test('values are compared as numbers and left as they are', () => {
  const values = [10, 9, 100];
  expect(median(values)).toBe(10);
  expect(values).toEqual([10, 9, 100]);
});

test('there is no quantile of nothing', () => {
  expect(() => quantile([], 0.5)).toThrow('nothing');
});
