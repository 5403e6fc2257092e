import { assertNever } from '../base/assert-never.ts';
import { sleep } from '../base/clock.ts';
import type { Clock } from '../base/clock.ts';
import type { ObjectKey } from '../base/ids.ts';
import type { Random } from '../base/random.ts';
import type { Millis, Monotonic } from '../base/time.ts';
import { elapsed, millis, minutes, seconds } from '../base/time.ts';
import { backoffDelay } from './backoff.ts';
import type { ApiFailure } from './classify.ts';
import { classifyFailure } from './classify.ts';
import type { KubeClient } from './client.ts';
import type { KubeObject } from './object.ts';
import { keyOf, trimObject } from './object.ts';
import type { Resource } from './resource.ts';
import type { ObjectStore } from './store.ts';
import type { KubeWatch } from './transport.ts';
import { WatchBroken } from './watch-broken.ts';
import { readWatchEvent } from './watch-event.ts';

/** Why a watch ended, or could not be opened. */
export type WatchEnd = 'closed' | 'expired' | 'broken' | 'refused' | 'stopped';

/** What logs and metrics may hear; every part is optional. `scope` is the namespace, or '' for all. */
export interface ReflectorHooks {
  listed?(seen: { readonly scope: string; readonly items: number; readonly durationMs: Millis }): void;
  listFailed?(seen: { readonly scope: string; readonly failure: ApiFailure; readonly retryIn: Millis }): void;
  watchEnded?(seen: {
    readonly scope: string;
    readonly end: WatchEnd;
    readonly cause: string;
    readonly events: number;
    readonly durationMs: Millis;
  }): void;
  /** Something in a list or watch was no object. It is passed over. */
  unreadable?(seen: { readonly scope: string; readonly count: number }): void;
}

export interface ReflectorOptions {
  readonly client: KubeClient;
  readonly resource: Resource;
  /** Undefined for the whole cluster. */
  readonly namespace: string | undefined;
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly random: Random;
  /** Trims what is kept, after what nobody needs has been left out. */
  readonly transform?: (object: KubeObject) => KubeObject;
  readonly hooks?: ReflectorHooks;
}

/** The size that client-go uses: a page of large objects stays below some MB. */
const PAGE_SIZE = 500;
/** At PAGE_SIZE this is five million objects, far above what one etcd holds: it only ends a server that never ends its list. */
const PAGES_MAX = 10_000;
/** Short, so that little time is lost when the API server is back; one small request every ten seconds burdens nobody. */
const BACKOFF = { first: millis(500), longest: seconds(10) };
/** Between lists that only lead to the next one. A list is dear, so this goes up further. */
const RELIST_BACKOFF = { first: millis(500), longest: minutes(1) };
/** The API server ends each watch after five to ten minutes, spread so that not all come back at once. */
const SERVER_TIMEOUT_LEAST = minutes(5);
/** On a quiet kind the first bookmark comes after two minutes and then one a minute (seen on 1.36), so a longer silence is a dead connection. */
const IDLE_TIMEOUT = minutes(3);
/** A watch that lived so long, or brought anything, proves that the API server is well again. */
const HEALTHY_AFTER = seconds(5);
/** After so many failures in a row to go on from a version, begin anew: the version itself may be what is wrong. */
const WATCH_FAILURES_MAX = 5;

type ListOutcome =
  | { readonly kind: 'listed'; readonly resourceVersion: string }
  | { readonly kind: 'failed'; readonly failure: ApiFailure };

type WatchOutcome =
  | { readonly kind: 'goOn' }
  | { readonly kind: 'retry'; readonly after: Millis | undefined }
  | { readonly kind: 'relist'; readonly after: undefined };

const retry: WatchOutcome = { kind: 'retry', after: undefined };
const relist: WatchOutcome = { kind: 'relist', after: undefined };

interface WatchEnded {
  readonly end: WatchEnd;
  readonly cause: string;
  readonly events: number;
  readonly outcome: WatchOutcome;
}

interface Run {
  readonly controller: AbortController;
  readonly done: Promise<void>;
}

/**
 * Keeps one kind of objects, of one namespace or of all, in a store: lists, then watches, for ever. Nothing but `stop` ends it.
 * Survives expired versions, errors inside the watch, dropped and half-open connections, and restarts of the API server.
 */
export class Reflector {
  readonly #options: ReflectorOptions;
  readonly #scope: string;
  #run: Run | undefined;
  #ended: Promise<void> = Promise.resolve();
  #synced = false;
  #contactAt: Monotonic | undefined;
  /** Lists and watches in a row that did not work. */
  #failures = 0;
  /** Lists in a row that no healthy watch followed. */
  #relists = 0;
  /** The newest version that was seen; what the next watch starts from. */
  #version = '';

  constructor(options: ReflectorOptions) {
    this.#options = options;
    this.#scope = options.namespace ?? '';
  }

