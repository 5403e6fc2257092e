import type { Clock, Timer } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Millis, Monotonic } from '../base/time.ts';
import { elapsed, laterBy, millis, minutes } from '../base/time.ts';
import type { BackoffLimits } from './backoff.ts';
import { backoffDelay } from './backoff.ts';
import { Heap } from './heap.ts';

/**
 * What was begun goes first, so that of many objects few are half done at any time: a crash then leaves few of them in doubt.
 * Changes go before resyncs: somebody waits for them.
 */
export type Priority = 'continue' | 'change' | 'resync';

const BY_PRIORITY: readonly Priority[] = ['continue', 'change', 'resync'];
const isBefore = (left: Priority, right: Priority): boolean => BY_PRIORITY.indexOf(left) < BY_PRIORITY.indexOf(right);

export interface WorkItem<Key extends string> {
  readonly key: Key;
  readonly priority: Priority;
  /** When it was added, or became due; the first time, when it was added several times before its turn came. */
  readonly queuedAt: Monotonic;
  /** Failures in a row before this run, as counted by addRateLimited. */
  readonly failures: number;
}

/** What a metrics adapter may hear; every part is optional. */
export interface WorkQueueHooks<Key extends string> {
  added?(key: Key, priority: Priority): void;
  retried?(key: Key): void;
  started?(key: Key, waited: Millis): void;
  finished?(key: Key, took: Millis): void;
  /** The worker threw, which is a bug; the key comes back after its back-off. */
  failed?(key: Key, error: unknown): void;
}

export interface WorkQueueOptions<Key extends string> {
  readonly clock: Clock;
  readonly random: Random;
  readonly backoff?: BackoffLimits;
  readonly hooks?: WorkQueueHooks<Key>;
}

export interface WorkQueueStats {
  /** Ready to run now. */
  readonly depth: Readonly<Record<Priority, number>>;
  /** Due later. */
  readonly waiting: number;
  readonly running: number;
  /** Sum and maximum of how long what runs now has run. */
  readonly unfinished: Millis;
  readonly longestRunning: Millis;
}

const BACKOFF: BackoffLimits = { first: millis(500), longest: minutes(5) };

/** So that no stream of one priority can keep the others waiting for ever: every eighth turn belongs to each of them first. */
const TURNS_PER_ROUND = 8;
const FAVOURED: Readonly<Record<number, Priority>> = { 3: 'change', 7: 'resync' };

/** Appointments that no longer count are swept when they outnumber the others by this many. */
const STALE_APPOINTMENTS_MAX = 256;

/** A key is due at one time at most: the earliest that anybody asked for. */
interface Entry<Key extends string> {
  readonly key: Key;
  /** When to run next; undefined while it only runs, or only remembers failures. */
  due: { at: Monotonic; priority: Priority; ready: boolean } | undefined;
  runningSince: Monotonic | undefined;
  failures: number;
}

interface Appointment<Key extends string> {
  readonly at: Monotonic;
  readonly entry: Entry<Key>;
}

/**
 * Which objects to look at, and when: each key at most once in the queue and never twice at the same time; a key that is added
 * while it is worked on runs again afterwards. Every operation is O(log n) at most. Its size is bounded by the number of keys.
 */
