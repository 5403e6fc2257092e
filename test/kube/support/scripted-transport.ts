import type { Millis } from '../../../src/base/time.ts';
import type { KubeRequest, KubeResult, KubeTransport, KubeWatch } from '../../../src/kube/transport.ts';
import { WatchBroken } from '../../../src/kube/watch-broken.ts';

type Answer<T> = T | Promise<T>;

export interface SentRequest extends KubeRequest {
  readonly timeout: Millis;
}

/** An API server of which a test says what it answers, and sees what it was asked. */
export class ScriptedTransport implements KubeTransport {
  readonly sent: SentRequest[] = [];
  readonly watches: ScriptedWatch[] = [];
  answer: (request: KubeRequest, signal: AbortSignal | undefined) => Answer<KubeResult> = () =>
    failed('no', 'unscripted');
  /** Instead of opening a watch; undefined opens one. */
  answerWatch: (request: KubeRequest) => Answer<KubeWatch | undefined> = () => undefined;

  async send(
    request: KubeRequest,
    options: { readonly timeout: Millis; readonly signal?: AbortSignal },
  ): Promise<KubeResult> {
    this.sent.push({ ...request, timeout: options.timeout });
    return this.answer(request, options.signal);
  }

  async watch(
    request: KubeRequest,
    options: { readonly idleTimeout: Millis; readonly signal: AbortSignal },
  ): Promise<KubeWatch> {
    const watch = new ScriptedWatch(request, options.signal);
    this.watches.push(watch);
    return (await this.answerWatch(request)) ?? { kind: 'open', lines: watch, close: () => watch.close() };
  }

  get lastWatch(): ScriptedWatch {
    const watch = this.watches.at(-1);
    if (watch === undefined) throw new Error('no watch was opened');
    return watch;
  }

  get openWatches(): number {
    return this.watches.filter((watch) => !watch.isClosed).length;
  }
}

export class ScriptedWatch implements AsyncIterable<unknown> {
  readonly request: KubeRequest;
  readonly #lines: unknown[] = [];
  #end: 'open' | 'ended' | WatchBroken = 'open';
  #wake: () => void = () => undefined;
  isClosed = false;

  constructor(request: KubeRequest, signal: AbortSignal) {
    this.request = request;
    signal.addEventListener('abort', () => this.break('aborted'), { once: true });
  }

  /** Ended or broken: nothing comes any more. */
  get isOver(): boolean {
    return this.#end !== 'open';
  }

  line(value: unknown): void {
    this.#lines.push(value);
    this.#wake();
  }

  end(): void {
    this.#end = 'ended';
    this.#wake();
  }

  break(reason: string): void {
    this.#end = new WatchBroken(reason);
    this.#wake();
  }

  close(): void {
    this.isClosed = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator {
    for (;;) {
      const line = this.#lines.shift();
      if (line !== undefined) yield line;
      else if (this.#end === 'ended' || this.isClosed) return;
      else if (this.#end !== 'open') throw this.#end;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

export const ok = (body: unknown, status = 200): KubeResult => ({ kind: 'reply', status, headers: {}, body });

export const failed = (sent: 'no' | 'maybe', cause = 'ECONNRESET'): KubeResult => ({ kind: 'failed', sent, cause });

export const status = (
  code: number,
  reason: string,
  more: { readonly headers?: Record<string, string>; readonly details?: unknown } = {},
): KubeResult & {
  readonly kind: 'reply';
} => ({
  kind: 'reply',
  status: code,
  headers: more.headers ?? {},
  body: {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    code,
    reason,
    message: `it is ${reason}`,
    details: more.details,
  },
});
