import type { Clock } from '../../../src/base/clock.ts';
import type { Random } from '../../../src/base/random.ts';
import { millis, type Millis } from '../../../src/base/time.ts';
import type { KubeRequest, KubeTransport } from '../../../src/kube/transport.ts';
import { BUILTIN_KINDS } from './builtin-kinds.ts';
import { ClientTransport } from './client-transport.ts';
import { projectKinds } from './crd-kind.ts';
import type { FaultPlan } from './faults.ts';
import type { JsonObject } from './json.ts';
import { kindName, type Kind, type KindName } from './kind.ts';
import { internalError, noSuchPath, type Reply } from './replies.ts';
import { carryOut } from './requests.ts';
import { readRoute, type Route, type RouteResult } from './route.ts';
import { Store, type Change } from './store.ts';
import { Traffic } from './traffic.ts';
import { WatchHub, type OpenWatch, type WatchStart } from './watch-hub.ts';

export interface ApiServerOptions {
  readonly clock: Clock;
  /** Makes uids and the length of watches. */
  readonly random: Random;
  /** Custom kinds; those of crds/ when left out. */
  readonly kinds?: readonly Kind[];
  /** How long a request and its reply are on their way, and how much later than a write a watch hears of it. */
  readonly latency?: { readonly request: Millis; readonly reply: Millis; readonly watch: Millis | (() => Millis) };
}

const DEFAULT_LATENCY = { request: millis(1), reply: millis(1), watch: millis(5) } as const;

/**
 * A Kubernetes API server in memory, for simulations: as the real one for what an operator sees (test/cluster/api-server-contract.test.ts
 * compares the two), with time and chance as parameters, every way of failing at hand, and the whole history kept.
 * It runs no CEL rules, no admission beyond "the namespace exists", and throws NotSimulated for what it does not know.
 */
export class ApiServer {
  readonly clock: Clock;
  readonly traffic = new Traffic();
  readonly latency: { readonly request: Millis; readonly reply: Millis };
  readonly #random: Random;
  readonly #kinds: ReadonlyMap<KindName, Kind>;
  readonly #store: Store;
  readonly #hub: WatchHub;
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #dead = new Set<string>();
  #isUp = true;

