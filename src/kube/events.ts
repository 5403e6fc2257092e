import type { Clock, Timer } from '../base/clock.ts';
import { sleep } from '../base/clock.ts';
import { canonicalJson, sha256Hex } from '../base/hash.ts';
import type { Random } from '../base/random.ts';
import type { Instant, Millis, Monotonic } from '../base/time.ts';
import { elapsed, minutes, seconds } from '../base/time.ts';
import { backoffDelay } from './backoff.ts';
import type { ApiFailure } from './classify.ts';
import type { KubeClient, ObjectResult } from './client.ts';
import { formatMicroTime } from './micro-time.ts';
import type { KubeObject } from './object.ts';
import { EVENTS } from './resource.ts';
import { TokenBuckets } from './token-bucket.ts';

/** What happened to an object, for people. */
export interface EventNote {
  readonly regarding: KubeObject;
  readonly type: 'Normal' | 'Warning';
  /** Why, in one word of our vocabulary (UpperCamelCase, at most 128 characters). */
  readonly reason: string;
  /** What the operator did or tried, in one word. */
  readonly action: string;
  /** A sentence; cut to 1024 bytes. */
  readonly note: string;
}

export type EventDropped = 'queueFull' | 'rateLimited' | 'refused' | 'unavailable' | 'closed';

export interface EventRecorderOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  /** Who tells: `flexmetal.i3d.net/operator` and the pod's name. */
  readonly reportingController: string;
  readonly reportingInstance: string;
  readonly onDropped?: (why: EventDropped) => void;
}

const NOTE_BYTES_MAX = 1_024;
const WORD_MAX = 128;
const QUEUE_MAX = 1_000;
/** As client-go's spam filter: 25 at once for one object, then one every five minutes. */
const BUCKET = { burst: 25, refill: minutes(5) };
const BUCKETS_MAX = 4_096;
/** The same event again within this time counts up a series instead of being a new one; as client-go. */
const SERIES_IDLE_MAX = minutes(6);
/** The count of a running series is written this often at most. */
const SERIES_WRITE_EVERY = minutes(1);
const SERIES_MAX = 4_096;
const ATTEMPTS_MAX = 5;
const BACKOFF = { first: seconds(1), longest: seconds(30) };

/** One event and its repetitions. */
interface Series {
  readonly name: string;
  readonly namespace: string;
  readonly body: Readonly<Record<string, unknown>>;
  count: number;
  lastSeen: { readonly wall: Instant; readonly monotonic: Monotonic };
  writtenCount: number;
  writtenAt: Monotonic | undefined;
  isQueued: boolean;
}

