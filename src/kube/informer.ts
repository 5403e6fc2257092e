import { sleep } from '../base/clock.ts';
import type { Clock } from '../base/clock.ts';
import type { ObjectKey } from '../base/ids.ts';
import type { Random } from '../base/random.ts';
import type { Millis } from '../base/time.ts';
import { elapsed, millis } from '../base/time.ts';
import type { KubeClient } from './client.ts';
import type { KubeObject } from './object.ts';
import type { ReflectorHooks } from './reflector.ts';
import { Reflector } from './reflector.ts';
import type { Resource } from './resource.ts';
import { ObjectStore } from './store.ts';

export interface InformerOptions {
  readonly client: KubeClient;
  readonly resource: Resource;
  /** `all` needs one list and watch for the cluster; a list of names one each. */
  readonly namespaces: 'all' | readonly string[];
  readonly clock: Clock;
  readonly random: Random;
  readonly transform?: (object: KubeObject) => KubeObject;
  readonly hooks?: ReflectorHooks & { readonly handlerFailed?: (error: unknown, key: ObjectKey) => void };
}

/** How often `whenSynced` looks. */
const SYNC_CHECK = millis(20);

/** One kind of objects in one store, from one namespace, several, or all. Subscribe to the store before the start. */
export class Informer {
  readonly store: ObjectStore;
  readonly #reflectors: readonly Reflector[];
  readonly #clock: Clock;

  constructor(options: InformerOptions) {
    const { namespaces, hooks, clock, client, random, resource } = options;
    this.#clock = clock;
    this.store = new ObjectStore((error, key) => hooks?.handlerFailed?.(error, key));
    const scopes = namespaces === 'all' ? [undefined] : [...new Set(namespaces)];
    const shared = {
      client,
      resource,
      clock,
      random,
      store: this.store,
      ...(options.transform === undefined ? {} : { transform: options.transform }),
      ...(hooks === undefined ? {} : { hooks }),
    };
    this.#reflectors = scopes.map((namespace) => new Reflector({ ...shared, namespace }));
  }

  /** Every scope has been listed whole since the start. */
  get hasSynced(): boolean {
    return this.#reflectors.every((reflector) => reflector.hasSynced);
  }

  /** How long ago the API server was last heard, for the scope where that is longest; undefined before the first contact with each. */
  age(): Millis | undefined {
    const contacts = this.#reflectors.map((reflector) => reflector.lastContactAt);
    const known = contacts.filter((at) => at !== undefined);
    if (known.length < contacts.length) return undefined;
    const now = this.#clock.monotonic();
    return millis(Math.max(0, ...known.map((at) => elapsed(at, now))));
  }

  start(): void {
    for (const reflector of this.#reflectors) reflector.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#reflectors.map((reflector) => reflector.stop()));
  }

  /** Waits for the first whole list of every scope; false when the signal fired before. */
  async whenSynced(signal: AbortSignal): Promise<boolean> {
    while (!this.hasSynced && !signal.aborted) await sleep(this.#clock, SYNC_CHECK, signal);
    return this.hasSynced;
  }
}