  constructor(options: ApiServerOptions) {
    const { clock, random, latency = DEFAULT_LATENCY } = options;
    const kinds = [...BUILTIN_KINDS, ...(options.kinds ?? projectKinds())];
    this.clock = clock;
    this.latency = latency;
    this.#random = random;
    this.#kinds = new Map(kinds.map((kind) => [kindName(kind), kind]));
    this.#store = new Store(kinds, (change) => this.#changed(change));
    const { watch } = latency;
    this.#hub = new WatchHub({
      store: this.#store,
      clock,
      random,
      delay: typeof watch === 'function' ? watch : () => watch,
    });
    for (const namespace of ['default', 'kube-system']) this.addNamespace(namespace);
  }

  /** A client's connection to this server. Two transports of one client share its fate (`kill`) and its call count. */
  transportFor(client: string, faults: FaultPlan = () => undefined): KubeTransport {
    return new ClientTransport(this, client, faults);
  }

  /** Carries a request out, at once and without network. What clients do goes through their transports. */
  handle(by: string, request: KubeRequest): Reply {
    const found = this.route(request);
    if (found.kind !== 'route') return noSuchPath();
    const { route } = found;
    const before = this.#store.revision;
    const reply = carryOut({
      store: this.#store,
      random: this.#random,
      now: this.clock.now(),
      by,
      route,
      request,
      cacheRevision: this.#hub.visibleTo(by),
    });
    this.traffic.count(
      { client: by, verb: route.verb, resource: route.resource, endpoint: route.endpoint },
      this.#store.revision !== before,
    );
    return reply;
  }

  /** Opens a watch, or says why not. `idleTimeout` is the client's. */
  openWatch(by: string, route: Route, idleTimeout: Millis): OpenWatch | Reply {
    this.traffic.count({ client: by, verb: 'watch', resource: route.resource, endpoint: 'main' }, false);
    const asked = route.query.resourceVersion;
    // A version of the future is waited for; what is no version at all is an error that the real server did not foresee.
    if (asked !== undefined && !/^\d+$/.test(asked)) return internalError(`resourceVersion: Invalid value: "${asked}"`);
    return this.#hub.open(by, route, this.#watchStart(by, route, Number(asked ?? '')), idleTimeout);
  }

  route(request: Pick<KubeRequest, 'method' | 'path'>): RouteResult {
    return readRoute(this.#kinds, request);
  }

  /** Every change of every object, oldest first. */
  get history(): readonly Change[] {
    return this.#store.history;
  }

  /** The object as it is now. `key` is `namespace/name`, or `/name` for cluster-scoped ones. */
  read(resource: KindName, key: string): JsonObject | undefined {
    return this.#store.read(resource, key);
  }

  /** All objects of a resource as they are now. */
  all(resource: KindName): readonly JsonObject[] {
    return this.#store.snapshot(resource, '', this.#store.revision).objects.map(({ object }) => object);
  }

  get revision(): number {
    return this.#store.revision;
  }

  get kinds(): readonly Kind[] {
    return [...this.#kinds.values()];
  }

  /** Calls the listener with each change, at the instant of the change. @returns how to stop that */
  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  addNamespace(name: string): void {
    if (this.read('namespaces', `/${name}`) !== undefined) return;
    const body = JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    const reply = this.handle('user', {
      method: 'POST',
      path: '/api/v1/namespaces',
      contentType: 'application/json',
      body,
    });
    if (reply.status !== 201) throw new Error(`no namespace ${name}: ${JSON.stringify(reply.body)}`);
  }

  /** Forgets everything before now: older watches, continue tokens and versions are answered with 410. */
  compact(): void {
    this.#store.compact();
  }

  /** The client is dead from now on: no call of it, begun or to come, ever ends. What it has sent still arrives. */
  kill(client: string): void {
    this.#dead.add(client);
    this.#hub.abandon(client);
  }

  isDead(client: string): boolean {
    return this.#dead.has(client);
  }

  /** The server is gone: connections break, new ones are refused. Its data stays. */
  goDown(): void {
    this.#isUp = false;
    this.#hub.break();
  }

  comeUp(): void {
    this.#isUp = true;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Watches, and reads that allow old data, stand still for this client (for all); bookmarks go on. */
  freezeWatches(client?: string): void {
    this.#hub.freeze(client);
  }

  thawWatches(client?: string): void {
    this.#hub.thaw(client);
  }

  /** Open watches break with a connection error. */
  breakWatches(client?: string): void {
    this.#hub.break(client);
  }

  /** Open watches end in good order. */
  endWatches(client?: string): void {
    this.#hub.finish(client);
  }

  /** Open watches get an ERROR line with code 410 and end. */
  expireWatches(client?: string): void {
    this.#hub.expire(client);
  }

  /** Open watches go half open: silent, without an end, until the client gives them up. */
  silenceWatches(client?: string): void {
    this.#hub.silence(client);
  }

  /** Open watches lose all that happens during `length`; then they get an ERROR line with code 410 and end. */
  missWatches(client: string, length: Millis): void {
    this.#hub.miss(client, length);
  }

  /**
   * Open watches bring each line twice during `length`; then all since now once more, in its order, as a watch does that goes
   * on at a server whose cache lags.
   */
  repeatWatches(client: string, length: Millis): void {
    this.#hub.repeat(client, length);
  }

  #watchStart(by: string, route: Route, asked: number): WatchStart {
    if (asked > 0) return { after: asked, initial: [] };
    const revision = route.query.resourceVersion === undefined ? this.#store.revision : this.#hub.visibleTo(by);
    const prefix = route.namespace === undefined ? '' : `${route.namespace}/`;
    const name = route.query.selectedName;
    const initial = this.#store
      .snapshot(route.resource, prefix, revision)
      .objects.filter(({ key }) => name === undefined || key.endsWith(`/${name}`))
      .map(({ object }) => object);
    return { after: revision, initial };
  }

  #changed(change: Change): void {
    this.#hub.changed(change);
    for (const listener of this.#listeners) listener(change);
  }
}
