import { readFileSync } from 'node:fs';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Server as TlsServer } from 'node:https';
import type { Server as NetServer, Socket } from 'node:net';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A real HTTP server on loopback that does what a test tells it to, and counts what reaches it. */
export class FaultyServer {
  readonly #server: Server | TlsServer;
  readonly requests: {
    readonly method: string;
    readonly path: string;
    readonly headers: IncomingMessage['headers'];
    body: string;
  }[] = [];
  connections = 0;
  port = 0;
  handler: Handler = (_request, response) => sendJson(response, 200, { kind: 'Answer' });

  private constructor(create: (listener: RequestListener) => Server | TlsServer) {
    this.#server = create((request, response) => this.#take(request, response));
    this.#server.on('connection', () => (this.connections += 1));
  }

  static async start(): Promise<FaultyServer> {
    return new FaultyServer((listener) => createServer(listener)).#listen();
  }

  /** Over TLS, with the certificate of authority a or b. It offers HTTP/2 as the API server does, and asks for a client certificate. */
  static async startTls(authority: 'a' | 'b'): Promise<FaultyServer> {
    const options = {
      ...keyPair(`server-${authority}`),
      ca: pem('ca-a.pem'),
      requestCert: true,
      rejectUnauthorized: false,
      ALPNProtocols: ['h2', 'http/1.1'],
    };
    return new FaultyServer((listener) => createTlsServer(options, listener)).#listen();
  }

  /** Goes on with the certificate of another authority. */
  changeCertificate(authority: 'a' | 'b'): void {
    if ('setSecureContext' in this.#server) this.#server.setSecureContext(keyPair(`server-${authority}`));
    this.#server.closeAllConnections();
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.port = portOf(this.#server);
    return this;
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    const { method = '', url: path = '', headers } = request;
    const seen = { method, path, headers, body: '' };
    this.requests.push(seen);
    request.setEncoding('utf8').on('data', (chunk: string) => (seen.body += chunk));
    request.on('end', () => this.handler(request, response));
  }
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** Ends the connection with a TCP reset. */
export function reset(socket: Socket | null): void {
  if (socket !== null && 'resetAndDestroy' in socket) socket.resetAndDestroy();
}

export const pemPath = (file: string): string => new URL(`tls/${file}`, import.meta.url).pathname;
export const pem = (file: string): string => readFileSync(pemPath(file), 'utf8');
const keyPair = (name: string): { cert: string; key: string } => ({
  cert: pem(`${name}.pem`),
  key: pem(`${name}.key`),
});

/** The port on which a server listens. */
export function portOf(server: NetServer): number {
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server does not listen');
  return address.port;
}
