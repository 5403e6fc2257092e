/** What is said about a span. Names of objects, ids and outcomes only: nothing that a `Secret` could hold. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

export interface SpanStart {
  readonly name: string;
  /** `client`: a call to another program. */
  readonly kind: 'internal' | 'client';
  readonly attributes: Attributes;
  /** Begins a trace of its own, whatever it begins within: a pass that another one woke up is no part of that. */
  readonly isRoot?: boolean;
}

export interface Span {
  /** Adds or replaces; an undefined value says nothing. */
  set(attributes: Attributes): void;
  /** Marks the span as failed. `why`: a fixed word or an error code. */
  fail(why: string): void;
}

/** How work is traced. */
export interface Tracer {
  /**
   * Begins the work before it returns, and gives what the work gives. Spans that begin within the work are children of this one,
   * until it has ended: what the work leaves behind, a timer or a loop, goes on by itself.
   * Never throws and never waits by itself.
   */
  span<T>(start: SpanStart, work: (span: Span) => Promise<T>): Promise<T>;
}

/** Says nothing to nobody. */
export const NO_SPAN: Span = { set: () => undefined, fail: () => undefined };

/** Traces nothing. */
export const NO_TRACES: Tracer = { span: (_start, work) => work(NO_SPAN) };
