import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as z from 'zod';
import type { Rest } from '../cluster/rest.ts';
import { openRest } from '../cluster/rest.ts';
import type { Needs } from './needs.ts';

/** How a program ended, and all that it printed. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly output: string;
}

/** The cluster, as its administrator has it. */
export interface Cluster {
  /** A copy of the kubeconfig with one context and everything in it. */
  readonly kubeconfig: string;
  readonly image: string;
  readonly rest: Rest;
  /** A folder for files of the tests. Goes with `close`. */
  readonly folder: string;
  /** Any end is a result. `input`: its standard input. */
  tryHelm(argv: readonly string[], input?: string): Promise<Ended>;
  tryKubectl(argv: readonly string[], input?: string): Promise<Ended>;
  /** What it printed on standard output; throws when it fails. */
  helm(argv: readonly string[], input?: string): Promise<string>;
  kubectl(argv: readonly string[], input?: string): Promise<string>;
  /** A namespace of the tests. `labels`: more of its labels. */
  namespace(prefix: string, labels?: Readonly<Record<string, string>>): Promise<string>;
  /** What a script of JavaScript prints in a container of ours, in which there is nothing else to run. */
  evaluate(pod: PodName, script: string): Promise<unknown>;
  /** A page of a pod's port, through the API server. */
  page(pod: Omit<PodName, 'container'>, port: number, target: string): Promise<string>;
  close(): Promise<void>;
}

export interface PodName {
  readonly namespace: string;
  readonly name: string;
  readonly container: string;
}

/** On every namespace that these tests make. */
export const OURS = { 'flexmetal.i3d.net/node-tests': 'true' };

export async function openCluster(needs: Needs): Promise<Cluster> {
  const folder = await mkdtemp(path.join(tmpdir(), 'flexmetal-node-'));
  const kubeconfig = path.join(folder, 'kubeconfig');
  // Nothing of the user's own configuration, which could point elsewhere.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(?:HELM|KUBE)/.test(name) && name !== 'NO_COLOR'),
  );
  const environment = {
    ...env,
    KUBECONFIG: kubeconfig,
    HELM_CACHE_HOME: folder,
    HELM_CONFIG_HOME: folder,
    HELM_DATA_HOME: folder,
  };
  const flat = await run(needs.kubectl, ['config', 'view', '--raw', '--flatten', '--minify'], {
    ...env,
    KUBECONFIG: path.resolve(needs.kubeconfig),
  });
  await writeFile(kubeconfig, must('kubectl config view', flat).stdout, { mode: 0o600 });
  const rest = openRest(kubeconfig);
  const tryHelm: Cluster['tryHelm'] = (argv, input) => run(needs.helm, argv, environment, input);
  const tryKubectl: Cluster['tryKubectl'] = (argv, input) => run(needs.kubectl, argv, environment, input);
  const kubectl: Cluster['kubectl'] = async (argv, input) =>
    must(`kubectl ${argv.join(' ')}`, await tryKubectl(argv, input)).stdout;
  return {
    kubeconfig,
    image: needs.image,
    rest,
    folder,
    tryHelm,
    tryKubectl,
    kubectl,
    helm: async (argv, input) => must(`helm ${argv.join(' ')}`, await tryHelm(argv, input)).stdout,
    namespace: async (prefix, labels = {}) => {
      const name = `${prefix}-${randomBytes(3).toString('hex')}`;
      const body = { metadata: { name, labels: { ...OURS, ...labels } } };
      await rest.must('POST', '/api/v1/namespaces', { body });
      return name;
    },
    evaluate: async ({ namespace, name, container }, script) => {
      const where = ['exec', name, '--namespace', namespace, '--container', container];
      const wrapped = `(async () => { ${script} })().then((value) => process.stdout.write(JSON.stringify(value ?? null)))`;
      return JSON.parse(await kubectl([...where, '--', '/nodejs/bin/node', '--eval', wrapped]));
    },
    page: async ({ namespace, name }, port, target) =>
      z.string().parse(await rest.must('GET', `/api/v1/namespaces/${namespace}/pods/${name}:${port}/proxy${target}`)),
    close: async () => {
      await rest.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function must(what: string, ended: Ended): Ended {
  if (ended.code !== 0) throw new Error(`${what}: ${ended.code}\n${ended.output.slice(-3_000)}`);
  return ended;
}

/** Longer than the longest wait that helm is given. */
const PROGRAM_TIMEOUT_MS = 280_000;

function run(program: string, argv: readonly string[], env: NodeJS.ProcessEnv, input = ''): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const options = { env, timeout: PROGRAM_TIMEOUT_MS, maxBuffer: 64 * 1_048_576 };
    const child = execFile(program, argv, options, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') reject(error);
      else resolve({ code: Number(error?.code ?? 0), stdout, output: `${stdout}${stderr}` });
    });
    child.stdin?.on('error', () => {}).end(input);
  });
}
