import type { Clock, Timer } from '../../../src/base/clock.ts';
import type { Random } from '../../../src/base/random.ts';
import { elapsed, millis, minutes, seconds, type Millis, type Monotonic } from '../../../src/base/time.ts';
import { WatchBroken } from '../../../src/kube/watch-broken.ts';
import { freeze, toJsonObject, type JsonObject } from './json.ts';
import { apiVersionOf } from './kind.ts';
import { LineQueue } from './line-queue.ts';
import { expired } from './replies.ts';
import type { Route } from './route.ts';
import type { Change, Store } from './store.ts';

/** An open watch as the client holds it. */
export interface OpenWatch {
  readonly lines: AsyncIterable<unknown>;
  /** Gives the watch up; a reader that still waits gets a WatchBroken with this reason. */
  close(reason: 'closed' | 'aborted'): void;
}

interface Watch {
  readonly client: string;
  readonly route: Route;
  readonly queue: LineQueue<JsonObject>;
  readonly startedAfter: number;
  /** The next change of this resource to be looked at. */
  cursor: number;
  /** Half open: nothing comes through any more, not even an end. */
  isSilent: boolean;
  /** Each line comes twice. */
  isDoubled: boolean;
  lastLineAt: Monotonic;
  readonly timers: Timer[];
}

/** The real server sends one about every minute, and one shortly before it ends the watch. */
const BOOKMARK_EVERY: Millis = minutes(1);
const LAST_BOOKMARK_BEFORE_END: Millis = seconds(2);
/** The real server picks 30 to 60 minutes when the client names no time. */
const SHORTEST_WATCH: Millis = minutes(30);

const EVERYBODY = '*';

/** What a watch begins with: the changes after a revision, or a snapshot and the changes after it. */
export interface WatchStart {
  readonly after: number;
  readonly initial: readonly JsonObject[];
}

/**
 * Brings changes to watches: later than they happened, in their order, and to everybody at the same time.
 * It is the server's watch cache too: what it has published is what reads that allow old data see.
 */
export class WatchHub {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #watches = new Set<Watch>();
  readonly #frozen = new Map<string, number>();
  readonly #delay: () => Millis;
  #published: number;

  constructor(parts: {
    readonly store: Store;
    readonly clock: Clock;
    readonly random: Random;
    readonly delay: () => Millis;
  }) {
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#random = parts.random;
    this.#delay = parts.delay;
    this.#published = parts.store.revision;
  }

  /** Publishes the change, and all before it, after the delay. */
  changed(change: Change): void {
    this.#clock.setTimer(this.#delay(), () => {
      if (change.revision <= this.#published) return;
      this.#published = change.revision;
      for (const watch of this.#watches) this.#deliver(watch);
    });
  }

