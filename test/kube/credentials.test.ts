import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { KubeConfigError, loadKubeConfig, readConnection } from '../../src/kube/credentials.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
  vi.stubEnv('HOME', folder);
  vi.stubEnv('KUBECONFIG', '');
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

interface Named {
  readonly name: string;
  readonly server?: string;
  readonly token?: string;
}

/** A kubeconfig in which each name is a context with a cluster and a user of its own; the first is the current one. */
function write(file: string, ...entries: readonly Named[]): string {
  const path = join(folder, file);
  mkdirSync(join(path, '..'), { recursive: true });
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': entries[0]?.name ?? '',
    contexts: entries.map(({ name }) => ({ name, context: { cluster: name, user: name } })),
    clusters: entries.map(({ name, server }) => ({ name, cluster: { server: server ?? `https://${name}.test:6443` } })),
    users: entries.map(({ name, token }) => ({ name, user: { token: token ?? `token-${name}` } })),
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
}

const serverOf = (options: Parameters<typeof loadKubeConfig>[0] = {}): string | undefined =>
  loadKubeConfig(options).getCurrentCluster()?.server;

describe('where the way to the API server comes from', () => {
  test('the file that was named, in its current context', () => {
    expect(serverOf({ kubeconfig: write('mine', { name: 'a' }, { name: 'b' }) })).toBe('https://a.test:6443');
  });

  test('another context of it', () => {
    expect(serverOf({ kubeconfig: write('mine', { name: 'a' }, { name: 'b' }), context: 'b' })).toBe(
      'https://b.test:6443',
    );
  });

  test('KUBECONFIG', () => {
    vi.stubEnv('KUBECONFIG', write('env', { name: 'a' }));
    expect(serverOf()).toBe('https://a.test:6443');
  });

  test('several files: the first that names a thing wins, and one that is not there is passed over', () => {
    const first = write('one', { name: 'a', server: 'https://first.test' });
    const second = write('two', { name: 'a', server: 'https://second.test' }, { name: 'b' });
    vi.stubEnv('KUBECONFIG', [join(folder, 'missing'), first, second].join(delimiter));
    expect([serverOf(), serverOf({ context: 'b' })]).toEqual(['https://first.test', 'https://b.test:6443']);
  });

  test('the file in the home folder', () => {
    write('.kube/config', { name: 'home' });
    expect(serverOf()).toBe('https://home.test:6443');
  });

  test('the file that was named wins over KUBECONFIG', () => {
    vi.stubEnv('KUBECONFIG', write('env', { name: 'a' }));
    expect(serverOf({ kubeconfig: write('mine', { name: 'b' }) })).toBe('https://b.test:6443');
  });
});

describe('what is refused, with a sentence that helps', () => {
  test.each<[string, () => Parameters<typeof loadKubeConfig>[0], RegExp]>([
    ['nothing configured', () => ({}), /set KUBECONFIG/],
    ['a file that is not there', () => ({ kubeconfig: '/no/such/file' }), /cannot be read: ENOENT/],
    [
      'a context that is not there',
      () => ({ kubeconfig: write('c', { name: 'a' }, { name: 'b' }), context: 'z' }),
      /no usable context 'z'; it has: a, b/,
    ],
    [
      'plain http to another machine',
      () => ({ kubeconfig: write('c', { name: 'a', server: 'http://10.0.0.1:8080' }) }),
      /not https/,
    ],
    ['a server that is no URL', () => ({ kubeconfig: write('c', { name: 'a', server: 'nonsense' }) }), /is no URL/],
  ])('%s', (_name, options, message) => {
    const load = (): unknown => loadKubeConfig(options());
    expect(load).toThrow(KubeConfigError);
    expect(load).toThrow(message);
  });
});

describe('what a connection is made of', () => {
  test('plain http to this machine, as kubectl proxy offers it', async () => {
    const config = loadKubeConfig({ kubeconfig: write('c', { name: 'a', server: 'http://127.0.0.1:8001/api-path/' }) });
    expect(await readConnection(config)).toMatchObject({
      origin: 'http://127.0.0.1:8001',
      basePath: '/api-path',
      headers: { authorization: 'Bearer token-a' },
      proxyUrl: undefined,
    });
  });

  test('another token is the same connection, another server is not', async () => {
    const hashOf = async (entry: Named): Promise<string> =>
      (await readConnection(loadKubeConfig({ kubeconfig: write('c', entry) }))).hash;
    const hash = await hashOf({ name: 'a' });
    expect(await hashOf({ name: 'a', token: 'other' })).toBe(hash);
    expect(await hashOf({ name: 'a', server: 'https://other.test' })).not.toBe(hash);
  });
});
