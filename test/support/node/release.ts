import path from 'node:path';
import { waitFor } from '../cluster/wait-for.ts';
import type { SimulatorTruth } from '../simulator-truth.ts';
import { truthOf } from '../simulator-truth.ts';
import type { Cluster, Ended } from './cluster.ts';
import type { Node } from './global-setup.ts';
import { imageValues } from './image-values.ts';
import type { Pod } from './pods.ts';
import { containerOf, podsOf } from './pods.ts';

const CHARTS = path.join(import.meta.dirname, '../../../helm');

/** Settings that look often. */
export const LOOKING = { pollIntervalMoving: '2s', pollIntervalStill: '4s' };

/** Values that make a trial quick: simulated minutes are tenths of seconds, and so are the waits that a simulator allows to shorten. */
export const QUICK = {
  simulator: { enabled: true, timeScale: 600 },
  config: { ...LOOKING, orderTimeout: '20s', settleWindow: '10s' },
};

export type Values = Readonly<Record<string, unknown>>;

/** A release of the chart in a namespace of its own, worked on as people do: by helm. */
export class Release {
  readonly name = 'flexmetal-operator';
  readonly namespace: string;
  readonly #cluster: Cluster;
  readonly #node: Node;

  constructor(cluster: Cluster, node: Node, namespace: string) {
    this.#cluster = cluster;
    this.#node = node;
    this.namespace = namespace;
  }

  /** @param flags of helm, such as those that make somebody else install */
  install(values: Values, flags: readonly string[] = []): Promise<string> {
    return this.#apply('install', values, flags);
  }

  /** All values are given anew. Returns when all pods are those of the new revision, and ready. */
  upgrade(values: Values, flags: readonly string[] = []): Promise<string> {
    return this.#apply('upgrade', values, flags);
  }

  rollback(revision: number): Promise<string> {
    return this.#cluster.helm(['rollback', this.name, String(revision), ...this.#there, ...WAITING]);
  }

  /** Any end is a result: the chart may refuse. */
  uninstall(flags: readonly string[] = []): Promise<Ended> {
    return this.#cluster.tryHelm(['uninstall', this.name, ...this.#there, ...WAITING, ...flags]);
  }

  test(): Promise<Ended> {
    return this.#cluster.tryHelm(['test', this.name, ...this.#there, '--timeout', '2m']);
  }

  exists(): Promise<boolean> {
    return this.#cluster.tryHelm(['status', this.name, ...this.#there]).then(({ code }) => code === 0);
  }

  operators(): Promise<readonly Pod[]> {
    return podsOf(this.#cluster, this.namespace, 'operator');
  }

  /** The one operator of a release with one replica. */
  async operator(): Promise<Pod> {
    return waitFor('there is one operator', async () => {
      const [pod, ...more] = await this.operators();
      return more.length === 0 ? pod : undefined;
    });
  }

  async simulator(): Promise<Pod> {
    const [pod] = await podsOf(this.#cluster, this.namespace, 'simulator');
    if (pod === undefined) throw new Error('there is no simulator');
    return pod;
  }

  /** Of the simulator that the chart brings. */
  get truth(): SimulatorTruth {
    return truthOf(async (page) =>
      this.#cluster.evaluate(
        containerOf(await this.simulator(), 'simulator'),
        `return (await fetch('http://127.0.0.1:8099/__sim${page}')).json()`,
      ),
    );
  }

  get #there(): readonly string[] {
    return ['--namespace', this.namespace];
  }

  #apply(command: 'install' | 'upgrade', values: Values, flags: readonly string[]): Promise<string> {
    const { image, dns } = this.#node;
    const all = { image: imageValues(image), ...dns, ...values };
    const argv = [command, this.name, path.join(CHARTS, 'flexmetal-operator'), '--values', '-', ...this.#there];
    return this.#cluster.helm([...argv, ...WAITING, ...flags], JSON.stringify(all));
  }
}

/** Installs the CRDs apart, as the chart for them does. */
export const installCrds = (cluster: Cluster, namespace: string): Promise<string> =>
  cluster.helm(['install', 'crds', path.join(CHARTS, 'flexmetal-operator-crds'), '--namespace', namespace]);

const WAITING = ['--wait', '--timeout', '4m'];
