import { expect, test } from 'vitest';
import { seededRandom } from '../../../src/base/random.ts';
import type { Point } from '../../../scripts/soak/slope.ts';
import { blocksOf, slopeOf, studentAt95 } from '../../../scripts/soak/slope.ts';

const line = (count: number, value: (atHours: number) => number): readonly Point[] =>
  Array.from({ length: count }, (_, index) => ({ atHours: index / 60, value: value(index / 60) }));

test('a straight line is found as it is', () => {
  const slope = slopeOf(line(20, (at) => 100 + 7 * at));
  expect(slope?.perHour).toBeCloseTo(7, 9);
  expect(slope?.low).toBeCloseTo(7, 6);
  expect(slope?.high).toBeCloseTo(7, 6);
});

test('slope and interval agree with a worked example', () => {
  // y = 2, 4, 5, 4, 5 at x = 1…5: slope 0.6, standard error 0.2828, t of 3 degrees 3.182; residuals do not resemble their neighbours.
  const slope = slopeOf([2, 4, 5, 4, 5].map((value, index) => ({ atHours: index + 1, value })));
  expect(slope?.perHour).toBeCloseTo(0.6, 9);
  expect(slope?.low).toBeCloseTo(0.6 - 3.182 * 0.28284, 2);
  expect(slope?.high).toBeCloseTo(0.6 + 3.182 * 0.28284, 2);
});

test.each([
  ['too few points', line(4, (at) => at)],
  ['all at one time', line(9, () => 1).map((point) => ({ ...point, atHours: 1 }))],
  ['none', []],
])('there is no line through %s', (_name, points) => {
  expect(slopeOf(points)).toBeUndefined();
});

test.each([
  [3, 3.182],
  [5, 2.571],
  [10, 2.228],
  [18, 2.101],
  [60, 2],
  [1_000, 1.962],
])("Student's quantile for %i degrees of freedom", (degrees, expected) => {
  expect(studentAt95(degrees) / expected).toBeCloseTo(1, 2);
});

/** Share of runs in which the interval holds the true slope. */
function coverage(noise: (random: () => number, before: number) => number): number {
  const runs = 400;
  const held = Array.from({ length: runs }, (_, seed) => {
    const random = seededRandom(seed + 1);
    // Twelve uniform numbers added up are normal enough.
    const normal = (): number => Array.from({ length: 12 }, () => random.next()).reduce((a, b) => a + b, -6);
    let before = 0;
    const slope = slopeOf(line(40, (at) => 50 + 3 * at + (before = noise(normal, before))));
    return slope !== undefined && slope.low <= 3 && slope.high >= 3;
  });
  return held.filter(Boolean).length / runs;
}

test('the interval holds the truth about as often as it says', () => {
  expect(coverage((normal) => normal())).toBeGreaterThan(0.92);
});

test('neighbours that resemble each other widen it', () => {
  expect(coverage((normal, before) => 0.5 * before + normal())).toBeGreaterThan(0.85);
});

test('blocks are full, in order, and stand in the middle of their time', () => {
  const points = [0, 1, 2, 3, 4, 5, 6].map((at) => ({ atHours: at, value: at * 10 }));
  expect(blocksOf(points, 2)).toEqual([
    { atHours: 1, value: 5 },
    { atHours: 3, value: 25 },
    { atHours: 5, value: 45 },
  ]);
  expect(blocksOf([], 1)).toEqual([]);
});

test('a block in which nothing was seen is left out', () => {
  const points = [0, 1, 6, 7].map((at) => ({ atHours: at, value: at }));
  expect(blocksOf(points, 2).map(({ atHours }) => atHours)).toEqual([1]);
});
