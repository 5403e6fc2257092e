import { AsyncLocalStorage } from 'node:async_hooks';
import { request } from 'undici';
import type { Clock, Timer } from '../../base/clock.ts';
import { sleep } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import type { Millis } from '../../base/time.ts';
import { elapsed, seconds } from '../../base/time.ts';
import type { FinishedSpan } from './otlp.ts';
import { otlpBody } from './otlp.ts';
import type { Attributes, Span, SpanStart, Tracer } from './tracer.ts';

export interface OtlpTracerOptions {
  /** Base of the collector; `/v1/traces` is added. */
  readonly endpoint: string;
  /** Who is traced: service.name and the like. */
  readonly resource: Attributes;
  readonly clock: Clock;
  readonly random: Random;
  /** So many spans will never arrive. */
  readonly onDropped: (count: number) => void;
}

/** Some 500 bytes a span: at most about 1 MB waits for a collector. */
const SPANS_MAX = 2_048;
const BATCH_MAX = 512;
const BATCH_INTERVAL = seconds(5);
const POST_TIMEOUT = seconds(10);

/**
 * Sends spans to a collector by OTLP over HTTP, in batches and one at a time. Best effort: a batch that cannot be delivered is
 * dropped and counted, as are spans while too many wait. No work ever waits for the collector, or fails with it.
 */
export class OtlpTracer implements Tracer {
  readonly #options: OtlpTracerOptions;
  readonly #current = new AsyncLocalStorage<{ readonly traceId: string; readonly spanId: string }>();
  readonly #closing = new AbortController();
  #waiting: FinishedSpan[] = [];
  #timer: Timer | undefined;
  #sending: Promise<void> | undefined;

  constructor(options: OtlpTracerOptions) {
    this.#options = options;
  }

  span<T>(start: SpanStart, work: (span: Span) => Promise<T>): Promise<T> {
    const { clock, random } = this.#options;
    const parent = this.#current.getStore();
    const ids = { traceId: parent?.traceId ?? random.hex(16), spanId: random.hex(8) };
    const startedAt = clock.now();
    const begunAt = clock.monotonic();
    let attributes = start.attributes;
    let failure: string | undefined;
    const finish = (): void =>
      this.#add({
        ...start,
        ...ids,
        parentSpanId: parent?.spanId,
        startedAt,
        duration: elapsed(begunAt, clock.monotonic()),
        attributes,
        failure,
      });
    const span: Span = {
      set: (more) => {
        attributes = { ...attributes, ...more };
      },
      fail: (why) => {
        failure = why;
      },
    };
    return this.#current
      .run(ids, () => work(span))
      .catch((error: unknown) => {
        // Never its message, which may quote anything.
        failure ??= error instanceof Error ? error.name : 'thrown';
        throw error;
      })
      .finally(finish);
  }

  /** Sends what is left, for so long at most. Spans that end later are dropped. */
  async close(limit: Millis): Promise<void> {
    const { clock, onDropped } = this.#options;
    const over = new AbortController();
    const sent = this.#flush().finally(() => over.abort());
    await Promise.race([sent, sleep(clock, limit, over.signal)]);
    this.#closing.abort();
    this.#timer?.cancel();
    await sent;
    const left = this.#waiting.splice(0).length;
    if (left > 0) onDropped(left);
  }

  #add(span: FinishedSpan): void {
    if (this.#waiting.length >= SPANS_MAX || this.#closing.signal.aborted) {
      this.#options.onDropped(1);
      return;
    }
    this.#waiting.push(span);
    if (this.#waiting.length >= BATCH_MAX) void this.#flush();
    else this.#timer ??= this.#options.clock.setTimer(BATCH_INTERVAL, () => void this.#flush());
  }

  /** One sender at a time; who comes while it sends is taken along. Never rejects. */
  #flush(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
    });
    return this.#sending;
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#closing.signal.aborted) {
      const batch = this.#waiting.splice(0, BATCH_MAX);
      const isDelivered = await this.#post(otlpBody(this.#options.resource, batch));
      if (!isDelivered) this.#options.onDropped(batch.length);
    }
  }

  async #post(body: string): Promise<boolean> {
    const { endpoint, clock } = this.#options;
    const over = new AbortController();
    const stop = (): void => over.abort();
    const timer = clock.setTimer(POST_TIMEOUT, stop);
    this.#closing.signal.addEventListener('abort', stop, { once: true });
    try {
      const headers = { 'content-type': 'application/json' };
      const reply = await request(`${endpoint}/v1/traces`, { method: 'POST', headers, body, signal: over.signal });
      await reply.body.dump();
      return reply.statusCode >= 200 && reply.statusCode < 300;
    } catch {
      // Whatever it is, the collector does not have the batch, and nothing else depends on it.
      return false;
    } finally {
      timer.cancel();
      this.#closing.signal.removeEventListener('abort', stop);
    }
  }
}
