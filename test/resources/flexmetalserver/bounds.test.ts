import { expect, test } from 'vitest';
import { clip } from '../../../src/resources/flexmetalserver/bounds.ts';

test.each([
  ['abc', 3, 'abc'],
  ['abcd', 3, 'ab…'],
  ['', 3, ''],
  ['\u{1F600}\u{1F600}\u{1F600}', 3, '\u{1F600}\u{1F600}\u{1F600}'],
  ['\u{1F600}\u{1F600}\u{1F600}\u{1F600}', 3, '\u{1F600}\u{1F600}…'],
  ['x'.repeat(100_000), 5, 'xxxx…'],
])('%j clipped to %i is %j', (text, max, expected) => {
  expect(clip(text, max)).toBe(expected);
});
