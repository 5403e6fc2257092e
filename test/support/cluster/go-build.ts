import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { formatDuration, millis } from '../../../src/base/time.ts';
import { ProcessGuard } from './process-guard.ts';
import { MODULES_FOLDER } from './versions.ts';
import { isExecutable } from './way.ts';
import type { WayContext, WayResult } from './way.ts';

const PROGRESS_EVERY_MS = 15_000;
const VERSION_PACKAGE = 'k8s.io/component-base/version';

/**
 * Builds both programs from their Go modules into the cache. Takes some minutes, once; each program counts as soon as it is built.
 * Never leaves a half-written program under its final name.
 */
export async function buildFromModules(context: WayContext, env: NodeJS.ProcessEnv): Promise<WayResult> {
  const { versions, log } = context;
  const problem = await goProblem(env);
  if (problem !== undefined) return { kind: 'no', why: problem };
  const folder = path.join(context.cacheRoot, `${versions.kubernetes}-etcd-${versions.etcd}`, context.platform);
  await mkdir(folder, { recursive: true });
  dropLeftOvers(folder);
  log(
    `building etcd ${versions.etcd} and kube-apiserver ${versions.kubernetes} from Go modules into ${folder}: some minutes, once`,
  );
  for (const program of programs(context)) {
    if (isExecutable(path.join(folder, program.name))) continue;
    const failure = await buildOne(program, folder, env, log);
    if (failure !== undefined) return { kind: 'no', why: failure };
  }
  return { kind: 'found', folder };
}

interface Program {
  readonly name: string;
  readonly package: string;
  readonly linkerFlags: string;
}

function programs({ versions }: WayContext): readonly Program[] {
  const [major = '', minor = ''] = versions.kubernetes.slice(1).split('.');
  const stamps = { gitVersion: versions.kubernetes, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' };
  const stampFlags = Object.entries(stamps).map(([name, value]) => `-X ${VERSION_PACKAGE}.${name}=${value}`);
  return [
    { name: 'etcd', package: 'go.etcd.io/etcd/server/v3', linkerFlags: '-s -w' },
    // Without the stamp the server calls itself v0.0.0-master and clients refuse it or guess.
    {
      name: 'kube-apiserver',
      package: 'k8s.io/kubernetes/cmd/kube-apiserver',
      linkerFlags: ['-s -w', ...stampFlags].join(' '),
    },
  ];
}

/** @returns what went wrong, or undefined. */
async function buildOne(
  program: Program,
  folder: string,
  env: NodeJS.ProcessEnv,
  log: (line: string) => void,
): Promise<string | undefined> {
  const scratch = mkdtempSync(path.join(tmpdir(), 'flexmetal-go-build-'));
  const guard = new ProcessGuard([scratch]);
  const target = path.join(folder, `.${program.name}.${process.pid}.tmp`);
  const startedAt = performance.now();
  const elapsed = (): string => formatDuration(millis(performance.now() - startedAt));
  const progress = setInterval(() => log(`building ${program.name} … ${elapsed()}`), PROGRESS_EVERY_MS);
  try {
    const go = await guard.spawn(
      'go',
      'go',
      ['build', '-trimpath', '-ldflags', program.linkerFlags, '-o', target, program.package],
      {
        logPath: path.join(scratch, 'output.log'),
        cwd: path.join(MODULES_FOLDER, program.name),
        env: { ...env, CGO_ENABLED: '0', GOWORK: 'off' },
      },
    );
    const end = await go.ended;
    if (end.code !== 0) return `\`go build ${program.package}\` failed after ${elapsed()}: ${go.tail()}`;
    renameSync(target, path.join(folder, program.name));
    log(`built ${program.name} in ${elapsed()}`);
    return undefined;
  } finally {
    clearInterval(progress);
    rmSync(target, { force: true });
    await guard.close();
  }
}

/** Builds that were killed leave their temporary file; nobody else builds here while we hold the lock. */
function dropLeftOvers(folder: string): void {
  for (const name of readdirSync(folder)) if (name.endsWith('.tmp')) rmSync(path.join(folder, name), { force: true });
}

/** Why Go cannot build here; undefined when it can. */
async function goProblem(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const needed = neededGo();
  let text: string;
  try {
    text = (
      await promisify(execFile)('go', ['env', 'GOVERSION'], { env: { ...env, GOTOOLCHAIN: 'local' }, cwd: tmpdir() })
    ).stdout;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return `Go is not installed (there is no \`go\` on the PATH); install Go ${needed} or newer and try again`;
    }
    throw new Error('`go env GOVERSION` failed', { cause: error });
  }
  const found = /^go(\d+)\.(\d+)/.exec(text);
  const [neededMajor = 0, neededMinor = 0] = needed.split('.').map(Number);
  const isOlder =
    found !== null &&
    (Number(found[1]) < neededMajor || (Number(found[1]) === neededMajor && Number(found[2]) < neededMinor));
  // Since 1.21 an older Go fetches the newer one itself, if it is let to; whether that works shows in the build.
  if (isOlder && (Number(found[2]) < 21 || env['GOTOOLCHAIN'] === 'local'))
    return `Go ${needed} or newer is needed, this is ${text.trim()}`;
  return undefined;
}

/** The `go` line of the module, `1.26.0`. */
function neededGo(): string {
  const goMod = readFileSync(path.join(MODULES_FOLDER, 'kube-apiserver', 'go.mod'), 'utf8');
  return /^go (\S+)$/m.exec(goMod)?.[1] ?? 'of today';
}