  /** The store has held a complete list at least once since the start. */
  get hasSynced(): boolean {
    return this.#synced;
  }

  /**
   * When the API server was last heard: a list, an opened watch, an event or a bookmark. Its age says how old the store may be.
   * Over a still kind no bookmark need ever come; the watch is then opened anew every IDLE_TIMEOUT.
   */
  get lastContactAt(): Monotonic | undefined {
    return this.#contactAt;
  }

  /** Begins, after a former run has ended. Does nothing when it runs already. */
  start(): void {
    if (this.#run !== undefined) return;
    const controller = new AbortController();
    const done = this.#ended.then(() => this.#loop(controller.signal));
    this.#ended = done;
    this.#run = { controller, done };
  }

  /** Ends it, wherever it is; nothing changes in the store once this has resolved. */
  async stop(): Promise<void> {
    const run = this.#run;
    this.#run = undefined;
    run?.controller.abort();
    await this.#ended;
  }

  async #loop(signal: AbortSignal): Promise<void> {
    this.#synced = false;
    this.#failures = 0;
    this.#relists = 0;
    while (!signal.aborted) {
      const outcome = await this.#list(signal);
      if (signal.aborted) return;
      if (outcome.kind === 'failed') {
        await this.#waitAfterFailedList(outcome.failure, signal);
        continue;
      }
      this.#version = outcome.resourceVersion;
      this.#synced = true;
      this.#failures = 0;
      await this.#watchUntilRelist(signal);
    }
  }

  async #waitAfterFailedList(failure: ApiFailure, signal: AbortSignal): Promise<void> {
    const wait = this.#backoff(failure.kind === 'unavailable' ? failure.retryAfter : undefined);
    this.#options.hooks?.listFailed?.({ scope: this.#scope, failure, retryIn: wait });
    await sleep(this.#options.clock, wait, signal);
  }

