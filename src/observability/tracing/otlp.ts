import type { Instant, Millis } from '../../base/time.ts';
import type { Attributes, SpanStart } from './tracer.ts';

export interface FinishedSpan extends SpanStart {
  /** 16 bytes in hex. */
  readonly traceId: string;
  /** 8 bytes in hex. */
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly startedAt: Instant;
  readonly duration: Millis;
  /** Why it failed; undefined when it did not. */
  readonly failure: string | undefined;
}

const KIND = { internal: 1, client: 3 } as const satisfies Record<SpanStart['kind'], number>;
const STATUS_ERROR = { code: 2 } as const;

/**
 * A request body of OTLP over HTTP, as JSON (opentelemetry-proto 1.x, ExportTraceServiceRequest): ids in hex, times in
 * nanoseconds as text.
 */
export function otlpBody(resource: Attributes, spans: readonly FinishedSpan[]): string {
  const scopeSpans = [{ scope: { name: 'flexmetal-operator' }, spans: spans.map(wireSpan) }];
  return JSON.stringify({ resourceSpans: [{ resource: { attributes: wireAttributes(resource) }, scopeSpans }] });
}

const wireSpan = (span: FinishedSpan): object => ({
  traceId: span.traceId,
  spanId: span.spanId,
  ...(span.parentSpanId === undefined ? {} : { parentSpanId: span.parentSpanId }),
  name: span.name,
  kind: KIND[span.kind],
  startTimeUnixNano: nanoseconds(span.startedAt),
  endTimeUnixNano: nanoseconds(span.startedAt + span.duration),
  attributes: wireAttributes(span.attributes),
  status: span.failure === undefined ? {} : { ...STATUS_ERROR, message: span.failure },
});

const nanoseconds = (ms: number): string => (BigInt(Math.round(ms * 1_000)) * 1_000n).toString();

const wireAttributes = (attributes: Attributes): readonly object[] =>
  Object.entries(attributes).flatMap(([key, value]) => (value === undefined ? [] : [{ key, value: wireValue(value) }]));

function wireValue(value: string | number | boolean): object {
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'string') return { stringValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}
