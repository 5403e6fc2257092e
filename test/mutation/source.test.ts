import { expect, test } from 'vitest';
import { replacedText, trimmedLine, withReplacement } from '../../scripts/mutation/source.ts';

const SOURCE = 'const a = 1;\n  if (a > 1) {\n    b();\n  }\n';

test('the text of a range on one line', () => {
  expect(replacedText(SOURCE, { start: { line: 2, column: 7 }, end: { line: 2, column: 12 } })).toBe('a > 1');
});

test('the text of a range over several lines', () => {
  expect(replacedText(SOURCE, { start: { line: 2, column: 14 }, end: { line: 4, column: 4 } })).toBe(
    '{\n    b();\n  }',
  );
});

test('one place is replaced and everything else stays', () => {
  expect(withReplacement(SOURCE, { line: 2, column: 7 }, 'a > 1', 'false')).toBe(
    'const a = 1;\n  if (false) {\n    b();\n  }\n',
  );
});

test('a line without the blanks around it', () => {
  expect(trimmedLine(SOURCE, 2)).toBe('if (a > 1) {');
});
