import { expect, test } from 'vitest';
import { seededRandom } from '../../../src/base/random.ts';
import { nextIn, pick, pickWeighted } from '../../../scripts/soak/dice.ts';

const many = <T>(draw: (random: ReturnType<typeof seededRandom>) => T): readonly T[] => {
  const random = seededRandom(1);
  return Array.from({ length: 2_000 }, () => draw(random));
};

test('weights say how often each comes', () => {
  const drawn = many((random) => pickWeighted(random, { often: 3, seldom: 1, never: 0 }));
  expect(drawn.filter((it) => it === 'often').length / drawn.length).toBeCloseTo(0.75, 1);
  expect(drawn).not.toContain('never');
});

test('each has its turn', () => {
  expect(new Set(many((random) => pick(random, ['a', 'b', 'c'])))).toEqual(new Set(['a', 'b', 'c']));
});

test('pauses have their mean, about, and are never none', () => {
  const pauses = many((random) => nextIn(random, 100));
  const mean = pauses.reduce((total, pause) => total + pause, 0) / pauses.length;
  expect(mean).toBeGreaterThan(90);
  expect(mean).toBeLessThan(115);
  expect(Math.min(...pauses)).toBe(20);
});

test.each([
  ['nothing', () => pick(seededRandom(1), [])],
  ['weights that are all 0', () => pickWeighted(seededRandom(1), { a: 0, b: 0 })],
])('%s cannot be drawn from', (_name, draw) => {
  expect(draw).toThrow('nothing to pick from');
});
