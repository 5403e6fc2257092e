import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Bundle } from '../../../scripts/build/bundle.ts';
import { bundle, BUNDLE_NAME } from '../../../scripts/build/bundle.ts';
import { writeKubeconfig } from '../../support/cluster/kubeconfig.ts';
import { startCollector } from '../../support/collector.ts';

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

  test('is ASCII, so that a byte of it is a byte in memory', () => {
    expect(built.code).toMatch(/^\p{ASCII}+$/u);
    expect(built.code).toContain('AAAA\\u2026 comment');
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

  test('brings what sends traces', async () => {
    await using collector = await startCollector();
    // There is no cluster: calls to it fail, and that is traced.
    const kubeconfig = join(folder, 'kubeconfig');
    writeKubeconfig(
      kubeconfig,
      { url: 'https://127.0.0.1:1', certificateAuthority: '' },
      { name: 'x', token: 'canary-token' },
    );
    await writeFile(join(folder, 'token'), 'canary-token');
    const addresses = ['--metrics-address', '127.0.0.1:0', '--health-address', '127.0.0.1:0'];
    const files = ['--kubeconfig', kubeconfig, '--token-file', join(folder, 'token')];
    const operator = spawn(
      process.execPath,
      [
        join(folder, BUNDLE_NAME),
        'run',
        '--leader-election',
        'false',
        '--tracing-endpoint',
        collector.url,
        ...addresses,
        ...files,
      ],
      { env: { OTEL_BSP_SCHEDULE_DELAY: '50' }, stdio: 'ignore' },
    );
    try {
      await expect.poll(() => collector.taken(), { timeout: 20_000 }).toContain('"kubernetes GET"');
      expect(collector.taken()).toContain('"flexmetal-operator"');
      expect(collector.taken()).not.toContain('canary');
    } finally {
      operator.kill('SIGKILL');
    }
  });

  test('says the version of package.json', async () => {
    const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
    const { stdout } = await run(process.execPath, [join(folder, BUNDLE_NAME), 'version']);
    expect(stdout).toBe(`${version}\n`);
  });
});