  async #watchUntilRelist(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted && failures < WATCH_FAILURES_MAX) {
      const outcome = await this.#watch(signal);
      failures = outcome.kind === 'goOn' ? 0 : failures + 1;
      if (outcome.kind === 'goOn') continue;
      const wait = outcome.kind === 'relist' ? this.#relistBackoff() : this.#backoff(outcome.after);
      await sleep(this.#options.clock, wait, signal);
      if (outcome.kind === 'relist') return;
    }
  }

  /** Takes in page by page, so that never more than one page of untrimmed objects is held; what the whole list lacks goes at its end. */
  async #list(signal: AbortSignal): Promise<ListOutcome> {
    const { client, resource, namespace, clock } = this.#options;
    const startedAt = clock.monotonic();
    const listed = new Set<ObjectKey>();
    let continueToken: string | undefined;
    let unreadable = 0;
    for (let pages = 0; pages < PAGES_MAX; pages += 1) {
      const page = await client.listPage(
        resource,
        { namespace, limit: PAGE_SIZE, continueToken },
        { signal, attempts: 1 },
      );
      if (page.kind !== 'page') return { kind: 'failed', failure: page };
      if (signal.aborted) break;
      this.#touch();
      unreadable += page.unreadable;
      for (const object of page.items) {
        listed.add(keyOf(object));
        this.#upsert(object);
      }
      continueToken = page.continueToken;
      if (continueToken !== undefined) continue;
      // An item that cannot be read is still there: while there is one, absence from the list proves nothing.
      if (unreadable === 0) this.#removeUnlisted(listed);
      else this.#options.hooks?.unreadable?.({ scope: this.#scope, count: unreadable });
      this.#options.hooks?.listed?.({
        scope: this.#scope,
        items: listed.size,
        durationMs: elapsed(startedAt, clock.monotonic()),
      });
      return { kind: 'listed', resourceVersion: page.resourceVersion };
    }
    return { kind: 'failed', failure: { kind: 'invalid', code: 0, message: 'the list was not finished', causes: [] } };
  }

  #removeUnlisted(listed: ReadonlySet<ObjectKey>): void {
    const { store, namespace } = this.#options;
    for (const object of store.list()) {
      const isOurs = namespace === undefined || object.metadata.namespace === namespace;
      if (isOurs && !listed.has(keyOf(object))) store.remove(object);
    }
  }

  /** One watch from the newest version seen, until it ends. */
  async #watch(signal: AbortSignal): Promise<WatchOutcome> {
    const { client, resource, namespace, clock, random, hooks } = this.#options;
    const startedAt = clock.monotonic();
    const serverTimeout = millis(SERVER_TIMEOUT_LEAST * (1 + random.next()));
    const watch = await client.watch(resource, {
      namespace,
      resourceVersion: this.#version,
      serverTimeout,
      idleTimeout: IDLE_TIMEOUT,
      signal,
    });
    const { end, cause, events, outcome } = await this.#follow(watch, signal);
    const durationMs = elapsed(startedAt, clock.monotonic());
    hooks?.watchEnded?.({ scope: this.#scope, end, cause, events, durationMs });
    const isLong = durationMs >= HEALTHY_AFTER;
    const wasHealthy = isLong && watch.kind === 'open';
    if (events > 0 || wasHealthy) {
      this.#failures = 0;
      this.#relists = 0;
    }
    // What was cut after a healthy life goes on at once; what ends quickly is slowed down, or it would spin.
    return outcome.kind === 'retry' && wasHealthy ? { kind: 'goOn' } : outcome;
  }

  async #follow(watch: KubeWatch, signal: AbortSignal): Promise<WatchEnded> {
    switch (watch.kind) {
      case 'open':
        this.#touch();
        return this.#followLines(watch.lines, () => watch.close(), signal);
      case 'failed':
        return { end: signal.aborted ? 'stopped' : 'broken', cause: watch.cause, events: 0, outcome: retry };
      case 'reply': {
        const failure = classifyFailure(watch, this.#options.clock.now());
        const cause = failure.kind === 'unavailable' ? failure.cause : failure.kind;
        return {
          end: failure.kind === 'gone' ? 'expired' : 'refused',
          cause,
          events: 0,
          outcome: afterRefusal(failure),
        };
      }
      default:
        return assertNever(watch, 'watch');
    }
  }

  async #followLines(lines: AsyncIterable<unknown>, close: () => void, signal: AbortSignal): Promise<WatchEnded> {
    let events = 0;
    try {
      for await (const line of lines) {
        if (signal.aborted) break;
        this.#touch();
        const outcome = this.#takeIn(line);
        if (outcome !== undefined)
          return { end: outcome.kind === 'relist' ? 'expired' : 'refused', cause: 'ERROR event', events, outcome };
        events += 1;
      }
    } catch (error) {
      // Events may be missing, but only after the version that was seen last: going on from there brings them.
      const cause = error instanceof WatchBroken ? error.reason : String(error);
      return { end: signal.aborted ? 'stopped' : 'broken', cause, events, outcome: retry };
    } finally {
      close();
    }
    return signal.aborted
      ? { end: 'stopped', cause: 'stopped', events, outcome: retry }
      : { end: 'closed', cause: 'closed by the server', events, outcome: retry };
  }

  /** Takes in one line; an outcome ends the watch. */
  #takeIn(line: unknown): WatchOutcome | undefined {
    const event = readWatchEvent(line);
    switch (event.kind) {
      case 'upserted':
        this.#upsert(event.object);
        this.#version = event.object.metadata.resourceVersion;
        return undefined;
      case 'deleted':
        this.#options.store.remove(this.#trimmed(event.object));
        this.#version = event.object.metadata.resourceVersion;
        return undefined;
      case 'bookmark':
        this.#version = event.resourceVersion;
        return undefined;
      case 'error':
        // 410, 500, or none at all: only a fresh list is sure to be right. Too many requests is about us, not about the version.
        return event.status?.code === 429 ? retry : relist;
      case 'unreadable':
        this.#options.hooks?.unreadable?.({ scope: this.#scope, count: 1 });
        return undefined;
      default:
        return assertNever(event, 'watch event');
    }
  }

  #upsert(object: KubeObject): void {
    this.#options.store.upsert(this.#trimmed(object));
  }

  #trimmed(object: KubeObject): KubeObject {
    const trimmed = trimObject(object);
    try {
      return this.#options.transform?.(trimmed) ?? trimmed;
    } catch {
      // A bug over one object; it is kept as it is, and named.
      this.#options.hooks?.unreadable?.({ scope: this.#scope, count: 1 });
      return trimmed;
    }
  }

  #backoff(retryAfter: Millis | undefined): Millis {
    this.#failures += 1;
    return millis(Math.max(retryAfter ?? 0, backoffDelay(this.#failures, BACKOFF, this.#options.random)));
  }

  /** The API server is there and has said that a list is needed, so how long it was away before does not count. */
  #relistBackoff(): Millis {
    this.#relists += 1;
    return backoffDelay(this.#relists, RELIST_BACKOFF, this.#options.random);
  }

  #touch(): void {
    this.#contactAt = this.#options.clock.monotonic();
  }
}

/** What to do when the API server did not open the watch. */
function afterRefusal(failure: ApiFailure): WatchOutcome {
  switch (failure.kind) {
    case 'gone':
    case 'invalid':
    case 'notFound':
      return relist;
    case 'unavailable':
      // 504 also says that the version is from a future that a restored API server does not know; WATCH_FAILURES_MAX ends that.
      return { kind: 'retry', after: failure.retryAfter };
    case 'alreadyExists':
    case 'conflict':
    case 'unauthorized':
    case 'forbidden':
      return retry;
    default:
      return assertNever(failure, 'refusal of a watch');
  }
}
