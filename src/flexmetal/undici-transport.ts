import type { Socket } from 'node:net';
import { connect as connectTcp, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Dispatcher } from 'undici';
import { Agent, Client } from 'undici';
import type { Clock, Timer } from '../base/clock.ts';
import type { Millis } from '../base/time.ts';
import { seconds } from '../base/time.ts';
import { parseBaseUrl } from './base-url.ts';
import type { FlexMetalTransport, HttpRequest, HttpResult, OpenConnection, SendOptions } from './transport.ts';

export interface FlexMetalTransportOptions {
  /** https, or http to this machine; anything else throws. */
  readonly baseUrl: string;
  readonly clock: Clock;
  /** Certificates to trust instead of the public ones. */
  readonly ca?: string | Buffer;
}

type Trust = Pick<FlexMetalTransportOptions, 'ca'>;

export interface ClosableTransport extends FlexMetalTransport {
  /** Ends all kept connections. Nothing can be sent afterwards. */
  close(): Promise<void>;
}

/** A page of 100 servers is some 100 kB: more than this is no answer to anything asked here. */
const REPLY_BYTES_MAX = 8 * 1024 * 1024;
/** Reads at once; the rate budget lets through fewer. */
const CONNECTIONS_MAX = 16;
/** Below the 60 s after which many load balancers drop an idle connection. */
const KEEP_ALIVE: Millis = seconds(30);

/** HTTP/1.1 only, no redirects, no retries, replies of 8 MiB at most, one total deadline per request. */
export function createFlexMetalTransport(options: FlexMetalTransportOptions): ClosableTransport {
  const base = parseBaseUrl(options.baseUrl);
  if (base.kind === 'invalid') throw new TypeError(base.message);
  const origin = new URL(base.url);
  const tls: Trust = options.ca === undefined ? {} : { ca: options.ca };
  const agent = new Agent({
    allowH2: false,
    pipelining: 1,
    connections: CONNECTIONS_MAX,
    keepAliveTimeout: KEEP_ALIVE,
    connect: { ...tls, allowH2: false },
  });
  return {
    send: async (request, sendOptions) => {
      const deadline = new Deadline(options.clock, sendOptions);
      try {
        return await exchange(agent, origin, request, deadline, false);
      } finally {
        deadline.end();
      }
    },
    connect: async (sendOptions) => {
      const deadline = new Deadline(options.clock, sendOptions);
      try {
        return new FreshConnection(await openSocket(origin, tls, deadline), origin, options.clock);
      } catch (error) {
        return { kind: 'failed', cause: deadline.cause ?? codeOf(error) };
      } finally {
        deadline.end();
      }
    },
    close: () => agent.destroy(),
  };
}

