import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { generatedFiles } from '../../scripts/generate/outputs.ts';

const ROOT = path.join(import.meta.dirname, '../..');

test.each(Object.entries(generatedFiles()))('%s is what `npm run generate` writes', (name, content) => {
  expect(readFileSync(path.join(ROOT, name), 'utf8')).toBe(content);
});
