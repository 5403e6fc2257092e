import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import * as z from 'zod';
import { effectNameOf } from '../../test/cluster/support/fail-points/effect-name.ts';
import { FailPoints } from '../../test/cluster/support/fail-points/fail-points.ts';
import type { InterceptingProxy } from '../../test/cluster/support/fail-points/intercepting-proxy.ts';
import { openInterceptingProxy } from '../../test/cluster/support/fail-points/intercepting-proxy.ts';
import type { Flags } from '../../test/cluster/support/operator-process.ts';
import { openStage } from '../../test/cluster/support/stage.ts';
import type { Stage } from '../../test/cluster/support/stage.ts';
import { Replicas } from './replicas.ts';
import type { Pace } from './scenarios.ts';
import { vendorConfig } from './scenarios.ts';

/** A minute of the simulation is a second here: the lengths keep their ratios, but for those of the Lease. */
const FASTER = 60;
export const REAL_PACE: Pace = (length) => `${Math.round(length / FASTER)}ms`;

/** The operator's defaults at that pace. A list lags by a third of a second, and a settle window takes five. */
const FLAGS: Flags = {
  'order-timeout': '3s',
  'settle-window': '5s',
  'poll-interval-moving': '250ms',
  'poll-interval-still': '1s',
  'orders-per-hour-max': '1000000',
  'servers-max': '1000',
};

/** One control plane's corner in which runs follow each other: a namespace, a vendor, and operators between two proxies. */
export interface Lane {
  readonly stage: Stage;
  readonly points: FailPoints;
  readonly replicas: Replicas;
  /** Frees the Lease under its holder, and resolves when another process has it. */
  takeLease(): Promise<void>;
  close(): Promise<void>;
}

export interface LaneOptions {
  /** Of the control plane, with full rights. */
  readonly kubeconfig: string;
  /** The program: `src/main.ts`, or a bundle of it. */
  readonly entry: string;
  readonly seed: number;
}

export async function openLane({ kubeconfig, entry, seed }: LaneOptions): Promise<Lane> {
  const stage = await openStage({ kubeconfig, entry, vendor: { ...vendorConfig(REAL_PACE), seed } });
  const proxies: InterceptingProxy[] = [];
  const points = new FailPoints({
    kill: () => replicas.killLeader(),
    freeze: () => replicas.freezeLeader(),
    takeLease: () => takeLease(),
  });
  const proxyTo = async (to: 'kube' | 'vendor', upstream: string, certificateAuthority?: string) => {
    const proxy = await openInterceptingProxy({
      upstream,
      ...(certificateAuthority === undefined ? {} : { certificateAuthority }),
      isHeld: (method, where) => effectNameOf(to, method, where) !== undefined,
      onHeld: (call) => points.pass(to, call),
    });
    proxies.push(proxy);
    return proxy.url;
  };
  const kubeUrl = await proxyTo('kube', stage.rest.url, authorityOf(kubeconfig));
  const vendorUrl = await proxyTo('vendor', stage.vendor.url);
  const account = path.join(path.dirname(stage.account), `${stage.namespace}-by-proxy.kubeconfig`);
  writeFileSync(account, readFileSync(stage.account, 'utf8').replaceAll(stage.rest.url, kubeUrl), { mode: 0o600 });
  const replicas = new Replicas({
    start: () => stage.operator({ ...FLAGS, kubeconfig: account, 'api-url': vendorUrl }),
    holder: () => leaseHolder(stage),
  });
  const takeLease = (): Promise<void> => replicas.takeLease(() => freeLease(stage));
  return {
    stage,
    points,
    replicas,
    takeLease,
    close: async () => {
      await replicas.close();
      await Promise.all(proxies.map((proxy) => proxy.close()));
      await stage[Symbol.asyncDispose]();
    },
  };
}

function authorityOf(kubeconfig: string): string {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  return Buffer.from(config.getCurrentCluster()?.caData ?? '', 'base64').toString('utf8');
}

const leasePath = ({ namespace }: Stage): string =>
  `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/flexmetal-operator`;

const Lease = z.object({ spec: z.object({ holderIdentity: z.string() }) });

/** The name of the process; behind it stands a random part. */
async function leaseHolder(stage: Stage): Promise<string | undefined> {
  const { status, body } = await stage.rest.request('GET', leasePath(stage));
  return status === 200 ? Lease.parse(body).spec.holderIdentity.replace(/_[^_]*$/, '') : undefined;
}

async function freeLease(stage: Stage): Promise<void> {
  await stage.rest.must('PATCH', leasePath(stage), {
    body: { spec: { holderIdentity: '' } },
    contentType: 'application/merge-patch+json',
  });
}
