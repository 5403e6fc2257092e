import { expect, test } from 'vitest';
import { parseDuration } from '../../../src/resources/flexmetalserver/duration.ts';

test.each([
  ['45m', 2_700_000],
  ['1h30m', 5_400_000],
  ['90s', 90_000],
  ['1h0m1s', 3_601_000],
  ['24h', 86_400_000],
  ['', undefined],
  ['45', undefined],
  ['45 m', undefined],
  ['30m1h', undefined],
  ['-5m', undefined],
  ['1.5h', undefined],
  ['1d', undefined],
])('%j is %j ms', (text, expected) => {
  expect(parseDuration(text)).toBe(expected);
});