/** A connected socket, handed to undici only when the one request comes. */
class FreshConnection implements OpenConnection {
  readonly #socket: Socket;
  readonly #origin: URL;
  readonly #clock: Clock;
  /** The other side said something, or goodbye, before it was asked: nothing may be sent on such a connection. */
  #isStale = false;
  #isSent = false;
  readonly #onSurprise = (): void => {
    this.#isStale = true;
  };

  constructor(socket: Socket, origin: URL, clock: Clock) {
    this.#socket = socket;
    this.#origin = origin;
    this.#clock = clock;
    socket.on('error', this.#onSurprise);
    socket.on('close', this.#onSurprise);
    socket.on('readable', this.#onSurprise);
  }

  async send(request: HttpRequest, options: SendOptions): Promise<HttpResult> {
    if (this.#isSent) throw new Error('a connection carries one request');
    this.#isSent = true;
    // Nothing was written yet, so this proves that nothing arrived.
    if (this.#isStale || !this.#socket.writable) {
      this.#socket.destroy();
      return { kind: 'failed', sent: 'no', cause: 'closed before sending' };
    }
    this.#socket.off('readable', this.#onSurprise);
    // undici takes no socket while it is still asking for one (the request would then wait for ever), so the socket is handed over
    // right after: the request is written within this very call, before anything else can run.
    let handOver: (() => void) | undefined;
    const client = new Client(this.#origin, {
      allowH2: false,
      pipelining: 1,
      connect: (_options, take) => {
        handOver = () => take(null, this.#socket);
      },
    });
    const deadline = new Deadline(this.#clock, options);
    try {
      const result = exchange(client, this.#origin, request, deadline, true);
      handOver?.();
      return await result;
    } finally {
      deadline.end();
      await client.destroy();
      this.#socket.destroy();
    }
  }

  close(): void {
    if (!this.#isSent) this.#socket.destroy();
    this.#isSent = true;
  }
}

/** One total time-out, made from the clock. */
class Deadline {
  readonly #controller = new AbortController();
  readonly #timer: Timer;
  readonly #outer: AbortSignal | undefined;
  readonly #onOuter = (): void => this.#end('aborted');
  #cause: string | undefined;

  constructor(clock: Clock, { timeout, signal }: SendOptions) {
    this.#timer = clock.setTimer(timeout, () => this.#end('timeout'));
    this.#outer = signal;
    if (signal?.aborted === true) this.#onOuter();
    signal?.addEventListener('abort', this.#onOuter, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Why it fired, in a word; undefined as long as it has not. */
  get cause(): string | undefined {
    return this.#cause;
  }

  /** Nothing fires any more, and nothing is left behind. */
  end(): void {
    this.#timer.cancel();
    this.#outer?.removeEventListener('abort', this.#onOuter);
  }

  #end(cause: string): void {
    this.#cause ??= cause;
    this.#controller.abort();
  }
}

/** Resolves when the connection, TLS included, stands; rejects when it cannot, or when the deadline passes. */
function openSocket(origin: URL, tls: Trust, { signal }: Deadline): Promise<Socket> {
  const isTls = origin.protocol === 'https:';
  const host = origin.hostname.replace(/^\[|\]$/g, '');
  const usualPort = isTls ? 443 : 80;
  const port = origin.port === '' ? usualPort : Number(origin.port);
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(new Error('aborted'));
      return;
    }
    const socket = isTls
      ? connectTls({
          ...tls,
          host,
          port,
          ALPNProtocols: ['http/1.1'],
          ...(isIP(host) === 0 ? { servername: host } : {}),
        })
      : connectTcp({ host, port });
    const settle = (act: () => void): void => {
      signal.removeEventListener('abort', onAbort);
      socket.off('error', onError);
      act();
    };
    const fail = (error: Error): void =>
      settle(() => {
        // What still happens to the socket is nobody's concern, but an error without a listener would end the process.
        socket.on('error', () => undefined);
        socket.destroy();
        reject(error);
      });
    const onError = (error: Error): void => fail(error);
    const onAbort = (): void => fail(new Error('aborted'));
    socket.once('error', onError);
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once(isTls ? 'secureConnect' : 'connect', () =>
      settle(() => {
        socket.setNoDelay(true);
        resolve(socket);
      }),
    );
  });
}

/** Whatever goes wrong from here on, the request may have arrived. */
async function exchange(
  dispatcher: Dispatcher,
  origin: URL,
  request: HttpRequest,
  deadline: Deadline,
  reset: boolean,
): Promise<HttpResult> {
  try {
    const reply = await dispatcher.request({
      origin: origin.origin,
      path: request.path,
      method: request.method,
      headers: request.headers,
      body: request.body ?? null,
      reset,
      signal: deadline.signal,
      // The deadline is the only time-out: an order may be silent for minutes.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    const body = await readText(reply.body);
    if (body === undefined) return { kind: 'failed', sent: 'maybe', cause: 'reply too large' };
    return { kind: 'reply', status: reply.statusCode, headers: flatten(reply.headers), body };
  } catch (error) {
    return { kind: 'failed', sent: 'maybe', cause: deadline.cause ?? codeOf(error) };
  }
}

/** The whole body; undefined when it is larger than any reply may be, and then the rest is not read. */
async function readText(body: AsyncIterable<Uint8Array> & { destroy(): unknown }): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > REPLY_BYTES_MAX) {
      body.destroy();
      return undefined;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const flatten = (headers: Readonly<Record<string, string | string[] | undefined>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name.toLowerCase(), Array.isArray(value) ? value.join(', ') : String(value)]),
  );

/** The error code of the system, TLS or undici; the error's name when it has none. Never its message, which may quote a header. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
