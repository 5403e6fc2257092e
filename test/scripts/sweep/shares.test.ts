import { expect, test } from 'vitest';
import { shares } from '../../../scripts/sweep/shares.ts';

test.each<[string, number, readonly number[], readonly number[]]>([
  ['are even when all can take them', 9, [10, 10, 10], [3, 3, 3]],
  ['are what is there when there is too little', 100, [10, 0, 5], [10, 0, 5]],
  ['go on to the large ones when a small one is full', 100, [200, 10, 300], [45, 10, 45]],
  ['leave nothing over', 10, [4, 4, 4], [3, 3, 4]],
  ['are none of nothing', 0, [5], [0]],
])('shares %s', (_name, total, most, expected) => {
  expect(shares(total, most)).toEqual(expected);
});
