import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { downloadEnvtest } from './envtest-archive.ts';
import { withFolderLock } from './folder-lock.ts';
import { buildFromModules } from './go-build.ts';
import { controlPlaneVersions } from './versions.ts';
import { minorOf, programsIn } from './way.ts';
import type { WayContext, WayResult } from './way.ts';

/** The programs of a bare control plane, as paths. */
export interface Binaries {
  readonly etcd: string;
  readonly kubeApiserver: string;
  /** Where they came from, in words. */
  readonly source: string;
}

export interface BinariesOptions {
  readonly log: (line: string) => void;
  /** Default: the process's own. KUBEBUILDER_ASSETS, XDG_CACHE_HOME and PATH are read. */
  readonly env?: NodeJS.ProcessEnv;
  /** The two ways that make new binaries; tests give others. */
  readonly download?: (context: WayContext) => Promise<WayResult>;
  readonly build?: (context: WayContext) => Promise<WayResult>;
}

/**
 * Finds, downloads or builds etcd and kube-apiserver; the first way that works wins:
 * KUBEBUILDER_ASSETS, the project's cache folder, the official envtest archive, Go modules.
 * Safe when several processes ask at once: one fetches, the others wait and take its result.
 * Throws when no way works; the message lists all four and what each said.
 */
export async function controlPlaneBinaries(options: BinariesOptions): Promise<Binaries> {
  const {
    log,
    env = process.env,
    download = downloadEnvtest,
    build = (context: WayContext) => buildFromModules(context, env),
  } = options;
  const context = { versions: controlPlaneVersions(), platform: goPlatform(), cacheRoot: cacheRoot(env), log };
  const failures: { readonly way: string; readonly why: string }[] = [];

  const take = (way: string, result: WayResult): Binaries | undefined => {
    if (result.kind === 'found') return binariesIn(result.folder, `${way} (${result.folder})`);
    failures.push({ way, why: result.why });
    return undefined;
  };

  const given = take('KUBEBUILDER_ASSETS', fromEnvironment(env));
  if (given !== undefined) return given;
  if (isSet(env['KUBEBUILDER_ASSETS']))
    log(`KUBEBUILDER_ASSETS is of no use (${failures[0]?.why}); trying the other ways`);
  const cached = take('the cache folder', fromCache(context));
  if (cached !== undefined) return cached;

  return withFolderLock(
    context.cacheRoot,
    (holder) => log(`${holder} is getting etcd and kube-apiserver already; waiting for it`),
    async () => {
      const meanwhile = fromCache(context);
      if (meanwhile.kind === 'found') return binariesIn(meanwhile.folder, `the cache folder (${meanwhile.folder})`);
      const downloaded = await download(context);
      if (downloaded.kind === 'no') log(`the envtest archive is not to be had: ${downloaded.why}`);
      const made = take('the envtest archive', downloaded) ?? take('Go modules', await build(context));
      if (made !== undefined) return made;
      throw new Error(`There is no etcd and kube-apiserver to be had. All four ways failed:\n${listed(failures)}`);
    },
  );
}

const listed = (failures: readonly { readonly way: string; readonly why: string }[]): string =>
  failures.map(({ way, why }, index) => `  ${index + 1}. ${way}: ${why}`).join('\n');

const isSet = (value: string | undefined): value is string => value !== undefined && value !== '';

function fromEnvironment(env: NodeJS.ProcessEnv): WayResult {
  const folder = env['KUBEBUILDER_ASSETS'];
  if (!isSet(folder)) return { kind: 'no', why: 'not set; it may name a folder that holds etcd and kube-apiserver' };
  return programsIn(folder);
}

function fromCache(context: WayContext): WayResult {
  const { cacheRoot: root, platform, versions } = context;
  const built = `${versions.kubernetes}-etcd-${versions.etcd}`;
  const downloaded = existsSync(root)
    ? readdirSync(root).filter((name) => name.startsWith(`envtest-${minorOf(versions.kubernetes)}.`))
    : [];
  const folders = [built, ...downloaded.sort().reverse()].map((name) => path.join(root, name, platform));
  const complete = folders.find((folder) => programsIn(folder).kind === 'found');
  if (complete !== undefined) return { kind: 'found', folder: complete };
  return { kind: 'no', why: `nothing for Kubernetes ${versions.kubernetes} on ${platform} in ${root} yet` };
}

const binariesIn = (folder: string, source: string): Binaries => ({
  etcd: path.resolve(folder, 'etcd'),
  kubeApiserver: path.resolve(folder, 'kube-apiserver'),
  source,
});

function cacheRoot(env: NodeJS.ProcessEnv): string {
  const base = env['XDG_CACHE_HOME'];
  return path.join(isSet(base) ? base : path.join(homedir(), '.cache'), 'flexmetal-operator', 'control-plane');
}

function goPlatform(): string {
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  return `${process.platform}-${architecture}`;
}
