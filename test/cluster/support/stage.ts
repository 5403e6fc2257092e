import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { WorldConfigInput } from '../../../src/simulator/config.ts';
import { applyCrds, createNamespace } from '../../support/cluster/kit.ts';
import { ProcessGuard } from '../../support/cluster/process-guard.ts';
import type { Rest } from '../../support/cluster/rest.ts';
import { openRest } from '../../support/cluster/rest.ts';
import { Objects } from './objects.ts';
import type { Flags, OperatorProcess } from './operator-process.ts';
import { startOperator } from './operator-process.ts';
import type { NamedRule } from './rbac.ts';
import { operatorAccount } from './rbac.ts';
import type { Vendor } from './vendor.ts';
import { startVendor } from './vendor.ts';

/** A namespace, a vendor and a service account for one test; operators see nothing else. */
export interface Stage {
  /** With full rights, for what users do. */
  readonly rest: Rest;
  readonly namespace: string;
  /** Path of the operators' kubeconfig. */
  readonly account: string;
  readonly objects: Objects;
  /** Path of the file with the vendor's token. */
  readonly tokenFile: string;
  readonly vendor: Vendor;
  /** Starts one more operator process of this stage; it may do what rbac.ts says. */
  operator(flags?: Flags): Promise<OperatorProcess>;
  /** Ends all of it. */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface StageOptions {
  readonly kubeconfig: string;
  readonly vendor?: WorldConfigInput;
  /** The operators of this stage lack this one of their rules. */
  readonly without?: NamedRule;
  /** The operators' program; left out: `src/main.ts`. */
  readonly entry?: string;
}

/** `await using stage = await openStage(…)`: everything is gone at the end of the test, however it ends. */
export async function openStage({ kubeconfig, vendor: config, without, entry }: StageOptions): Promise<Stage> {
  const rest = openRest(kubeconfig);
  await applyCrds(rest);
  const namespace = await createNamespace(rest, 'operator');
  const account = await operatorAccount(rest, kubeconfig, namespace, without);
  const vendor = await startVendor(config);
  const folder = mkdtempSync(path.join(tmpdir(), 'flexmetal-operator-test-'));
  const guard = new ProcessGuard([folder]);
  const tokenFile = path.join(folder, 'token');
  writeFileSync(tokenFile, `${vendor.token}\n`, { mode: 0o600 });
  let started = 0;
  return {
    rest,
    namespace,
    account,
    objects: new Objects(rest, namespace),
    tokenFile,
    vendor,
    operator: (flags = {}) =>
      startOperator(guard, {
        folder,
        name: `operator-${++started}`,
        ...(entry === undefined ? {} : { entry }),
        flags: {
          'api-url': vendor.url,
          'token-file': tokenFile,
          kubeconfig: account,
          namespaces: namespace,
          'lease-namespace': namespace,
          ...flags,
        },
      }),
    [Symbol.asyncDispose]: async () => {
      await guard.close();
      await vendor.close();
      await rest.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
