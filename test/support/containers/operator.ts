import { getContainerRuntimeClient, Wait } from 'testcontainers';
import { request } from 'undici';
import { waitFor } from '../cluster/wait-for.ts';
import type { RawContainer } from './engine.ts';
import type { Link } from './link.ts';
import { textOf } from './output.ts';
import { FILES, PlacedContainer } from './placed-container.ts';

export type Flags = Readonly<Record<string, string>>;

export interface OperatorSettings {
  readonly name: string;
  readonly flags: Flags;
  /** Contents of kubeconfig, token and the vendor's authority. */
  readonly files: Readonly<Record<'kubeconfig' | 'token' | 'ca.crt', string>>;
  readonly links: { readonly kubernetes: Link; readonly vendor: Link };
  readonly memoryBytes?: number | undefined;
}

/** The image with the command `run`, under the restrictions that the chart puts on it. */
export class OperatorContainer implements AsyncDisposable {
  readonly name: string;
  readonly #container: RawContainer;
  readonly #host: string;
  readonly #links: OperatorSettings['links'];

  /** Resolves once its health port answers. */
  static async start(image: string, { name, flags, files, links, memoryBytes }: OperatorSettings) {
    const all = { 'token-file': `${FILES}/token`, kubeconfig: `${FILES}/kubeconfig`, ...flags };
    const container = new PlacedContainer(image)
      .withLink(links.kubernetes, name)
      .withLink(links.vendor, name)
      .withRestrictions()
      .withFiles(files)
      .withEnvironment({ NODE_EXTRA_CA_CERTS: `${FILES}/ca.crt`, POD_NAME: name })
      .withCommand(['run', ...Object.entries(all).flatMap(([flag, value]) => [`--${flag}`, value])])
      .withExposedPorts(METRICS, HEALTH)
      .withWaitStrategy(Wait.forHttp('/livez', HEALTH, { abortOnContainerExit: true }))
      .withStartupTimeout(STARTUP_MS);
    if (memoryBytes !== undefined) container.withMemory(memoryBytes);
    const started = await startTelling(container);
    const client = await getContainerRuntimeClient();
    const raw = client.container.getById(started.getId());
    return new OperatorContainer(name, raw, client.info.containerRuntime.host, links);
  }

  private constructor(name: string, container: RawContainer, host: string, links: OperatorSettings['links']) {
    this.name = name;
    this.#container = container;
    this.#host = host;
    this.#links = links;
  }

  /** A page of the metrics or the health port. Throws when nobody answers. */
  async page(port: 'metrics' | 'health', path: string): Promise<{ readonly status: number; readonly body: string }> {
    const { NetworkSettings } = await this.#container.inspect();
    const inside = `${port === 'metrics' ? METRICS : HEALTH}/tcp`;
    const outside = NetworkSettings.Ports[inside]?.[0]?.HostPort;
    if (outside === undefined) throw new Error(`${this.name} publishes no port ${inside}: it does not run`);
    const reply = await request(`http://${this.#host}:${outside}${path}`, { signal: AbortSignal.timeout(5_000) });
    return { status: reply.statusCode, body: await reply.body.text() };
  }

  /** One sample without labels. */
  async metric(name: string): Promise<number> {
    const { body } = await this.page('metrics', '/metrics');
    const value = new RegExp(`^${name} (\\S+)$`, 'm').exec(body)?.[1];
    if (value === undefined) throw new Error(`there is no metric ${name}`);
    return Number(value);
  }

  /** Resolves once it answers that it is ready. Throws with the end of its log. */
  async ready(): Promise<void> {
    await this.#until('is ready', async () => (await this.page('health', '/readyz')).status === 200);
  }

  /** Resolves once it holds the Lease and works. */
  async leads(): Promise<void> {
    await this.#until('leads', async () => (await this.output()).includes('"msg":"leadership acquired"'));
  }

  async #until(what: string, ask: () => Promise<boolean>): Promise<void> {
    try {
      await waitFor(`${this.name} ${what}`, ask, { timeoutMs: 60_000 });
    } catch (error) {
      throw new Error(`${this.name} never ${what}:\n${(await this.output()).slice(-2_000)}`, { cause: error });
    }
  }

  /** All that it has printed since it was made. */
  async output(): Promise<string> {
    return textOf(await this.#container.logs({ stdout: true, stderr: true, follow: false }));
  }

  async kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    await this.#container.kill({ signal });
  }

  /** Starts it again after its end, as a kubelet does. */
  async startAgain(): Promise<void> {
    await this.#container.start();
  }

  /** The end of its present run. */
  async ended(): Promise<{ readonly code: number; readonly isOutOfMemory: boolean }> {
    await this.#container.wait();
    const { State } = await this.#container.inspect();
    return { code: State.ExitCode, isOutOfMemory: State.OOMKilled };
  }

  async isRunning(): Promise<boolean> {
    return (await this.#container.inspect()).State.Running;
  }

  async pause(): Promise<void> {
    await this.#container.pause();
  }

  async unpause(): Promise<void> {
    await this.#container.unpause();
  }

  /** The connection to one of the two APIs is gone; `mend` brings it back. */
  async cut(link: 'kubernetes' | 'vendor'): Promise<void> {
    await this.#links[link].cut(this.#container.id);
  }

  async mend(link: 'kubernetes' | 'vendor'): Promise<void> {
    await this.#links[link].connect(this.#container.id, this.name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#container.remove({ force: true, v: true });
  }
}

/** A container that does not come up is removed at once; the error then has the end of what it printed. */
async function startTelling(container: PlacedContainer): Promise<{ getId(): string }> {
  let output = '';
  container.withLogConsumer((stream) => stream.on('data', (piece: Buffer) => (output += piece.toString('utf8'))));
  try {
    return await container.start();
  } catch (error) {
    throw new Error(`the operator did not come up:\n${output.slice(-2_000)}`, { cause: error });
  }
}

const STARTUP_MS = 120_000;
const METRICS = 8_080;
const HEALTH = 8_081;
