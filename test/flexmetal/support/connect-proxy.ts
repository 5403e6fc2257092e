import type { IncomingMessage, Server } from 'node:http';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { Secret } from '../../../src/base/secret.ts';
import type { Identity } from '../../support/cluster/certificates.ts';

/** What the proxy does with one CONNECT. */
export type ProxyBehaviour = (request: IncomingMessage, socket: Duplex) => void;

export interface ConnectProxy {
  /** With a user and a password where asked for. */
  url(credentials?: string): Secret;
  /** What it was asked to connect to, in order. */
  readonly targets: readonly string[];
  stop(): Promise<void>;
}

export const tunnelling: ProxyBehaviour = (request, socket) => {
  const [host = '', port = '0'] = (request.url ?? '').split(':');
  const upstream = connect(Number(port), host, () => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    upstream.pipe(socket).pipe(upstream);
  });
  upstream.on('error', () => socket.destroy());
  socket.on('close', () => upstream.destroy());
};

export const answering =
  (head: string): ProxyBehaviour =>
  (_request, socket) =>
    void socket.end(`HTTP/1.1 ${head}\r\ncontent-length: 0\r\n\r\n`);

/** Lets through who knows the user and the password; 407 for everybody else. */
export const guarded =
  (credentials: string): ProxyBehaviour =>
  (request, socket) => {
    const expected = `Basic ${Buffer.from(credentials).toString('base64')}`;
    const behave =
      request.headers['proxy-authorization'] === expected
        ? tunnelling
        : answering('407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm="proxy"');
    behave(request, socket);
  };

/** A real proxy on loopback; with an identity it speaks TLS itself. */
export async function connectProxy(behaviour: ProxyBehaviour, identity?: Identity): Promise<ConnectProxy> {
  const server: Server =
    identity === undefined ? createServer() : createTlsServer({ cert: identity.certificate, key: identity.privateKey });
  const targets: string[] = [];
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    targets.push(request.url ?? '');
    socket.on('error', () => undefined);
    behaviour(request, socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  const scheme = identity === undefined ? 'http' : 'https';
  return {
    url: (credentials) =>
      new Secret(`${scheme}://${credentials === undefined ? '' : `${credentials}@`}127.0.0.1:${port}/`),
    targets,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
