import { existsSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { delimiter } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { KubeConfig } from '@kubernetes/client-node';
import { sha256Hex } from '../base/hash.ts';

export interface KubeConfigOptions {
  /** A kubeconfig file. Default: as kubectl ($KUBECONFIG, ~/.kube/config), else the pod's own service account. */
  readonly kubeconfig?: string;
  /** Default: the file's current context. */
  readonly context?: string;
}

/** There is no usable way to an API server in the configuration; the message says what to set. */
export class KubeConfigError extends Error {
  override readonly name = 'KubeConfigError';
}

/**
 * Finds the way to the API server and the credentials for it.
 * @throws KubeConfigError when nothing is configured, a file is not readable or the context is not in it
 */
export function loadKubeConfig(options: KubeConfigOptions = {}): KubeConfig {
  const config = read(options);
  if (options.context !== undefined) config.setCurrentContext(options.context);
  const cluster = config.getCurrentCluster();
  if (cluster === null) {
    const known = config.getContexts().map((context) => context.name);
    throw new KubeConfigError(
      `the kubeconfig has no usable context '${options.context ?? config.getCurrentContext() ?? ''}'; it has: ${known.join(', ') || 'none'}. Name one with the context option`,
    );
  }
  assertSafe(cluster.server);
  // The library takes plain http only when TLS checks are off; what is left after assertSafe never leaves this machine.
  config.clusters = config.clusters.map((known) =>
    known.server.startsWith('http:') ? { ...known, skipTLSVerify: true } : known,
  );
  return config;
}

const TLS_FIELDS = ['ca', 'cert', 'key', 'pfx', 'passphrase', 'rejectUnauthorized', 'servername'] as const;

/** What a connection to the API server is made of, read anew for every request: files may have changed. */
export interface Connection {
  readonly origin: string;
  /** Before every path: the API server may live below one (`/k8s/clusters/c-1`). */
  readonly basePath: string;
  /** With the credentials in them: never logged. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: Pick<ConnectionOptions, (typeof TLS_FIELDS)[number]>;
  /** `http:`, `https:` or `socks5:` proxy on the way. */
  readonly proxyUrl: string | undefined;
  /** The same for the same server, CA, client certificate and proxy: connections may be shared. */
  readonly hash: string;
}

/** Reads CA, certificates and tokens of the current context; runs its exec plugin or refreshes its token when that is due. */
export async function readConnection(config: KubeConfig): Promise<Connection> {
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new KubeConfigError('the kubeconfig has no current cluster');
  const server = new URL(cluster.server);
  const https: RequestOptions = {};
  await config.applyToHTTPSOptions(https);
  const tls = pickTls(https);
  return {
    origin: server.origin,
    basePath: server.pathname.replace(/\/$/, ''),
    headers: readHeaders(https),
    tls,
    proxyUrl: cluster.proxyUrl,
    hash: sha256Hex(
      JSON.stringify([
        cluster.server,
        cluster.proxyUrl,
        Object.entries(tls).map(([name, value]) => [name, printable(value)]),
      ]),
    ),
  };
}

function read(options: KubeConfigOptions): KubeConfig {
  try {
    if (options.kubeconfig !== undefined) return readFiles([options.kubeconfig]);
    const listed = (process.env['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '' && existsSync(file));
    if (listed.length > 0) return readFiles(listed);
    return readDefault();
  } catch (error) {
    if (error instanceof KubeConfigError) throw error;
    throw new KubeConfigError(
      `the kubeconfig cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}

/** As kubectl: the first file that names a thing wins. */
function readFiles(files: readonly string[]): KubeConfig {
  const merged = new KubeConfig();
  for (const file of files) {
    const next = new KubeConfig();
    next.loadFromFile(file);
    merged.clusters.push(...next.clusters.filter(({ name }) => merged.getCluster(name) === null));
    merged.users.push(...next.users.filter(({ name }) => merged.getUser(name) === null));
    merged.contexts.push(...next.contexts.filter(({ name }) => merged.getContextObject(name) === null));
    if (!merged.currentContext) merged.currentContext = next.currentContext;
  }
  return merged;
}

function readDefault(): KubeConfig {
  const config = new KubeConfig();
  config.loadFromDefault();
  // The library's last resort is an unprotected port of this machine, which nobody asked for.
  if (config.getCurrentContext() === 'loaded-context') {
    throw new KubeConfigError(
      'no way to a Kubernetes API server: set KUBECONFIG, name a kubeconfig file, or run in a pod with a service account',
    );
  }
  return config;
}

function assertSafe(server: string): void {
  const url = URL.parse(server);
  if (url === null)
    throw new KubeConfigError(
      `the kubeconfig's server '${server}' is no URL; it should look like https://10.0.0.1:6443`,
    );
  const isLoopback = ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback)) return;
  throw new KubeConfigError(
    `the kubeconfig's server ${url.origin} is not https; credentials would be readable on the way`,
  );
}

function readHeaders(https: RequestOptions): Readonly<Record<string, string>> {
  const headers = Object.fromEntries(
    Object.entries(https.headers ?? {})
      .filter(([, value]) => value !== undefined)
      // A token file ends in a newline more often than not, and a header must not.
      .map(([name, value]) => [name.toLowerCase(), String(value).trim()]),
  );
  if (typeof https.auth === 'string') headers['authorization'] = `Basic ${Buffer.from(https.auth).toString('base64')}`;
  return headers;
}

/** Without what was not configured: an explicit undefined would switch a default off. */
function pickTls(options: Connection['tls']): Connection['tls'] {
  return Object.fromEntries(
    TLS_FIELDS.filter((field) => options[field] !== undefined).map((field) => [field, options[field]]),
  );
}

const printable = (value: unknown): string =>
  Buffer.isBuffer(value) ? value.toString('base64') : JSON.stringify(value);
