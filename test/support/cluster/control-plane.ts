import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request } from 'undici';
import * as z from 'zod';
import { controlPlaneBinaries } from './binaries.ts';
import type { Binaries } from './binaries.ts';
import { issue } from './certificates.ts';
import type { ControlPlaneCredentials, CredentialFiles } from './credentials.ts';
import { apiServerFlags, createCredentials, credentialFiles } from './credentials.ts';
import { freePort } from './free-port.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { ProcessGuard } from './process-guard.ts';
import type { GuardedProcess } from './process-guard.ts';

export interface ControlPlaneOptions {
  readonly log: (line: string) => void;
  /** Keeps data, certificates, kubeconfigs and logs here, also after the end. Default: a temporary folder that goes at the end. */
  readonly dir?: string;
  /** Port of kube-apiserver on 127.0.0.1. Default: a free one. */
  readonly port?: number;
  /** Default: found, downloaded or built by `controlPlaneBinaries`. */
  readonly binaries?: Binaries;
  /** Further flags of kube-apiserver, `--min-request-timeout=60` for short watches for example. */
  readonly apiServerFlags?: readonly string[];
}

/**
 * A running etcd and kube-apiserver: storage, validation, RBAC and watches are the real thing. There is no controller manager and no
 * scheduler: nothing is garbage-collected, a deleted namespace stays Terminating, and pods never run.
 */
export interface ControlPlane {
  /** Data, certificates, kubeconfigs and logs. */
  readonly dir: string;
  /** Full rights, by a static token. */
  readonly kubeconfigPath: string;
  /** `https://127.0.0.1:<port>`, the same for its whole life. */
  readonly url: string;
  readonly adminToken: string;
  /** Process ids of what runs now; the API server's is undefined while it is stopped. */
  readonly pids: { readonly etcd: number; readonly apiServer: number | undefined };
  /** Writes a kubeconfig for this user and these groups (a client certificate) and returns its path. The user may do what RBAC says. */
  userKubeconfig(name: string, groups?: readonly string[]): string;
  /** Ends kube-apiserver; connections break as in a restart. `kill` is SIGKILL: nothing is said to clients. */
  stopApiServer(how?: 'terminate' | 'kill'): Promise<void>;
  /** Starts it again on the same port with the same data and certificates; resolves when it is ready. */
  startApiServer(): Promise<void>;
  restartApiServer(how?: 'terminate' | 'kill'): Promise<void>;
  /**
   * Drops all old revisions from etcd and returns the present one. The API server answers from its watch cache as long as it can:
   * only after a restart does a watch from an older revision get 410 Gone.
   */
  compactEtcd(): Promise<number>;
  /** Ends both and removes the temporary folder. Safe to call more than once. */
  stop(): Promise<void>;
}

