import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundle, BUNDLE_NAME } from '../../../scripts/build/bundle.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Loaded before the program: sends it the signal in the very moment in which it begins to listen for it. */
const SIGNAL_AT_ONCE = `
  const listen = process.on;
  process.on = function (name, listener) {
    listen.call(process, name, listener);
    if (name === process.env.SENDS) process.kill(process.pid, name);
    return process;
  };
`;

describe('the program as process 1 of a container', { timeout: 60_000 }, () => {
  let folder: string;
  let code: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flexmetal-signals-'));
    ({ code } = await bundle(ROOT));
    await writeFile(join(folder, BUNDLE_NAME), code);
    await writeFile(join(folder, 'signal.mjs'), SIGNAL_AT_ONCE);
  }, 60_000);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('listens for signals before it loads anything of others', () => {
    const before = code.slice(0, code.search(/["']SIGTERM["']/)).split('\n');
    expect(before.length).toBeLessThan(LINES_OF_THE_BUNDLER);
  });

  test.each([
    ['SIGTERM', ['run', '--api-url', 'http://127.0.0.1:9']],
    ['SIGINT', ['run', '--api-url', 'http://127.0.0.1:9']],
    ['SIGTERM', ['simulator', '--port', '0']],
  ] as const)('ends well after a %s that comes while it loads: %o', async (signal, args) => {
    const end = await new Promise<object>((resolve) => {
      const child = execFile(
        process.execPath,
        ['--import', join(folder, 'signal.mjs'), join(folder, BUNDLE_NAME), ...args],
        { cwd: folder, env: { SENDS: signal, HOME: folder }, timeout: 30_000, killSignal: 'SIGKILL' },
        (_error, stdout, stderr) => resolve({ code: child.exitCode, signal: child.signalCode, stdout, stderr }),
      );
    });
    expect(end).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
  });
});

/** Imports of Node's own modules and the bundler's helpers come first, as in every bundle. */
const LINES_OF_THE_BUNDLER = 80;
