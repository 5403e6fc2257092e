import type { KubeConfig } from '@kubernetes/client-node';
import type { Dispatcher } from 'undici';
import { Agent, ProxyAgent, Socks5ProxyAgent } from 'undici';
import type { Clock, Timer } from '../base/clock.ts';
import type { Millis, Monotonic } from '../base/time.ts';
import { elapsed, seconds } from '../base/time.ts';
import type { Connection } from './credentials.ts';
import { readConnection } from './credentials.ts';
import { JsonLines } from './lines.ts';
import type { KubeRequest, KubeResult, KubeTransport, KubeWatch } from './transport.ts';
import { WatchBroken } from './watch-broken.ts';

export interface UndiciTransportOptions {
  /** Called at the start, and again when the credentials were refused: whatever it reads is then read anew. */
  readonly loadConfig: () => KubeConfig;
  readonly clock: Clock;
  readonly userAgent: string;
}

/** A page of 500 objects of 64 KiB; more than that is no answer to anything asked here. */
const REPLY_BYTES_MAX = 64 * 1024 * 1024;
/** Refused credentials are read again this often at most: an exec plugin may be slow, and may be rate limited itself. */
const RELOAD_EVERY: Millis = seconds(5);
/** Below the 90 s after which the API server closes an idle connection, and the 60 s of many load balancers. */
const KEEP_ALIVE: Millis = seconds(30);

type Reply = Extract<KubeResult, { kind: 'reply' }>;
type Failed = Extract<KubeResult, { kind: 'failed' }>;

interface Opened {
  readonly kind: 'opened';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array> & { destroy(error?: Error): unknown };
}

/**
 * Requests to the API server over kept HTTP/1.1 connections: one undici agent for each set of CA, certificate and key, changed when
 * they change. HTTP/1.1, because over HTTP/2 all requests share one connection and one half-open link would stall them all.
 */
export class UndiciTransport implements KubeTransport {
  readonly #options: UndiciTransportOptions;
  #config: KubeConfig | undefined;
  #loadedAt: Monotonic | undefined;
  #current: { readonly hash: string; readonly dispatcher: Dispatcher } | undefined;
  readonly #dispatchers = new Set<Dispatcher>();
  #isClosed = false;

  constructor(options: UndiciTransportOptions) {
    this.#options = options;
  }

