import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Bundle } from '../../../scripts/build/bundle.ts';
import { bundle, BUNDLE_NAME } from '../../../scripts/build/bundle.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const run = promisify(execFile);

describe('the bundle', { timeout: 60_000 }, () => {
  let built: Bundle;
  let folder: string;

  beforeAll(async () => {
    built = await bundle(ROOT);
    folder = await mkdtemp(join(tmpdir(), 'flexmetal-bundle-'));
    await writeFile(join(folder, BUNDLE_NAME), built.code);
  }, 60_000);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('is the same, to the last byte, from the same sources', async () => {
    const again = await bundle(`${ROOT}/`);
    expect([again.digest, again.map === built.map]).toEqual([built.digest, true]);
  });

  test('holds the program and its packages, and nothing of tests or scripts', () => {
    expect(built.modules).toContain('src/main.ts');
    expect(built.modules.filter((id) => !/^(src|node_modules)\//.test(id) && id !== 'package.json')).toEqual([]);
  });

  test('names no path of the machine that built it', () => {
    expect([built.code.includes(ROOT), built.map.includes(ROOT)]).toEqual([false, false]);
  });

  test.each([
    ['version', /^\d+\.\d+\.\d+\n$/],
    ['help', /^flexmetal-operator: /],
    ['simulator --help', /--time-scale/],
  ])('runs away from the checkout: %s', async (args, shows) => {
    const { stdout } = await run(process.execPath, [join(folder, BUNDLE_NAME), ...args.split(' ')], { cwd: folder });
    expect(stdout).toMatch(shows);
  });

  test('says the version of package.json', async () => {
    const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
    const { stdout } = await run(process.execPath, [join(folder, BUNDLE_NAME), 'version']);
    expect(stdout).toBe(`${version}\n`);
  });
});
