import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { downloadEnvtest } from './envtest-archive.ts';
import { freePort } from './free-port.ts';
import type { WayContext } from './way.ts';

let root: string;
let server: Server;
let origin: string;
let pages: Map<string, { readonly status?: number; readonly location?: string; readonly body?: string | Buffer }>;

beforeEach(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'flexmetal-archive-test-'));
  pages = new Map();
  server = createServer((request, reply) => {
    const page = pages.get(request.url ?? '') ?? { status: 404 };
    reply.writeHead(page.status ?? 200, page.location === undefined ? {} : { location: page.location });
    reply.end(page.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
});
afterEach(() => {
  server.close();
  rmSync(root, { recursive: true, force: true });
});

const context = (): WayContext => ({
  versions: { kubernetes: 'v1.36.3', etcd: 'v3.7.3' },
  platform: 'linux-amd64',
  cacheRoot: path.join(root, 'cache'),
  log: () => undefined,
});
const fetchAll = (): ReturnType<typeof downloadEnvtest> => downloadEnvtest(context(), `${origin}/index.yaml`);

/** Everything in the cache that is a file. */
const kept = (): readonly string[] =>
  existsSync(path.join(root, 'cache'))
    ? readdirSync(path.join(root, 'cache'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => entry.name)
    : [];

function anArchive(names: readonly string[], content = 'echo hello'): Buffer {
  const folder = path.join(root, 'source', 'controller-tools', 'envtest');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const name of names) writeFileSync(path.join(folder, name), `#!/bin/sh\n${content}\n`, { mode: 0o755 });
  execFileSync('tar', ['-czf', path.join(root, 'archive'), '-C', path.join(root, 'source'), 'controller-tools']);
  return readFileSync(path.join(root, 'archive'));
}

function publish(
  version: string,
  archive: Buffer,
  entry: { platform?: string; sha512?: string; url?: string } = {},
): string {
  const name = `envtest-${version}-${entry.platform ?? 'linux-amd64'}.tar.gz`;
  pages.set(`/${name}`, { body: archive });
  const sha512 = entry.sha512 ?? createHash('sha512').update(archive).digest('hex');
  return `  ${version}:\n    ${name}:\n      hash: ${sha512}\n      selfLink: ${entry.url ?? `${origin}/${name}`}\n`;
}

const index = (...entries: readonly string[]): void =>
  void pages.set('/index.yaml', { body: `releases:\n${entries.join('')}` });

test('the newest archive of our minor version is unpacked into the cache', async () => {
  const programs = ['etcd', 'kube-apiserver', 'kubectl'];
  index(
    publish('v1.36.2', anArchive(programs, 'echo old')),
    publish('v1.36.10', anArchive(programs, 'echo new')),
    publish('v1.36.11-rc.0', anArchive(programs)),
    publish('v1.37.0', anArchive(programs)),
  );
  const folder = path.join(root, 'cache/envtest-v1.36.10/linux-amd64');
  expect(await fetchAll()).toEqual({ kind: 'found', folder });
  expect(execFileSync(path.join(folder, 'kube-apiserver'), { encoding: 'utf8' })).toBe('new\n');
  expect(kept()).toHaveLength(3);
});

test('a redirect is followed, as the real place answers with one', async () => {
  const archive = anArchive(['etcd', 'kube-apiserver']);
  index(publish('v1.36.2', archive, { url: `${origin}/moved` }));
  pages.set('/moved', { status: 302, location: `${origin}/elsewhere` });
  pages.set('/elsewhere', { body: archive });
  expect((await fetchAll()).kind).toBe('found');
});

test.each<[string, () => void, RegExp]>([
  [
    'another checksum',
    () => index(publish('v1.36.2', anArchive(['etcd', 'kube-apiserver']), { sha512: 'a'.repeat(128) })),
    /sha512 .* the index says a{128}: not used/,
  ],
  [
    'a program missing in it',
    () => index(publish('v1.36.2', anArchive(['etcd']))),
    /holds no executable kube-apiserver/,
  ],
  [
    'no archive for our platform',
    () => index(publish('v1.36.2', anArchive([]), { platform: 'plan9-mips' })),
    /no archive of Kubernetes v1\.36 for linux-amd64/,
  ],
  ['only other minor versions', () => index(publish('v1.35.0', anArchive([]))), /no archive of Kubernetes v1\.36/],
  [
    'an archive at a place with another protocol',
    () => index(publish('v1.36.2', anArchive([]), { url: 'ftp://127.0.0.1/x' })),
    /no archive of Kubernetes v1\.36/,
  ],
  [
    'an archive that is not there',
    () => index(publish('v1.36.2', anArchive([]), { url: `${origin}/gone` })),
    /\/gone answered 404/,
  ],
  ['no index', () => undefined, /\/index\.yaml answered 404/],
  [
    'something else than the index',
    () => void pages.set('/index.yaml', { body: '<html>sign in</html>' }),
    /is not an index/,
  ],
])('%s is a reason to go on to the next way', async (_name, prepare, why) => {
  prepare();
  expect(await fetchAll()).toEqual({ kind: 'no', why: expect.stringMatching(why) });
});

test('nothing is kept of an archive with another checksum', async () => {
  index(publish('v1.36.2', anArchive(['etcd', 'kube-apiserver']), { sha512: 'a'.repeat(128) }));
  await fetchAll();
  expect(kept()).toEqual([]);
});

test('a machine without internet goes on at once and says why', async () => {
  const result = await downloadEnvtest(context(), `http://127.0.0.1:${await freePort()}/index.yaml`);
  expect(result).toEqual({ kind: 'no', why: expect.stringContaining('ECONNREFUSED') });
});
