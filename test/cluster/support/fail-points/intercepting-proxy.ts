import type {
  ClientRequest,
  IncomingMessage,
  OutgoingHttpHeaders,
  RequestOptions,
  Server,
  ServerResponse,
} from 'node:http';
import { Agent as HttpAgent, createServer, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';

/** A whole reply. */
export interface Answer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

/** One call that the proxy holds in its hand: it has left its sender and has not arrived. */
export interface HeldCall {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /**
   * Lets it arrive, and resolves with the reply once that is complete. Rejects when the other side cannot be reached, and
   * when the sender gives up waiting for the reply: then the other side sees its connection close, as it would without a proxy.
   */
  carryOut(): Promise<Answer>;
  /** Hands a reply to the sender; nothing happens when the sender has gone. */
  answer(answer: Answer): void;
  /** Resets the sender's connection. */
  reset(): void;
  /** Resolves when the sender has closed the connection, or has died. */
  readonly abandoned: Promise<void>;
}

export interface ProxyOptions {
  /** Where to: an origin, `https://127.0.0.1:6443`. */
  readonly upstream: string;
  /** PEM of the authority behind an https upstream. */
  readonly certificateAuthority?: string;
  /** Whether a call is to be held; all others stream through, watches as they come. */
  readonly isHeld: (method: string, path: string) => boolean;
  /** Does with a held call what is to be done; the call ends unanswered when this rejects. */
  readonly onHeld: (call: HeldCall) => Promise<void>;
}

export interface InterceptingProxy {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  close(): Promise<void>;
}

/** A reverse proxy on loopback that can stop, lose, repeat or delay single calls. Speaks plain HTTP to its callers. */
export async function openInterceptingProxy(options: ProxyOptions): Promise<InterceptingProxy> {
  const upstream = new Upstream(options);
  const server = createServer((incoming, reply) => {
    // A caller that dies in the middle of something is what this proxy is for.
    incoming.on('error', () => undefined);
    reply.on('error', () => undefined);
    if (!options.isHeld(incoming.method ?? '', incoming.url ?? '')) upstream.stream(incoming, reply);
    else {
      hold(upstream, incoming, reply)
        .then((call) => options.onHeld(call))
        .catch(() => reply.destroy());
    }
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      upstream.close();
      await closed;
    },
  };
}

async function hold(upstream: Upstream, incoming: IncomingMessage, reply: ServerResponse): Promise<HeldCall> {
  const abandoned = new Promise<void>((resolve) => void reply.once('close', () => resolve()));
  const body = await readAll(incoming);
  return {
    method: incoming.method ?? '',
    path: incoming.url ?? '',
    carryOut: () => {
      const giveUp = reply.destroyed ? delay(REPLY_WAIT_MAX_MS, undefined, { ref: false }) : abandoned;
      return upstream.exchange(incoming, body, giveUp);
    },
    answer: (answer) => {
      reply.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.length });
      reply.end(answer.body);
    },
    reset: () => void incoming.socket.resetAndDestroy(),
    abandoned,
  };
}

/** For a call whose sender left before it arrived: nobody else would end it. */
const REPLY_WAIT_MAX_MS = 10_000;

/** The other side, over kept connections. */
class Upstream {
  readonly #origin: URL;
  readonly #open: (options: RequestOptions) => ClientRequest;
  readonly #agent: HttpAgent;

  constructor({ upstream, certificateAuthority: ca }: ProxyOptions) {
    this.#origin = new URL(upstream);
    const isTls = this.#origin.protocol === 'https:';
    this.#agent = isTls
      ? new HttpsAgent({ keepAlive: true, ...(ca === undefined ? {} : { ca }) })
      : new HttpAgent({ keepAlive: true });
    this.#open = isTls ? httpsRequest : httpRequest;
  }

  /** Passes bytes on as they come, both ways; whichever side ends, the other does. */
  stream(incoming: IncomingMessage, reply: ServerResponse): void {
    const outgoing = this.#request(incoming);
    outgoing.on('response', (answer) => {
      reply.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
      // The head of a watch must not wait for its first event.
      reply.flushHeaders();
      answer.on('error', () => reply.destroy());
      answer.pipe(reply);
    });
    outgoing.on('error', () => reply.destroy());
    reply.on('close', () => outgoing.destroy());
    incoming.pipe(outgoing);
  }

  exchange(incoming: IncomingMessage, body: Buffer, giveUp: Promise<void>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const outgoing = this.#request(incoming);
      outgoing.on('error', reject);
      outgoing.on('response', (answer) => {
        readAll(answer)
          .then((replied) =>
            resolve({ status: answer.statusCode ?? 502, headers: endToEnd(answer.headers), body: replied }),
          )
          .catch(reject);
      });
      outgoing.end(body);
      void giveUp.then(() => outgoing.destroy(new Error('nobody waits for the reply')));
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  #request({ method, url, headers }: IncomingMessage): ClientRequest {
    const { hostname, port } = this.#origin;
    return this.#open({
      hostname,
      port,
      agent: this.#agent,
      ...(method === undefined ? {} : { method }),
      ...(url === undefined ? {} : { path: url }),
      headers: { ...endToEnd(headers), host: this.#origin.host },
    });
  }
}

/** Headers that speak of one connection only. */
const HOP_BY_HOP: ReadonlySet<string> = new Set(['connection', 'keep-alive', 'transfer-encoding']);

const endToEnd = (headers: OutgoingHttpHeaders): OutgoingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name)));

async function readAll(message: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('the proxy has no port'));
      else resolve(address.port);
    });
  });
}
