import { AsyncLocalStorage } from 'node:async_hooks';
import type { Context, HrTime } from '@opentelemetry/api';
import * as otel from '@opentelemetry/api';
import { ExportResultCode } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Clock } from '../../base/clock.ts';
import { sleep } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import type { Instant, Millis, Monotonic } from '../../base/time.ts';
import { elapsed } from '../../base/time.ts';
import type { Attributes, Span, SpanStart, Tracer } from './tracer.ts';
import { NO_SPAN } from './tracer.ts';

export interface OtelTracerOptions {
  /** Base of the collector; `/v1/traces` is added. */
  readonly endpoint: string;
  /** Who is traced: service.name and the like. What OTEL_RESOURCE_ATTRIBUTES says besides is added. */
  readonly resource: Attributes;
  readonly clock: Clock;
  readonly random: Random;
  /** So many spans will never arrive. */
  readonly onDropped: (count: number) => void;
  /** Something in the OTEL_* variables is not understood, and is left out. */
  readonly onMisconfigured: (problem: string) => void;
}

/** A moment on both clocks. All times of a trace count from one, so that no span begins before its parent or after its parent's end. */
interface Origin {
  readonly wall: Instant;
  readonly monotonic: Monotonic;
}

/** The span that work runs in. Node keeps it for all that the work has set in motion, long after it has ended. */
interface Enclosing {
  readonly context: Context;
  readonly origin: Origin;
  isFailed: boolean;
  isOver: boolean;
}

/** Of spans that wait for the collector or are on their way to it. */
const SPANS_MAX = 2_048;

/**
 * Traces with the SDK of OpenTelemetry: spans go to a collector by OTLP over HTTP, in batches. Its OTEL_* variables choose samples,
 * headers, compression, certificates and the pace; the endpoint is ours.
 * Best effort: what cannot be delivered is dropped and counted, as are spans while too many wait. No work ever waits for the
 * collector, or fails with it. Nothing global is set: the context of a span is kept here.
 */
export class OtelTracer implements Tracer {
  readonly #options: OtelTracerOptions;
  readonly #current = new AsyncLocalStorage<Enclosing>();
  readonly #provider: BasicTracerProvider;
  readonly #tracer: otel.Tracer;
  /** Ended and not heard of yet. */
  #waiting = 0;
  #isClosing = false;
  #isOver = false;

  constructor(options: OtelTracerOptions) {
    this.#options = options;
    const { resource, random } = options;
    // The SDK says what it does not understand to its diagnostics only, and failed deliveries as well, which are counted here.
    const stopListening = listenTo(options.onMisconfigured);
    const exporter = new OTLPTraceExporter({ url: `${options.endpoint}/v1/traces` });
    const batches = new BatchSpanProcessor(this.#counted(exporter), { maxQueueSize: SPANS_MAX });
    this.#provider = new BasicTracerProvider({
      resource: defaultResource()
        .merge(detectResources({ detectors: [envDetector] }))
        .merge(resourceFromAttributes(resource)),
      idGenerator: { generateTraceId: () => random.hex(16), generateSpanId: () => random.hex(8) },
      spanProcessors: [this.#bounded(batches)],
    });
    stopListening();
    this.#tracer = this.#provider.getTracer('flexmetal-operator');
  }

  span<T>(start: SpanStart, work: (span: Span) => Promise<T>): Promise<T> {
    const begun = this.#quietly(() => this.#begin(start));
    if (begun === undefined) return work(NO_SPAN);
    const { within, span, end } = begun;
    return this.#current
      .run(within, () => work(span))
      .catch((error: unknown) => {
        // Never its message, which may quote anything.
        if (!within.isFailed) span.fail(error instanceof Error ? error.name : 'thrown');
        throw error;
      })
      .finally(end);
  }