  /** Up to which revision this client is shown the world by watches and by reads that allow old data. */
  visibleTo(client: string): number {
    return Math.min(this.#published, this.#frozen.get(client) ?? Infinity, this.#frozen.get(EVERYBODY) ?? Infinity);
  }

  open(client: string, route: Route, start: WatchStart, idleTimeout: Millis): OpenWatch {
    const watch: Watch = {
      client,
      route,
      queue: new LineQueue(),
      startedAfter: start.after,
      cursor: firstAfter(this.#store.changesOf(route.resource), start.after),
      isSilent: false,
      isDoubled: false,
      lastLineAt: this.#clock.monotonic(),
      timers: [],
    };
    for (const object of start.initial) this.#send(watch, { type: 'ADDED', object });
    if (start.after < this.#store.compactedRevision) {
      this.#expire(watch, start.after);
    } else {
      this.#watches.add(watch);
      this.#arm(watch, idleTimeout);
      this.#deliver(watch);
    }
    return { lines: watch.queue, close: (reason) => this.#end(watch, new WatchBroken(reason)) };
  }

  /** Watches of this client (of everybody) see nothing new, as behind a cache that stands still. */
  freeze(client = EVERYBODY): void {
    if (!this.#frozen.has(client)) this.#frozen.set(client, this.#published);
  }

  thaw(client = EVERYBODY): void {
    this.#frozen.delete(client);
    for (const watch of this.#watches) this.#deliver(watch);
  }

  /** Connections break: the readers get a WatchBroken. */
  break(client = EVERYBODY): void {
    for (const watch of this.#of(client)) this.#end(watch, new WatchBroken('ECONNRESET'));
  }

  /** The server ends the watches in good order. */
  finish(client = EVERYBODY): void {
    for (const watch of this.#of(client)) this.#end(watch);
  }

  /** The server says that it has lost the place: an ERROR line with code 410, then the end. */
  expire(client = EVERYBODY): void {
    for (const watch of this.#of(client)) this.#expire(watch, this.visibleTo(watch.client));
  }

  /** Half-open connections: the watches that are open now stay silent until the reader gives them up. */
  silence(client = EVERYBODY): void {
    for (const watch of this.#of(client)) watch.isSilent = true;
  }

  /** What happens during `length` is lost; then the server says that it has lost the place. */
  miss(client: string, length: Millis): void {
    for (const watch of this.#of(client)) {
      watch.isSilent = true;
      this.#later(watch, length, () => {
        watch.isSilent = false;
        this.#expire(watch, this.visibleTo(client));
      });
    }
  }

  /** Each line comes twice during `length`; then the watch goes on from where it is now, and brings all of it again. */
  repeat(client: string, length: Millis): void {
    for (const watch of this.#of(client)) {
      const from = watch.cursor;
      watch.isDoubled = true;
      this.#later(watch, length, () => {
        watch.isDoubled = false;
        watch.cursor = Math.min(watch.cursor, from);
        this.#deliver(watch);
      });
    }
  }

  /** The reader is no more: nothing comes, nothing ends, no timer runs. */
  abandon(client: string): void {
    for (const watch of this.#of(client)) this.#forget(watch);
  }

  #of(client: string): readonly Watch[] {
    return [...this.#watches].filter((watch) => client === EVERYBODY || watch.client === client);
  }

  #deliver(watch: Watch): void {
    const changes = this.#store.changesOf(watch.route.resource);
    const visible = this.visibleTo(watch.client);
    for (;;) {
      const change = changes[watch.cursor];
      if (change === undefined || change.revision > visible) return;
      watch.cursor += 1;
      if (!isWatched(watch.route, change.key)) continue;
      const line = { type: lineType(change), object: change.object };
      this.#send(watch, line);
      if (watch.isDoubled) this.#send(watch, line);
    }
  }

  #send(watch: Watch, line: JsonObject): void {
    if (watch.isSilent) return;
    watch.lastLineAt = this.#clock.monotonic();
    watch.queue.push(freeze(line));
  }

  /**
   * As the real server: the version is that of the last change of this kind, and nothing is sent while that is not newer than where
   * the watch began. So a watch over a quiet kind may hear nothing at all for as long as it lasts.
   */
  #bookmark(watch: Watch): void {
    const last = this.#store.changesOf(watch.route.resource)[watch.cursor - 1];
    if (last === undefined || last.revision <= watch.startedAfter) return;
    const { kind } = watch.route;
    const metadata = { resourceVersion: String(last.revision) };
    this.#send(watch, { type: 'BOOKMARK', object: { kind: kind.kind, apiVersion: apiVersionOf(kind), metadata } });
  }

  #arm(watch: Watch, idleTimeout: Millis): void {
    const { allowsBookmarks, timeoutSeconds } = watch.route.query;
    const lasts =
      timeoutSeconds === undefined ? millis(SHORTEST_WATCH * (1 + this.#random.next())) : seconds(timeoutSeconds);
    this.#later(watch, lasts, () => {
      if (!watch.isSilent) this.#end(watch);
    });
    if (allowsBookmarks) {
      this.#repeat(watch, BOOKMARK_EVERY, () => this.#bookmark(watch));
      if (lasts > LAST_BOOKMARK_BEFORE_END) {
        this.#later(watch, millis(lasts - LAST_BOOKMARK_BEFORE_END), () => this.#bookmark(watch));
      }
    }
    this.#watchSilence(watch, idleTimeout, idleTimeout);
  }

  /** The client's side of the connection: one timer that looks how long ago the last line came, not one for each line. */
  #watchSilence(watch: Watch, idleTimeout: Millis, next: Millis): void {
    this.#later(watch, next, () => {
      const quiet = elapsed(watch.lastLineAt, this.#clock.monotonic());
      if (quiet >= idleTimeout) this.#end(watch, new WatchBroken('idle'));
      else this.#watchSilence(watch, idleTimeout, millis(idleTimeout - quiet));
    });
  }

  #repeat(watch: Watch, every: Millis, run: () => void): void {
    this.#later(watch, every, () => {
      run();
      this.#repeat(watch, every, run);
    });
  }

  #later(watch: Watch, delay: Millis, run: () => void): void {
    const timer = this.#clock.setTimer(delay, () => {
      watch.timers.splice(watch.timers.indexOf(timer), 1);
      if (this.#watches.has(watch)) run();
    });
    watch.timers.push(timer);
  }

  #expire(watch: Watch, revision: number): void {
    const message = `too old resource version: ${revision} (${this.#store.compactedRevision})`;
    this.#send(watch, { type: 'ERROR', object: toJsonObject(expired(message).body) });
    this.#end(watch);
  }

  #end(watch: Watch, error?: WatchBroken): void {
    this.#forget(watch);
    watch.queue.end(error);
  }

  #forget(watch: Watch): void {
    this.#watches.delete(watch);
    for (const timer of watch.timers) timer.cancel();
    watch.timers.length = 0;
  }
}

function lineType(change: Change): 'ADDED' | 'MODIFIED' | 'DELETED' {
  if (change.verb === 'create') return 'ADDED';
  return change.verb === 'delete' ? 'DELETED' : 'MODIFIED';
}

function isWatched({ namespace, query }: Route, key: string): boolean {
  const slash = key.indexOf('/');
  const isInNamespace = namespace === undefined || key.slice(0, slash) === namespace;
  return isInNamespace && (query.selectedName === undefined || key.slice(slash + 1) === query.selectedName);
}

/** Index of the first change after the revision. */
function firstAfter(changes: readonly Change[], revision: number): number {
  let low = 0;
  let high = changes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((changes[middle]?.revision ?? Infinity) > revision) high = middle;
    else low = middle + 1;
  }
  return low;
}
