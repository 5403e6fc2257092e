import { randomBytes } from 'node:crypto';
import type { ContainerRuntimeClient } from 'testcontainers';
import { getContainerRuntimeClient, getReaper, LABEL_TESTCONTAINERS_SESSION_ID } from 'testcontainers';

/**
 * A network of its own for the calls between two parties, so that it can be cut alone. It leads nowhere else: the ports that a
 * container publishes do not hang on it.
 */
export class Link implements AsyncDisposable {
  readonly #client: ContainerRuntimeClient;
  readonly #network: Network;

  static async open(): Promise<Link> {
    const client = await getContainerRuntimeClient();
    const { sessionId } = await getReaper(client);
    const network = await client.network.create({
      Name: `flexmetal-link-${randomBytes(6).toString('hex')}`,
      Driver: 'bridge',
      Internal: true,
      Labels: { [LABEL_TESTCONTAINERS_SESSION_ID]: sessionId },
    });
    return new Link(client, network);
  }

  private constructor(client: ContainerRuntimeClient, network: Network) {
    this.#client = client;
    this.#network = network;
  }

  /** @param alias the container's host name on this link */
  async connect(containerId: string, alias: string): Promise<void> {
    await this.#client.container.connectToNetwork(this.#client.container.getById(containerId), this.#network, [alias]);
  }

  /** As if the cable were pulled: no connection is closed, nothing comes back. */
  async cut(containerId: string): Promise<void> {
    await this.#network.disconnect({ Container: containerId, Force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.network.remove(this.#network);
  }
}

type Network = ReturnType<ContainerRuntimeClient['network']['getById']>;
