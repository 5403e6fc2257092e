import { expect, test } from 'vitest';
import { nearest } from '../../src/config/nearest.ts';

const NAMES = ['--workers', '--settle-window', '--log-level'];

test.each([
  ['--worker', '--workers'],
  ['--wrokers', '--workers'],
  ['--LOG-LEVEL', '--log-level'],
  ['--settel-widnow', '--settle-window'],
  ['--something-else-entirely', undefined],
  ['x'.repeat(10_000), undefined],
])('%s was meant as %s', (wrong, expected) => {
  expect(nearest(wrong, NAMES)).toBe(expected);
});

test('no names, no guess', () => {
  expect(nearest('--workers', [])).toBeUndefined();
});
