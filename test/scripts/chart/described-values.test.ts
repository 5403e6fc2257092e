import { expect, test } from 'vitest';
import { describedValues } from '../../../scripts/chart/described-values.ts';

test('values come in the order of the file, with the comments above them', () => {
  const text = [
    '# A file.',
    '# -- One.',
    'b: 1',
    '',
    'a:',
    '  deep:',
    '    # -- Two.',
    '    c: [x]',
    '  # -- Three.',
    '  d: ""',
  ];
  expect(describedValues(text.join('\n'))).toEqual([
    { path: ['b'], fallback: 1, description: 'One.' },
    { path: ['a', 'deep', 'c'], fallback: ['x'], description: 'Two.' },
    { path: ['a', 'd'], fallback: '', description: 'Three.' },
  ]);
});

test('a mapping with a description is one value', () => {
  const text = ['# -- All.', 'a:', '  b: { c: 1 }', '# -- More.', 'd: 2'].join('\n');
  expect(describedValues(text)).toEqual([
    { path: ['a'], fallback: { b: { c: 1 } }, description: 'All.' },
    { path: ['d'], fallback: 2, description: 'More.' },
  ]);
});

test.each([
  ['at the root', 'a: 1', 'a has no description'],
  ['in a group', '# -- One.\na: 1\nb:\n  c: 2', 'b.c has no description'],
  ['whose comment is parted from it', '# -- One.\n\na: 1', 'a has no description'],
])('a value without a description is refused %s', (_where, text, complaint) => {
  expect(() => describedValues(text)).toThrow(complaint);
});