/**
 * Starts a control plane and waits until it is ready (some seconds). Everything it started dies with this process, however that ends.
 * Throws with the end of the program's log when one of them does not come up.
 */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { log } = options;
  const binaries = options.binaries ?? (await controlPlaneBinaries({ log }));
  const dir = options.dir ?? mkdtempSync(path.join(tmpdir(), 'flexmetal-control-plane-'));
  const guard = new ProcessGuard(options.dir === undefined ? [dir] : []);
  const startedAt = performance.now();
  try {
    log(`starting etcd and kube-apiserver from ${binaries.source}`);
    const files = writeCredentials(dir);
    const etcd = await startEtcd({ guard, dir, program: binaries.etcd });
    const api = new ApiServer({
      guard,
      dir,
      files,
      program: binaries.kubeApiserver,
      etcdUrl: etcd.url,
      flags: options.apiServerFlags ?? [],
    });
    await api.start(options.port);
    log(`the API server is ready at ${api.url} after ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
    return controlPlaneOf({ dir, files, guard, etcd, api });
  } catch (error) {
    await guard.close();
    throw error;
  }
}

interface Parts {
  readonly dir: string;
  readonly files: Credentials;
  readonly guard: ProcessGuard;
  readonly etcd: Etcd;
  readonly api: ApiServer;
}

function controlPlaneOf({ dir, files, guard, etcd, api }: Parts): ControlPlane {
  const cluster = { url: api.url, certificateAuthority: files.authority.certificate };
  const kubeconfigPath = path.join(dir, 'admin.kubeconfig');
  writeKubeconfig(kubeconfigPath, cluster, { name: 'admin', token: files.adminToken });
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await api.stop('terminate');
    await etcd.process.stop(ETCD_GRACE_MS);
    await guard.close();
  };
  return {
    dir,
    kubeconfigPath,
    url: api.url,
    adminToken: files.adminToken,
    get pids() {
      return { etcd: etcd.process.pid, apiServer: api.pid };
    },
    userKubeconfig: (name, groups = []) => {
      const file = path.join(
        dir,
        `${name.replaceAll(/[^A-Za-z0-9_.-]/g, '_')}-${randomBytes(3).toString('hex')}.kubeconfig`,
      );
      writeKubeconfig(file, cluster, {
        name,
        identity: issue(files.authority, AUTHORITY, { commonName: name, organizations: groups }),
      });
      return file;
    },
    stopApiServer: (how = 'terminate') => api.stop(how),
    startApiServer: () => api.start(),
    restartApiServer: async (how = 'terminate') => {
      await api.stop(how);
      await api.start();
    },
    compactEtcd: () => compact(etcd.url),
    stop: () => (stopping ??= stop()),
  };
}

const HOST = '127.0.0.1';
const AUTHORITY = 'flexmetal-control-plane';
/** A port may be taken between choosing and using it. */
const PORT_TRIES_MAX = 5;
const READY_TIMEOUT_MS = 60_000;
const READY_LOOK_MS = 50;
const API_SERVER_GRACE_MS = 5_000;
const ETCD_GRACE_MS = 2_000;

interface Etcd {
  readonly process: GuardedProcess;
  readonly url: string;
}

async function startEtcd({
  guard,
  dir,
  program,
}: {
  guard: ProcessGuard;
  dir: string;
  program: string;
}): Promise<Etcd> {
  const logPath = path.join(dir, 'etcd.log');
  return withFreePort(undefined, async (port) => {
    const url = `http://${HOST}:${port}`;
    // The data may be lost in a power cut, and that is all that syncing would be for.
    const flags = [`--data-dir=${path.join(dir, 'etcd')}`, '--unsafe-no-fsync', '--log-level=warn'];
    const urls = [
      `--listen-client-urls=${url}`,
      `--advertise-client-urls=${url}`,
      `--listen-peer-urls=http://${HOST}:0`,
    ];
    const etcd = await guard.spawn('etcd', program, [...flags, ...urls], { logPath });
    const isUp = async (): Promise<boolean> => (await statusOf(`${url}/health`)) === 200;
    return (await untilUp(etcd, isUp)) === 'portTaken' ? undefined : { process: etcd, url };
  });
}

interface ApiServerSettings {
  readonly guard: ProcessGuard;
  readonly dir: string;
  readonly files: Credentials;
  readonly program: string;
  readonly etcdUrl: string;
  readonly flags: readonly string[];
}

class ApiServer {
  readonly #settings: ApiServerSettings;
  #port: number | undefined;
  #process: GuardedProcess | undefined;

  constructor(settings: ApiServerSettings) {
    this.#settings = settings;
  }

  get url(): string {
    return `https://${HOST}:${this.#port ?? 0}`;
  }

  get pid(): number | undefined {
    return this.#process?.end === undefined ? this.#process?.pid : undefined;
  }

