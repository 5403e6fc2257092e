import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { controlPlaneBinaries } from './binaries.ts';
import { controlPlaneVersions } from './versions.ts';
import type { WayContext, WayResult } from './way.ts';

let root: string;
let lines: string[];
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'flexmetal-binaries-test-'));
  lines = [];
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const { kubernetes, etcd } = controlPlaneVersions();
const platform = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
const log = (line: string): void => void lines.push(line);
const env = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  XDG_CACHE_HOME: path.join(root, 'cache'),
  ...more,
});
const cached = (version: string): string =>
  path.join(root, 'cache/flexmetal-operator/control-plane', version, platform);

const no = (why: string) => () => Promise.resolve<WayResult>({ kind: 'no', why });
const makes = (folder: string) => () => Promise.resolve<WayResult>({ kind: 'found', folder: programs(folder) });

function programs(folder: string, names = ['etcd', 'kube-apiserver']): string {
  mkdirSync(folder, { recursive: true });
  for (const name of names) {
    writeFileSync(path.join(folder, name), '#!/bin/sh\n');
    chmodSync(path.join(folder, name), 0o755);
  }
  return folder;
}

test.each<[string, () => { given?: string; download?: () => Promise<WayResult> }, string]>([
  [
    'KUBEBUILDER_ASSETS, also when the cache has them',
    () => ({ given: programs(path.join(root, 'assets')) }),
    'assets',
  ],
  ['the cache when KUBEBUILDER_ASSETS is not set', () => ({}), 'cache'],
  [
    'the cache when KUBEBUILDER_ASSETS holds half of them',
    () => ({ given: programs(path.join(root, 'half'), ['etcd']) }),
    'cache',
  ],
])('the first hit wins: %s', async (_name, prepare, expected) => {
  const { given } = prepare();
  programs(cached(`${kubernetes}-etcd-${etcd}`));
  const found = await controlPlaneBinaries({
    log,
    env: env(given === undefined ? {} : { KUBEBUILDER_ASSETS: given }),
    download: () => Promise.reject(new Error('must not be asked')),
    build: () => Promise.reject(new Error('must not be asked')),
  });
  expect(path.relative(root, found.etcd).split('/')[0]).toBe(expected);
  expect(path.basename(found.kubeApiserver)).toBe('kube-apiserver');
});

test('the cache may also hold what was downloaded, of our minor version only', async () => {
  const [major, minor] = kubernetes.split('.');
  programs(cached(`envtest-${major}.${Number(minor) - 1}.9`));
  const asked = { log, env: env(), download: no('offline'), build: no('no Go') };
  await expect(controlPlaneBinaries(asked)).rejects.toThrow('All four ways failed');
  programs(cached(`envtest-${major}.${minor}.0`));
  expect((await controlPlaneBinaries(asked)).etcd).toContain(`envtest-${major}.${minor}.0`);
});

test('the archive comes before the build', async () => {
  const found = await controlPlaneBinaries({
    log,
    env: env(),
    download: makes(path.join(root, 'downloaded')),
    build: makes(path.join(root, 'built')),
  });
  expect(found.source).toBe(`the envtest archive (${path.join(root, 'downloaded')})`);
});

test('the build is the last way', async () => {
  const found = await controlPlaneBinaries({
    log,
    env: env(),
    download: no('offline'),
    build: makes(path.join(root, 'built')),
  });
  expect(found.source).toBe(`Go modules (${path.join(root, 'built')})`);
});

test('when no way works, the error lists the four and what each said', async () => {
  const empty = path.join(root, 'empty');
  const asked = controlPlaneBinaries({
    log,
    env: env({ KUBEBUILDER_ASSETS: empty }),
    download: no('offline'),
    build: no('no Go'),
  });
  await expect(asked).rejects.toThrow(
    [
      'There is no etcd and kube-apiserver to be had. All four ways failed:',
      `  1. KUBEBUILDER_ASSETS: ${empty} holds no executable etcd`,
      `  2. the cache folder: nothing for Kubernetes ${kubernetes} on ${platform} in ${path.join(root, 'cache/flexmetal-operator/control-plane')} yet`,
      '  3. the envtest archive: offline',
      '  4. Go modules: no Go',
    ].join('\n'),
  );
  expect(lines).toEqual([
    `KUBEBUILDER_ASSETS is of no use (${empty} holds no executable etcd); trying the other ways`,
    'the envtest archive is not to be had: offline',
  ]);
});

test('of several that ask at once one builds, and the others take what it built', async () => {
  let builds = 0;
  const build = async (context: WayContext): Promise<WayResult> => {
    builds += 1;
    await delay(20);
    return {
      kind: 'found',
      folder: programs(path.join(context.cacheRoot, `${kubernetes}-etcd-${etcd}`, context.platform)),
    };
  };
  const ask = (): Promise<{ source: string }> =>
    controlPlaneBinaries({ log, env: env(), download: no('offline'), build });
  const sources = (await Promise.all([ask(), ask()])).map(({ source }) => source.split(' (')[0]);
  expect(builds).toBe(1);
  expect(sources.toSorted((a = '', b = '') => a.localeCompare(b))).toEqual(['Go modules', 'the cache folder']);
  expect(lines).toContain(`process ${process.pid} is getting etcd and kube-apiserver already; waiting for it`);
});
