import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { EXPLAINED } from '../../scripts/mutation/explained.ts';
import { pageOf } from '../../scripts/mutation/page.ts';
import { Summary } from '../../scripts/mutation/summary.ts';

const docs = (name: string): string => readFileSync(path.join(import.meta.dirname, '../../docs', name), 'utf8');
const summary = Summary.parse(JSON.parse(docs('mutation.json')));

test('the page says what the run found, and every explanation', () => {
  expect(docs('mutation.md')).toBe(pageOf(summary, EXPLAINED));
});

test('the published run left nothing unexplained', () => {
  expect(summary.unexplained).toBe(0);
});
