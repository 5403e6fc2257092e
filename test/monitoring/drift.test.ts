import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { monitoringFiles } from '../../scripts/monitoring/outputs.ts';

const ROOT = path.join(import.meta.dirname, '../..');

test.each(Object.entries(monitoringFiles()))('%s is as `npm run monitoring` writes it', (file, content) => {
  expect(readFileSync(path.join(ROOT, file), 'utf8')).toBe(content);
});
