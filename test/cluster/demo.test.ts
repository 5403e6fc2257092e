import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const DEMO = path.join(import.meta.dirname, '../../scripts/demo/main.ts');

test('the demo shows everything, ends with 0, and leaves no operator behind', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [DEMO, '--exit'], { timeout: 110_000 });
  expect(stdout.match(/^ {2}(ok|FAILED) .*/gm)).toHaveLength(7);
  expect(stdout).not.toContain('FAILED');
  expect(stdout).toMatch(/^ordered +(\d+): /m);
  expect(stdout).toMatch(/^released +1: /m);
  const operator = Number(/runs as process (\d+)/.exec(stdout)?.[1]);
  expect(() => process.kill(operator, 0)).toThrow('ESRCH');
});