  /** The first start may choose a port; clients know it from then on. */
  async start(port: number | undefined = this.#port): Promise<void> {
    if (this.pid !== undefined) return;
    await withFreePort(port, async (free) => {
      this.#port = free;
      const { guard, program, dir } = this.#settings;
      this.#process = await guard.spawn('kube-apiserver', program, this.#flags(free), {
        logPath: path.join(dir, 'kube-apiserver.log'),
      });
      const dispatcher = new Agent({ connect: { ca: this.#settings.files.authority.certificate } });
      try {
        return (await untilUp(this.#process, () => this.#isReady(dispatcher))) === 'portTaken' ? undefined : true;
      } finally {
        await dispatcher.destroy();
      }
    });
  }

  async stop(how: 'terminate' | 'kill'): Promise<void> {
    if (how === 'kill') this.#process?.kill('SIGKILL');
    await this.#process?.stop(API_SERVER_GRACE_MS);
  }

  /** Ready by its own word, and the namespaces are there that it makes in the background: the operator asks for kube-system. */
  async #isReady(dispatcher: Agent): Promise<boolean> {
    const headers = { authorization: `Bearer ${this.#settings.files.adminToken}` };
    for (const target of ['/readyz', '/api/v1/namespaces/kube-system', '/api/v1/namespaces/default']) {
      if ((await statusOf(this.url + target, dispatcher, headers)) !== 200) return false;
    }
    return true;
  }

  #flags(port: number): readonly string[] {
    const { files, etcdUrl, flags } = this.#settings;
    return [
      ...apiServerFlags({ etcdUrl, port, files: files.paths }),
      `--bind-address=${HOST}`,
      `--advertise-address=${HOST}`,
      ...flags,
    ];
  }
}

interface Credentials extends ControlPlaneCredentials {
  readonly paths: CredentialFiles;
}

/** Writes them below `dir`, for the API server's eyes only. */
function writeCredentials(dir: string): Credentials {
  const pki = path.join(dir, 'pki');
  mkdirSync(pki, { recursive: true, mode: 0o700 });
  const credentials = createCredentials(AUTHORITY, [HOST, 'localhost']);
  for (const [name, content] of Object.entries(credentials.files))
    writeFileSync(path.join(pki, name), content, { mode: 0o600 });
  return { ...credentials, paths: credentialFiles(pki) };
}

/** Calls `start` with the port given, or with free ones until it does not say (by undefined) that the port was taken. */
async function withFreePort<T>(given: number | undefined, start: (port: number) => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < PORT_TRIES_MAX; tries += 1) {
    const port = given ?? (await freePort());
    const started = await start(port);
    if (started !== undefined) return started;
    if (given !== undefined) throw new Error(`port ${given} of ${HOST} is taken; choose another`);
  }
  throw new Error(`${PORT_TRIES_MAX} free ports in a row were taken by others before they could be used`);
}

async function untilUp(running: GuardedProcess, isUp: () => Promise<boolean>): Promise<'up' | 'portTaken'> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while (performance.now() < deadline) {
    if (running.end !== undefined) {
      const tail = running.tail();
      if (tail.includes('address already in use')) return 'portTaken';
      throw new Error(
        `${running.name} ended by itself (code ${running.end.code}, signal ${running.end.signal}). The end of its log:\n${tail}`,
      );
    }
    if (await isUp()) return 'up';
    await delay(READY_LOOK_MS);
  }
  await running.stop(0);
  throw new Error(
    `${running.name} is not ready after ${READY_TIMEOUT_MS / 1_000} s. The end of its log:\n${running.tail()}`,
  );
}

/** The HTTP status of a GET; undefined when there is no whole answer, as is usual while a server starts. */
async function statusOf(
  url: string,
  dispatcher?: Agent,
  headers: Record<string, string> = {},
): Promise<number | undefined> {
  try {
    const reply = await request(url, {
      headers,
      signal: AbortSignal.timeout(2_000),
      ...(dispatcher === undefined ? {} : { dispatcher }),
    });
    await reply.body.dump();
    return reply.statusCode;
  } catch {
    return undefined;
  }
}

const Revision = z.object({ header: z.object({ revision: z.coerce.number() }) });

/** By etcd's JSON gateway. */
async function compact(etcdUrl: string): Promise<number> {
  const call = async (action: string, body: unknown): Promise<unknown> => {
    const reply = await request(`${etcdUrl}/v3/kv/${action}`, {
      method: 'POST',
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });
    const text = await reply.body.text();
    if (reply.statusCode !== 200) throw new Error(`etcd answered ${reply.statusCode} to ${action}: ${text}`);
    return JSON.parse(text);
  };
  const { revision } = Revision.parse(await call('range', { key: Buffer.from('/').toString('base64') })).header;
  await call('compaction', { revision, physical: true });
  return revision;
}
