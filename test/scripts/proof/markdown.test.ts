import { describe, expect, test } from 'vitest';
import { commit, counted, table, took } from '../../../scripts/proof/markdown.ts';

test('a table sets columns of numbers to the right, and keeps bars out of cells', () => {
  expect(
    table(
      ['what', 'runs'],
      [
        ['a|b', 12_345],
        ['c', 1],
      ],
    ),
  ).toBe(['| what | runs |', '| --- | ---: |', '| a\\|b | 12,345 |', '| c | 1 |'].join('\n'));
});

describe('a commit', () => {
  test.each([
    ['0123456789abcdef0123456789abcdef01234567', '`0123456789ab`'],
    ['0123456789abcdef0123456789abcdef01234567+', '`0123456789ab+`'],
    ['0123456-dirty', '`0123456+`'],
    ['0123456', '`0123456`'],
  ])('%s is shown as %s', (of, shown) => {
    expect(commit(of)).toBe(shown);
  });

  test('whose checkout had changes is marked', () => {
    expect(commit('0123456', true)).toBe('`0123456+`');
  });
});

test('numbers come with their things', () => {
  expect(counted(1, 'run')).toBe('1 run');
  expect(counted(2_000, 'life', 'lives')).toBe('2,000 lives');
  expect(took(7_260)).toBe('2 h 1 min');
});
