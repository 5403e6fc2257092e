import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startControlPlane } from '../../test/support/cluster/control-plane.ts';
import type { ControlPlane } from '../../test/support/cluster/control-plane.ts';
import { applyCrds, createNamespace } from '../../test/support/cluster/kit.ts';
import { ProcessGuard } from '../../test/support/cluster/process-guard.ts';
import { openRest } from '../../test/support/cluster/rest.ts';
import type { Rest } from '../../test/support/cluster/rest.ts';
import { startSimulator } from '../demo/processes.ts';
import { Keeper } from './keeper.ts';
import { KubeProxy } from './kube-proxy.ts';
import { OPERATOR_FLAGS, OPERATOR_NODE_OPTIONS, world } from './settings.ts';
import type { Tally } from './tally.ts';
import { Vendor } from './vendor.ts';

export interface StageOptions {
  readonly seed: number;
  readonly operator: string;
  readonly dir: string | undefined;
  readonly breakages: Tally;
  readonly log: (line: string) => void;
}

/** Everything that takes part, each as a process of its own; all of it ends with this program. */
export interface Stage {
  /** Past the proxy, with full rights. */
  readonly rest: Rest;
  readonly namespace: string;
  readonly controlPlane: ControlPlane;
  /** Between operator and API server. */
  readonly proxy: KubeProxy;
  readonly vendor: Vendor;
  readonly keeper: Keeper;
  readonly token: TokenFile;
  close(): Promise<void>;
}

export async function openStage({ seed, operator, dir, breakages, log }: StageOptions): Promise<Stage> {
  const folder = dir === undefined ? mkdtempSync(path.join(tmpdir(), 'flexmetal-soak-')) : path.resolve(dir);
  mkdirSync(folder, { recursive: true });
  const guard = new ProcessGuard(dir === undefined ? [folder] : []);
  const controlPlane = await startControlPlane({ log });
  const rest = openRest(controlPlane.kubeconfigPath);
  await applyCrds(rest);
  const namespace = await createNamespace(rest, 'soak');
  const proxy = await KubeProxy.open(controlPlane.url);
  const kubeconfig = path.join(folder, 'kubeconfig');
  const direct = readFileSync(controlPlane.kubeconfigPath, 'utf8');
  writeFileSync(kubeconfig, direct.replaceAll(controlPlane.url, proxy.url), { mode: 0o600 });
  const simulator = await startSimulator(guard, folder, world(seed));
  const keeper = new Keeper({
    guard,
    folder,
    program: operator,
    flags: {
      ...OPERATOR_FLAGS,
      'api-url': simulator.url,
      'token-file': simulator.tokenFile,
      kubeconfig,
      namespaces: namespace,
      'lease-namespace': namespace,
    },
    nodeOptions: OPERATOR_NODE_OPTIONS,
    breakages,
  });
  return {
    rest,
    namespace,
    controlPlane,
    proxy,
    vendor: new Vendor(simulator.url),
    keeper,
    token: new TokenFile(simulator.tokenFile),
    close: async () => {
      // It would start another one when the guard ends this one.
      await keeper.stop();
      await proxy.close();
      await rest.close();
      await guard.close();
      await controlPlane.stop();
    },
  };
}

/** The file that the operator reads its token from. */
export class TokenFile {
  readonly #path: string;
  readonly #all: string[];

  constructor(file: string) {
    this.#path = file;
    this.#all = [readFileSync(file, 'utf8')];
  }

  /** Every token that ever was good: none of them may be seen anywhere. */
  get all(): readonly string[] {
    return this.#all;
  }

  get current(): string {
    return this.#all.at(-1) ?? '';
  }

  /** A new one, not yet in the file. */
  make(): string {
    const token = randomBytes(20).toString('hex');
    this.#all.push(token);
    return token;
  }

  write(): void {
    writeFileSync(this.#path, this.current, { mode: 0o600 });
  }
}