/**
 * Writes Kubernetes Events (events.k8s.io/v1) beside the work: `record` returns at once and nothing that goes wrong reaches the
 * caller. The same event of the same object within six minutes is one event with a count. Events are a courtesy: when the API
 * server is away or too many happen they are dropped, and counted by `onDropped`.
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #buckets: TokenBuckets;
  /** By what makes two events the same, in order of last use. */
  readonly #series = new Map<string, Series>();
  readonly #queue = new Set<Series>();
  readonly #stopping = new AbortController();
  #sender: Promise<void> | undefined;
  #sweep: Timer | undefined;
  #isClosed = false;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#buckets = new TokenBuckets(options.clock, BUCKET, BUCKETS_MAX);
  }

  /** How many events may still be counted up as a series. */
  get seriesHeld(): number {
    return this.#series.size;
  }

  record(event: EventNote): void {
    if (this.#isClosed) {
      this.#dropped('closed');
      return;
    }
    const body = this.#bodyOf(event);
    const key = sha256Hex(
      canonicalJson([event.regarding.metadata.uid, body['type'], body['reason'], body['action'], body['note']]),
      32,
    );
    const lastSeen = { wall: this.#options.clock.now(), monotonic: this.#options.clock.monotonic() };
    const known = this.#series.get(key);
    if (known !== undefined && elapsed(known.lastSeen.monotonic, lastSeen.monotonic) < SERIES_IDLE_MAX) {
      this.#series.delete(key);
      this.#series.set(key, known);
      known.count += 1;
      known.lastSeen = lastSeen;
      this.#enqueueDue(known);
      return;
    }
    if (!this.#buckets.take(event.regarding.metadata.uid)) {
      this.#dropped('rateLimited');
      return;
    }
    this.#begin(key, event, body, lastSeen);
  }

  /** Sends what waits, for at most `timeout`; what is recorded after this is dropped. */
  async close(timeout: Millis): Promise<void> {
    this.#isClosed = true;
    this.#sweep?.cancel();
    for (const series of this.#series.values()) if (series.count > series.writtenCount) this.#enqueue(series);
    const timer = this.#options.clock.setTimer(timeout, () => this.#stopping.abort());
    await this.#sender;
    timer.cancel();
  }

  #begin(key: string, event: EventNote, body: Readonly<Record<string, unknown>>, lastSeen: Series['lastSeen']): void {
    const { metadata } = event.regarding;
    const series: Series = {
      // The object's name for people, random for the rest; 253 characters is the longest name there is.
      name: `${metadata.name.slice(0, 230)}.${this.#options.random.hex(8)}`,
      // Events on cluster-scoped objects live in `default`, which is where kubectl looks for them.
      namespace: metadata.namespace ?? 'default',
      body,
      count: 1,
      lastSeen,
      writtenCount: 0,
      writtenAt: undefined,
      isQueued: false,
    };
    this.#series.delete(key);
    this.#series.set(key, series);
    this.#dropOldSeries(lastSeen.monotonic);
    this.#enqueue(series);
  }

  /** Those that the same event would not count up any more, and what is too much. */
  #dropOldSeries(now: Monotonic): void {
    for (const [key, { lastSeen, isQueued }] of this.#series) {
      const isIdle = elapsed(lastSeen.monotonic, now) >= SERIES_IDLE_MAX && !isQueued;
      if (!isIdle && this.#series.size <= SERIES_MAX) return;
      this.#series.delete(key);
    }
  }

  /** The second one is written at once, since it tells that it is a series; later ones with the next sweep. */
  #enqueueDue(series: Series): void {
    const sinceWrite =
      series.writtenAt === undefined ? undefined : elapsed(series.writtenAt, this.#options.clock.monotonic());
    if (series.count === 2 || (sinceWrite !== undefined && sinceWrite >= SERIES_WRITE_EVERY)) this.#enqueue(series);
    else this.#armSweep();
  }

  #armSweep(): void {
    this.#sweep ??= this.#options.clock.setTimer(SERIES_WRITE_EVERY, () => {
      this.#sweep = undefined;
      for (const series of this.#series.values()) if (series.count > series.writtenCount) this.#enqueue(series);
    });
  }

  #enqueue(series: Series): void {
    if (series.isQueued) return;
    if (this.#queue.size >= QUEUE_MAX) {
      this.#dropped('queueFull');
      return;
    }
    series.isQueued = true;
    this.#queue.add(series);
    this.#sender ??= this.#send();
  }

  /** One after the other, until nothing waits. */
  async #send(): Promise<void> {
    // `record` returns before anything is sent.
    await Promise.resolve();
    for (const series of this.#queue) {
      this.#queue.delete(series);
      series.isQueued = false;
      if (this.#stopping.signal.aborted) this.#dropped('closed');
      else await this.#write(series);
    }
    this.#sender = undefined;
  }

  async #write(series: Series): Promise<void> {
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
      const { count } = series;
      const result = await this.#writeOnce(series);
      // Its name is ours alone, so one that exists already is the first try whose reply was lost.
      if (result.kind === 'ok' || result.kind === 'alreadyExists') {
        series.writtenCount = result.kind === 'ok' ? count : Math.max(1, series.writtenCount);
        series.writtenAt = this.#options.clock.monotonic();
        return;
      }
      if (!isWorthAnotherTry(result)) {
        this.#dropped('refused');
        return;
      }
      await sleep(this.#options.clock, backoffDelay(attempt, BACKOFF, this.#options.random), this.#stopping.signal);
      if (this.#stopping.signal.aborted) break;
    }
    this.#dropped('unavailable');
  }

  async #writeOnce(series: Series): Promise<ObjectResult> {
    const { client } = this.#options;
    const { namespace, name, count, lastSeen, body } = series;
    const options = { signal: this.#stopping.signal, attempts: 1 };
    const summary = count > 1 ? { series: { count, lastObservedTime: formatMicroTime(lastSeen.wall) } } : {};
    if (series.writtenCount > 0) {
      const patched = await client.mergePatch(EVENTS, { namespace, name }, summary, options);
      // Events live for an hour by default; a series that outlives its event goes on in a new one.
      if (patched.kind !== 'notFound') return patched;
    }
    return client.create(EVENTS, namespace, { ...body, metadata: { namespace, name }, ...summary }, options);
  }

  #bodyOf(event: EventNote): Readonly<Record<string, unknown>> {
    const { apiVersion, kind, metadata } = event.regarding;
    const { reportingController, reportingInstance, clock } = this.#options;
    return {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      eventTime: formatMicroTime(clock.now()),
      reportingController: reportingController.slice(0, WORD_MAX),
      reportingInstance: reportingInstance.slice(0, WORD_MAX),
      type: event.type,
      reason: event.reason.slice(0, WORD_MAX),
      action: event.action.slice(0, WORD_MAX),
      note: clipBytes(event.note, NOTE_BYTES_MAX),
      regarding: {
        apiVersion,
        kind,
        name: metadata.name,
        uid: metadata.uid,
        resourceVersion: metadata.resourceVersion,
        ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      },
    };
  }

  #dropped(why: EventDropped): void {
    this.#options.onDropped?.(why);
  }
}

function isWorthAnotherTry(failure: ApiFailure): boolean {
  return failure.kind === 'unavailable' || failure.kind === 'unauthorized' || failure.kind === 'conflict';
}

/** Cuts at a character's border, with an ellipsis, so that the UTF-8 text is no longer than `bytesMax`. */
export function clipBytes(text: string, bytesMax: number): string {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= bytesMax) return text;
  const ellipsis = '…';
  let end = bytesMax - Buffer.byteLength(ellipsis);
  // A byte 10xxxxxx continues a character.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end).toString('utf8') + ellipsis;
}