  #begin(start: SpanStart): { readonly within: Enclosing; readonly span: Span; readonly end: () => void } {
    const { clock } = this.#options;
    const around = start.isRoot === true ? undefined : this.#current.getStore();
    const { context: parent, origin } =
      around === undefined || around.isOver
        ? { context: otel.ROOT_CONTEXT, origin: { wall: clock.now(), monotonic: clock.monotonic() } }
        : around;
    const now = (): HrTime => timeOf(origin.wall + elapsed(origin.monotonic, clock.monotonic()));
    const traced = this.#tracer.startSpan(
      start.name,
      { kind: KIND[start.kind], attributes: start.attributes, startTime: now() },
      parent,
    );
    const within: Enclosing = { context: otel.trace.setSpan(parent, traced), origin, isFailed: false, isOver: false };
    return {
      within,
      span: {
        set: (attributes) => void this.#quietly(() => traced.setAttributes(attributes)),
        fail: (why) => {
          within.isFailed = true;
          this.#quietly(() => traced.setStatus({ code: otel.SpanStatusCode.ERROR, message: why }));
        },
      },
      end: () => {
        within.isOver = true;
        this.#quietly(() => traced.end(now()));
      },
    };
  }

  /** Nothing that goes wrong here may take the place of what the work came to: that could be the reply to an order. */
  #quietly<T>(tell: () => T): T | undefined {
    try {
      return tell();
    } catch {
      this.#options.onDropped(1);
      return undefined;
    }
  }

  /** Sends what is left, for so long at most. Spans that end later are dropped. */
  async close(limit: Millis): Promise<void> {
    const { clock, onDropped } = this.#options;
    this.#isClosing = true;
    const over = new AbortController();
    const sent = this.#provider
      .shutdown()
      // Its own calls of onDropped say what was lost.
      .catch(() => undefined)
      .finally(() => over.abort());
    await Promise.race([sent, sleep(clock, limit, over.signal)]);
    this.#isOver = true;
    if (this.#waiting > 0) onDropped(this.#waiting);
  }

  /** Lets as many spans wait as may, and drops the rest. */
  #bounded(next: SpanProcessor): SpanProcessor {
    return {
      onStart: (span, parent) => next.onStart(span, parent),
      onEnd: (span) => {
        if ((span.spanContext().traceFlags & otel.TraceFlags.SAMPLED) === 0) return;
        if (this.#isClosing || this.#waiting >= SPANS_MAX) {
          this.#options.onDropped(1);
          return;
        }
        this.#waiting += 1;
        next.onEnd(span);
      },
      forceFlush: () => next.forceFlush(),
      shutdown: () => next.shutdown(),
    };
  }

  #counted(exporter: SpanExporter): SpanExporter {
    return {
      export: (spans: ReadableSpan[], done) =>
        exporter.export(spans, (result) => {
          this.#waiting -= spans.length;
          if (result.code !== ExportResultCode.SUCCESS && !this.#isOver) this.#options.onDropped(spans.length);
          done(result);
        }),
      shutdown: () => exporter.shutdown(),
    };
  }
}

const KIND = { internal: otel.SpanKind.INTERNAL, client: otel.SpanKind.CLIENT } as const satisfies Record<
  SpanStart['kind'],
  otel.SpanKind
>;

/** Seconds and nanoseconds: a plain number would be taken for a time since the start of the process when it is small enough. */
const timeOf = (ms: number): HrTime => [Math.floor(ms / 1_000), Math.round((ms % 1_000) * 1e6)];

/** @returns ends it */
function listenTo(onProblem: (problem: string) => void): () => void {
  const quiet = (): void => undefined;
  // Addresses are left out: there may be a password in one.
  const tell = (problem: string): void => onProblem(problem.replaceAll(/[a-z]+:\/\/[^\s'"]+/gi, '<url>'));
  otel.diag.setLogger(
    { error: tell, warn: tell, info: quiet, debug: quiet, verbose: quiet },
    { logLevel: otel.DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  return () => otel.diag.disable();
}
