import type { Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';

/** A TCP proxy before the API server whose connections can be cut and stopped; TLS goes through it as it is. */
export class KubeProxy {
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #isStalled = false;

  /** @param target `https://127.0.0.1:6443` */
  static async open(target: string): Promise<KubeProxy> {
    const { hostname, port } = new URL(target);
    const proxy = new KubeProxy(hostname, Number(port));
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject);
      proxy.#server.listen(0, '127.0.0.1', resolve);
    });
    return proxy;
  }

  private constructor(host: string, port: number) {
    this.#server = createServer((near) => this.#join(near, connect(port, host)));
  }

  get url(): string {
    return `https://127.0.0.1:${addressOf(this.#server).port}`;
  }

  /** Resets every connection: watches end, and requests under way have no answer, whether they took effect or not. */
  cut(): void {
    for (const { near, far } of this.#pairs) {
      near.resetAndDestroy();
      far.destroy();
    }
  }

  /** Holds every byte back until `flow`. */
  stall(): void {
    this.#isStalled = true;
    for (const { near, far } of this.#pairs) {
      near.unpipe(far);
      far.unpipe(near);
    }
  }

  flow(): void {
    this.#isStalled = false;
    for (const { near, far } of this.#pairs) {
      near.pipe(far);
      far.pipe(near);
    }
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #join(near: Socket, far: Socket): void {
    const pair: Pair = { near, far };
    this.#pairs.add(pair);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => {
        other.destroy();
        this.#pairs.delete(pair);
      });
      if (!this.#isStalled) one.pipe(other);
    }
  }
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy listens on no port');
  return address;
}
