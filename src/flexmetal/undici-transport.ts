import type { Socket } from 'node:net';
import type { buildConnector, Dispatcher } from 'undici';
import { Agent, Client } from 'undici';
import type { Clock } from '../base/clock.ts';
import type { Secret } from '../base/secret.ts';
import type { Millis } from '../base/time.ts';
import { seconds } from '../base/time.ts';
import { parseBaseUrl } from './base-url.ts';
import { Deadline } from './deadline.ts';
import { codeOf } from './error-code.ts';
import type { Way } from './open-socket.ts';
import { openSocket } from './open-socket.ts';
import { ProxyError } from './tunnel.ts';
import type { FlexMetalTransport, HttpRequest, HttpResult, OpenConnection, SendOptions } from './transport.ts';

export interface FlexMetalTransportOptions {
  /** https, or http to this machine; anything else throws. */
  readonly baseUrl: string;
  readonly clock: Clock;
  /** Certificates to trust instead of the public ones. */
  readonly ca?: string | Buffer;
  /** URL of a proxy that knows CONNECT, with its user and password; http to this machine goes without it. */
  readonly proxy?: Secret | undefined;
}

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

/** For a kept connection through a proxy, as undici has it for those without: a call waits for its connection, whatever its own deadline is. */
const CONNECT_TIMEOUT: Millis = seconds(10);

/** HTTP/1.1 only, no redirects, no retries, replies of 8 MiB at most, one total deadline per request. */
export function createFlexMetalTransport(options: FlexMetalTransportOptions): ClosableTransport {
  const base = parseBaseUrl(options.baseUrl);
  if (base.kind === 'invalid') throw new TypeError(base.message);
  const origin = new URL(base.url);
  const way: Way = { origin, ca: options.ca, proxy: options.proxy };
  const direct = { ...(way.ca === undefined ? {} : { ca: way.ca }), allowH2: false };
  const closing = new AbortController();
  const agent = new Agent({
    allowH2: false,
    pipelining: 1,
    connections: CONNECTIONS_MAX,
    keepAliveTimeout: KEEP_ALIVE,
    connect: way.proxy === undefined ? direct : connectorThrough(way, options.clock, closing.signal),
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
        return new FreshConnection(await openSocket(way, deadline), origin, options.clock);
      } catch (error) {
        return { kind: 'failed', cause: causeOf(error, deadline) };
      } finally {
        deadline.end();
      }
    },
    close: () => {
      closing.abort();
      return agent.destroy();
    },
  };
}

/** Connections that are kept go through the proxy as fresh ones do, so that its refusal has the same words everywhere. */
function connectorThrough(way: Way, clock: Clock, signal: AbortSignal): buildConnector.connector {
  return (_options, take) => {
    const deadline = new Deadline(clock, { timeout: CONNECT_TIMEOUT, signal });
    openSocket(way, deadline)
      .then(
        (socket) => take(null, socket),
        (error: unknown) => take(error instanceof Error ? error : new Error('not connected', { cause: error }), null),
      )
      .finally(() => deadline.end());
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
    return { kind: 'failed', sent: 'maybe', cause: causeOf(error, deadline) };
  }
}

const causeOf = (error: unknown, deadline: Deadline): string =>
  error instanceof ProxyError ? error.code : (deadline.cause ?? codeOf(error));

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
