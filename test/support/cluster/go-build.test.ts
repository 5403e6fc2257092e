import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildFromModules } from './go-build.ts';
import type { WayContext, WayResult } from './way.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'flexmetal-build-test-'));
  mkdirSync(path.join(root, 'bin'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const folder = (): string => path.join(root, 'cache/v1.36.3-etcd-v3.7.3/linux-amd64');

/** Builds with a `go` of the test's own: `version` is what it calls itself, `build` its script with $out as the target. */
function buildWith(version: string, build: string, more: NodeJS.ProcessEnv = {}): Promise<WayResult> {
  const script = `#!/bin/sh
if [ "$1" = env ]; then echo ${version}; exit; fi
echo "$CGO_ENABLED $GOWORK $(basename "$PWD") $*" >> ${root}/calls
while [ "$1" != -o ]; do shift; done
out=$2
${build}
`;
  writeFileSync(path.join(root, 'bin/go'), script, { mode: 0o755 });
  return buildFromModules(context(), { PATH: `${path.join(root, 'bin')}:/usr/bin:/bin`, ...more });
}

const context = (): WayContext => ({
  versions: { kubernetes: 'v1.36.3', etcd: 'v3.7.3' },
  platform: 'linux-amd64',
  cacheRoot: path.join(root, 'cache'),
  log: () => undefined,
});

const MAKE = 'echo "#!/bin/sh" > "$out"; echo "echo built" >> "$out"; chmod 755 "$out"';

test('both programs are built in their own module, without cgo and stamped with their version', async () => {
  expect(await buildWith('go1.26.8', MAKE)).toEqual({ kind: 'found', folder: folder() });
  expect(readdirSync(folder()).toSorted((a, b) => a.localeCompare(b))).toEqual(['etcd', 'kube-apiserver']);
  expect(execFileSync(path.join(folder(), 'etcd'), { encoding: 'utf8' })).toBe('built\n');
  const [etcd, kubeApiserver] = readFileSync(path.join(root, 'calls'), 'utf8').split('\n');
  expect(etcd).toMatch(/^0 off etcd build -trimpath -ldflags -s -w -o \S+ go\.etcd\.io\/etcd\/server\/v3$/);
  expect(kubeApiserver).toMatch(
    /^0 off kube-apiserver .*\.gitVersion=v1\.36\.3 .*\.gitMajor=1 .*\.gitMinor=36 .* k8s\.io\/kubernetes\/cmd\/kube-apiserver$/,
  );
});

test('a failed build says what the compiler said and leaves nothing half-done', async () => {
  const result = await buildWith('go1.26.8', 'echo half > "$out"; echo "undefined: x" >&2; exit 1');
  expect(result).toEqual({
    kind: 'no',
    why: expect.stringMatching(/^`go build \S+` failed after \d+ s: undefined: x$/),
  });
  expect(readdirSync(folder())).toEqual([]);
});

test('what one run has built, and what another left half-done, is not built or kept again', async () => {
  await buildWith('go1.26.8', `case "$out" in *etcd*) ${MAKE} ;; *) exit 1 ;; esac`);
  writeFileSync(path.join(folder(), '.kube-apiserver.1.tmp'), 'half');
  await buildWith('go1.26.8', MAKE);
  expect(
    readFileSync(path.join(root, 'calls'), 'utf8')
      .split('\n')
      .filter((call) => call.includes('off etcd')),
  ).toHaveLength(1);
  expect(readdirSync(folder(), { recursive: true })).toHaveLength(2);
});

test('without Go there is a plain sentence', async () => {
  const result = await buildFromModules(context(), { PATH: path.join(root, 'bin') });
  expect(result).toEqual({
    kind: 'no',
    why: expect.stringMatching(
      /^Go is not installed \(there is no `go` on the PATH\); install Go 1\.\d+\.\d+ or newer and try again$/,
    ),
  });
});

test.each<[string, NodeJS.ProcessEnv, WayResult['kind']]>([
  ['go1.26.0', {}, 'found'],
  ['go1.30', {}, 'found'],
  ['go2.0.0', {}, 'found'],
  ['go1.25.9', {}, 'found'],
  ['go1.25.9', { GOTOOLCHAIN: 'local' }, 'no'],
  ['go1.20.5', {}, 'no'],
  ['devel-abc', {}, 'found'],
])('%s with %o: %s (an older Go from 1.21 on fetches the newer one itself, if it may)', async (version, more, kind) => {
  expect((await buildWith(version, MAKE, more)).kind).toBe(kind);
});
