import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readLag, readResults, ResultMissing } from '../../../scripts/proof/results.ts';

let root = '';

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'proof-'));
  mkdirSync(path.join(root, 'docs/proof'), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true }));

const put = (file: string, text: string): void => writeFileSync(path.join(root, file), text);

test('a result that is not there is an error that names file and command', () => {
  expect(() => readResults(root)).toThrow(ResultMissing);
  expect(() => readResults(root)).toThrow(/docs\/proof\.json cannot be read; npm run sweep/);
});

test.each([
  ['that lacks a field', '{"date":"2026-11-25T00:00:00Z"}'],
  ['that is no JSON', '{"date":'],
])('a result %s is an error that names the command', (_what, text) => {
  put('docs/proof/lag.json', text);
  expect(() => readLag(root)).toThrow(/docs\/proof\/lag\.json is not in shape; npm run proof/);
});

test('a result is read as it was written', () => {
  const lag = {
    date: '2026-11-25T00:00:00Z',
    commit: '0123456789abcdef0123456789abcdef01234567',
    seconds: 12,
    windowSeconds: 480,
    points: [{ ratio: 0, delaySeconds: 0, operator: { runs: 3, doubles: 0 }, withoutWindow: { runs: 3, doubles: 3 } }],
  };
  put('docs/proof/lag.json', JSON.stringify(lag));
  expect(readLag(root)).toEqual(lag);
});