export class WorkQueue<Key extends string> {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #backoff: BackoffLimits;
  readonly #hooks: WorkQueueHooks<Key>;
  readonly #entries = new Map<Key, Entry<Key>>();
  /** May hold entries that have become due by another way; they are passed over when their turn comes. */
  readonly #later = new Heap<Appointment<Key>>((left, right) => left.at < right.at);
  /** Insertion order is queue order, and a key can leave from the middle. */
  readonly #ready: Readonly<Record<Priority, Set<Entry<Key>>>> = {
    continue: new Set(),
    change: new Set(),
    resync: new Set(),
  };
  readonly #running = new Set<Entry<Key>>();
  #waiting = 0;
  #turn = 0;
  #timer: { readonly at: Monotonic; readonly timer: Timer } | undefined;
  #pump: (() => void) | undefined;

  constructor(options: WorkQueueOptions<Key>) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#backoff = options.backoff ?? BACKOFF;
    this.#hooks = options.hooks ?? {};
  }

  /** Due now. */
  add(key: Key, priority: Priority = 'change'): void {
    this.#schedule(key, this.#clock.monotonic(), priority);
  }

  /** Due after a delay, unless it is due earlier already. */
  addAfter(key: Key, delay: Millis, priority: Priority = 'resync'): void {
    this.#schedule(key, laterBy(this.#clock.monotonic(), millis(Math.max(0, delay))), priority);
  }

  /** Due after the key's own back-off, which doubles with each call until `forget`. */
  addRateLimited(key: Key): void {
    const entry = this.#entry(key);
    entry.failures += 1;
    this.#hooks.retried?.(key);
    this.addAfter(key, backoffDelay(entry.failures, this.#backoff, this.#random), 'change');
  }

  /** The key went well: its next back-off starts small again. */
  forget(key: Key): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    entry.failures = 0;
    this.#dropIfIdle(entry);
  }

  stats(): WorkQueueStats {
    const now = this.#clock.monotonic();
    const ages = [...this.#running].map((entry) => elapsed(entry.runningSince ?? now, now));
    return {
      depth: {
        continue: this.#ready.continue.size,
        change: this.#ready.change.size,
        resync: this.#ready.resync.size,
      },
      waiting: this.#waiting,
      running: this.#running.size,
      unfinished: millis(ages.reduce((sum, age) => sum + age, 0)),
      longestRunning: millis(Math.max(0, ...ages)),
    };
  }

  /**
   * Works until the signal fires, then begins nothing new and resolves when what was running has ended. Once at a time.
   * @param worker decides itself what comes next (addAfter, addRateLimited, forget); what it throws is a bug and is backed off
   */
  run(
    worker: (item: WorkItem<Key>) => Promise<void>,
    options: { readonly concurrency: number; readonly signal: AbortSignal },
  ): Promise<void> {
    if (this.#pump !== undefined) throw new Error('the work queue runs already');
    const { concurrency, signal } = options;
    return new Promise((resolve) => {
      const pump = (): void => {
        const hasRoom = (): boolean => !signal.aborted && this.#running.size < concurrency;
        do {
          while (hasRoom()) {
            const entry = this.#take();
            if (entry === undefined) break;
            void this.#work(entry, worker).then(pump);
          }
          if (!signal.aborted) this.#armTimer();
          // Time passes between the two: what became due in between has no timer any more and must be taken now.
        } while (hasRoom() && this.#hasReady());
        if (!signal.aborted) return;
        if (this.#running.size === 0 && this.#pump === pump) {
          this.#pump = undefined;
          resolve();
        }
      };
      const stop = (): void => {
        this.#timer?.timer.cancel();
        this.#timer = undefined;
        pump();
      };
      this.#pump = pump;
      signal.addEventListener('abort', stop, { once: true });
      pump();
    });
  }

  #schedule(key: Key, asked: Monotonic, priority: Priority): void {
    const now = this.#clock.monotonic();
    const entry = this.#entry(key);
    const known = entry.due;
    const isPromoted = known !== undefined && known.at <= now && asked <= now && isBefore(priority, known.priority);
    if (known !== undefined && known.at <= asked && !isPromoted) return;
    // What is due already keeps the time since when it waits.
    const at = isPromoted ? known.at : asked;
    this.#undue(entry);
    entry.due = { at, priority, ready: false };
    this.#waiting += 1;
    // While it runs it waits for its end.
    if (entry.runningSince === undefined) this.#queue(entry, at);
    this.#pump?.();
  }

  #queue(entry: Entry<Key>, at: Monotonic): void {
    if (at <= this.#clock.monotonic()) {
      this.#makeReady(entry);
      return;
    }
    this.#later.push({ at, entry });
    if (this.#later.size > 2 * this.#waiting + STALE_APPOINTMENTS_MAX) this.#later.retain(isCurrent);
  }

  #makeReady(entry: Entry<Key>): void {
    if (entry.due === undefined) return;
    entry.due.ready = true;
    this.#waiting -= 1;
    this.#ready[entry.due.priority].add(entry);
    this.#hooks.added?.(entry.key, entry.due.priority);
  }

  /** Takes back when an entry was due. What the heap still holds for it is passed over later. */
  #undue(entry: Entry<Key>): void {
    if (entry.due === undefined) return;
    if (entry.due.ready) this.#ready[entry.due.priority].delete(entry);
    else this.#waiting -= 1;
    entry.due = undefined;
  }

  #take(): Entry<Key> | undefined {
    this.#ripen();
    const favoured = FAVOURED[this.#turn % TURNS_PER_ROUND];
    const order = favoured === undefined ? BY_PRIORITY : [favoured, ...BY_PRIORITY];
    const priority = order.find((each) => this.#ready[each].size > 0);
    const [entry] = priority === undefined ? [] : this.#ready[priority];
    if (entry !== undefined) this.#turn += 1;
    return entry;
  }

  #hasReady(): boolean {
    return BY_PRIORITY.some((priority) => this.#ready[priority].size > 0);
  }

  /** Moves what has become due from the heap to the ready ones. */
  #ripen(): void {
    const now = this.#clock.monotonic();
    for (let next = this.#nextLater(); next !== undefined && next.at <= now; next = this.#nextLater()) {
      this.#later.pop();
      this.#makeReady(next.entry);
    }
  }

  #nextLater(): Appointment<Key> | undefined {
    for (let top = this.#later.peek(); top !== undefined; top = this.#later.peek()) {
      if (isCurrent(top)) return top;
      this.#later.pop();
    }
    return undefined;
  }

  async #work(entry: Entry<Key>, worker: (item: WorkItem<Key>) => Promise<void>): Promise<void> {
    const startedAt = this.#clock.monotonic();
    const { at: queuedAt, priority } = entry.due ?? { at: startedAt, priority: 'resync' };
    this.#undue(entry);
    entry.runningSince = startedAt;
    this.#running.add(entry);
    this.#hooks.started?.(entry.key, elapsed(queuedAt, startedAt));
    // Whoever adds a key must not find itself inside the worker.
    await Promise.resolve();
    try {
      await worker({ key: entry.key, priority, queuedAt, failures: entry.failures });
    } catch (error) {
      this.#hooks.failed?.(entry.key, error);
      this.addRateLimited(entry.key);
    }
    this.#running.delete(entry);
    entry.runningSince = undefined;
    this.#hooks.finished?.(entry.key, elapsed(startedAt, this.#clock.monotonic()));
    this.#afterRun(entry);
  }

  #afterRun(entry: Entry<Key>): void {
    if (entry.due === undefined) this.#dropIfIdle(entry);
    else this.#queue(entry, entry.due.at);
  }

  /** For the next time anything becomes due. What is due now waits for a free worker, not for a timer. */
  #armTimer(): void {
    this.#ripen();
    const next = this.#nextLater();
    if (next?.at === this.#timer?.at) return;
    this.#timer?.timer.cancel();
    this.#timer = undefined;
    if (next === undefined) return;
    const fire = (): void => {
      this.#timer = undefined;
      this.#pump?.();
    };
    this.#timer = { at: next.at, timer: this.#clock.setTimer(elapsed(this.#clock.monotonic(), next.at), fire) };
  }

  #entry(key: Key): Entry<Key> {
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    const entry: Entry<Key> = { key, due: undefined, runningSince: undefined, failures: 0 };
    this.#entries.set(key, entry);
    return entry;
  }

  /** A key that waits for nothing, does not run and has not failed leaves nothing behind. */
  #dropIfIdle(entry: Entry<Key>): void {
    if (entry.due === undefined && entry.runningSince === undefined && entry.failures === 0)
      this.#entries.delete(entry.key);
  }
}

/** An appointment counts only while it is still the one time its entry is due. */
const isCurrent = <Key extends string>({ at, entry }: Appointment<Key>): boolean =>
  entry.due?.ready === false && entry.due.at === at && entry.runningSince === undefined;