  async send(
    request: KubeRequest,
    options: { readonly timeout: Millis; readonly signal?: AbortSignal },
  ): Promise<KubeResult> {
    const deadline = new Deadline(this.#options.clock, options.timeout, options.signal);
    try {
      const opened = await this.#open(request, deadline);
      return opened.kind === 'failed' ? opened : await readReply(opened, deadline);
    } finally {
      deadline.end();
    }
  }

  async watch(
    request: KubeRequest,
    options: { readonly idleTimeout: Millis; readonly signal: AbortSignal },
  ): Promise<KubeWatch> {
    const deadline = new Deadline(this.#options.clock, options.idleTimeout, options.signal);
    const opened = await this.#open(request, deadline);
    if (opened.kind === 'failed' || opened.status !== 200) {
      const result = opened.kind === 'failed' ? opened : await readReply(opened, deadline);
      deadline.end();
      return result.kind === 'failed' ? { kind: 'failed', cause: result.cause } : result;
    }
    const close = (): void => {
      deadline.abort('closed');
      deadline.end();
    };
    return { kind: 'open', lines: readLines(opened, deadline, options.idleTimeout), close };
  }

  /** Ends all connections at once, open watches included. Nothing can be sent afterwards. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#current = undefined;
    await Promise.all([...this.#dispatchers].map((dispatcher) => dispatcher.destroy()));
  }

  /** Sends it, and once more with new credentials when the ones at hand were refused and others are to be had. */
  async #open(request: KubeRequest, deadline: Deadline): Promise<Opened | Failed> {
    const first = await this.#credentials(deadline);
    if ('kind' in first) return first;
    const opened = await this.#request(request, first, deadline);
    if (opened.kind === 'failed') {
      // A certificate in the kubeconfig itself may have been replaced.
      if (opened.sent === 'no' && !deadline.signal.aborted) this.#reload();
      return opened;
    }
    if (opened.status !== 401) return opened;
    this.#reload();
    const second = await this.#credentials(deadline);
    if ('kind' in second || !isOther(first, second)) return opened;
    // Read to its end, so that the connection can be used again.
    await readReply(opened, deadline);
    return this.#request(request, second, deadline);
  }

  async #credentials(deadline: Deadline): Promise<Connection | Failed> {
    try {
      this.#config ??= this.#load();
      return await deadline.race(readConnection(this.#config));
    } catch (error) {
      return { kind: 'failed', sent: 'no', cause: deadline.cause ?? `credentials: ${codeOf(error)}` };
    }
  }

  #load(): KubeConfig {
    this.#loadedAt = this.#options.clock.monotonic();
    return this.#options.loadConfig();
  }

  /** Forgets what was read, so that the next request reads it anew. */
  #reload(): void {
    const now = this.#options.clock.monotonic();
    if (this.#loadedAt === undefined || elapsed(this.#loadedAt, now) >= RELOAD_EVERY) this.#config = undefined;
  }

  async #request(request: KubeRequest, connection: Connection, deadline: Deadline): Promise<Opened | Failed> {
    if (this.#isClosed) return { kind: 'failed', sent: 'no', cause: 'closed' };
    let isStarted = false;
    const dispatcher = this.#dispatcher(connection).compose(tellStart(() => (isStarted = true)));
    try {
      const reply = await dispatcher.request({
        origin: connection.origin,
        path: connection.basePath + request.path,
        method: request.method,
        headers: {
          ...connection.headers,
          accept: 'application/json',
          'user-agent': this.#options.userAgent,
          ...(request.contentType === undefined ? {} : { 'content-type': request.contentType }),
        },
        body: request.body ?? null,
        signal: deadline.signal,
        // The deadline, made from our clock, is the only time-out.
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      return { kind: 'opened', status: reply.statusCode, headers: flatten(reply.headers), body: reply.body };
    } catch (error) {
      return { kind: 'failed', sent: isStarted ? 'maybe' : 'no', cause: deadline.cause ?? codeOf(error) };
    }
  }

  #dispatcher(connection: Connection): Dispatcher {
    if (this.#current?.hash === connection.hash) return this.#current.dispatcher;
    const former = this.#current?.dispatcher;
    const dispatcher = newDispatcher(connection);
    this.#current = { hash: connection.hash, dispatcher };
    this.#dispatchers.add(dispatcher);
    // What runs on the old connections ends in peace.
    if (former !== undefined) void former.close().then(() => this.#dispatchers.delete(former));
    return dispatcher;
  }
}

/** One time-out over several steps; it can be set anew while bytes come. */
class Deadline {
  readonly #controller = new AbortController();
  readonly #clock: Clock;
  readonly #outer: AbortSignal | undefined;
  readonly #onOuter = (): void => this.abort('aborted');
  #timer: Timer | undefined;
  #cause: string | undefined;

  constructor(clock: Clock, timeout: Millis, outer: AbortSignal | undefined) {
    this.#clock = clock;
    this.#outer = outer;
    this.extend(timeout, 'timeout');
    if (outer?.aborted === true) this.abort('aborted');
    outer?.addEventListener('abort', this.#onOuter, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Why it fired, in a word; undefined as long as it has not. */
  get cause(): string | undefined {
    return this.#cause;
  }

  extend(timeout: Millis, cause: string): void {
    this.#timer?.cancel();
    this.#timer = this.#clock.setTimer(timeout, () => this.abort(cause));
  }

  abort(cause: string): void {
    if (this.#controller.signal.aborted) return;
    this.#cause = cause;
    this.#controller.abort();
  }

  /** Nothing fires any more, and nothing is left behind. */
  end(): void {
    this.#timer?.cancel();
    this.#outer?.removeEventListener('abort', this.#onOuter);
  }

  /** For work that takes no signal: leaves it behind when the time is over. */
  race<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const stop = (): void => reject(new Error('aborted'));
      if (this.signal.aborted) stop();
      this.signal.addEventListener('abort', stop, { once: true });
      work.then(resolve, reject).finally(() => this.signal.removeEventListener('abort', stop));
    });
  }
}

function newDispatcher({ tls, proxyUrl }: Connection): Dispatcher {
  const shared = { allowH2: false, keepAliveTimeout: KEEP_ALIVE };
  const throughProxy = { ...tls, allowH2: false };
  // TCP keep-alive as client-go: 30 s stays below the idle time-outs of load balancers.
  const connect = { keepAlive: true, keepAliveInitialDelay: 30_000 };
  if (proxyUrl === undefined) return new Agent({ ...shared, connect: { ...tls, ...connect } });
  if (proxyUrl.startsWith('socks')) return new Socks5ProxyAgent(proxyUrl, { ...shared, requestTls: throughProxy });
  return new ProxyAgent({ ...shared, uri: proxyUrl, requestTls: throughProxy, connect });
}

/**
 * Tells when a request is about to be written to a connection. Before that it cannot have arrived, whatever the error is;
 * after that it may have. Error codes do not tell: a reset can come from either side of it.
 */
function tellStart(onStart: () => void): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) =>
    dispatch(options, {
      onRequestStart: (controller, context: unknown) => {
        onStart();
        handler.onRequestStart?.(controller, context);
      },
      onResponseStart: (controller, status, headers, message) =>
        handler.onResponseStart?.(controller, status, headers, message),
      onResponseData: (controller, chunk) => handler.onResponseData?.(controller, chunk),
      onResponseEnd: (controller, trailers) => handler.onResponseEnd?.(controller, trailers),
      onResponseError: (controller, error) => handler.onResponseError?.(controller, error),
    });
}

async function readReply(opened: Opened, deadline: Deadline): Promise<Reply | Failed> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of opened.body) {
      size += chunk.length;
      if (size > REPLY_BYTES_MAX) {
        opened.body.destroy();
        return { kind: 'failed', sent: 'maybe', cause: 'reply too large' };
      }
      chunks.push(chunk);
    }
  } catch (error) {
    return { kind: 'failed', sent: 'maybe', cause: deadline.cause ?? codeOf(error) };
  }
  return { kind: 'reply', status: opened.status, headers: opened.headers, body: parseJson(Buffer.concat(chunks)) };
}

async function* readLines(opened: Opened, deadline: Deadline, idleTimeout: Millis): AsyncGenerator {
  const lines = new JsonLines();
  try {
    deadline.extend(idleTimeout, 'idle');
    for await (const chunk of opened.body) {
      deadline.extend(idleTimeout, 'idle');
      yield* lines.take(chunk);
    }
  } catch (error) {
    throw error instanceof WatchBroken ? error : new WatchBroken(deadline.cause ?? codeOf(error), error);
  } finally {
    deadline.end();
    opened.body.destroy();
  }
}

function parseJson(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return value;
  } catch {
    return undefined;
  }
}

const flatten = (headers: Readonly<Record<string, string | string[] | undefined>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name.toLowerCase(), Array.isArray(value) ? value.join(', ') : String(value)]),
  );

const isOther = (one: Connection, other: Connection): boolean =>
  one.hash !== other.hash || JSON.stringify(one.headers) !== JSON.stringify(other.headers);

/** The error code of the system, TLS or undici; the name of the error when it has none. Never its message, which may hold addresses. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.name;
}
