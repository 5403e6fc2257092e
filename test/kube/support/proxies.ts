import type { Server as HttpServer } from 'node:http';
import { createServer as createHttpServer } from 'node:http';
import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { portOf } from './faulty-server.ts';

interface Proxy {
  readonly url: string;
  /** What it was asked to connect to. */
  readonly targets: readonly string[];
  stop(): Promise<void>;
}

/** An HTTP proxy that knows CONNECT. */
export const ConnectProxy = {
  start: (): Promise<Proxy> => {
    const targets: string[] = [];
    const server = createHttpServer();
    server.on('connect', (request, socket) => {
      targets.push(request.url ?? '');
      const [host = '', port = '0'] = (request.url ?? '').split(':');
      const upstream = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.pipe(socket).pipe(upstream);
      });
      upstream.on('error', () => socket.destroy());
      socket.on('error', () => upstream.destroy());
    });
    return listen(server, 'http', targets);
  },
};

/** A SOCKS5 proxy without authentication, for IPv4 addresses and names (RFC 1928). */
export const SocksProxy = {
  start: (): Promise<Proxy> => {
    const targets: string[] = [];
    const server = createServer((socket) => {
      socket.once('data', () => {
        socket.write(Buffer.from([5, 0]));
        socket.once('data', (request: Buffer) => {
          const isName = request[3] === 3;
          const end = isName ? 5 + (request[4] ?? 0) : 8;
          const host = isName ? request.subarray(5, end).toString() : request.subarray(4, end).join('.');
          const port = request.readUInt16BE(end);
          targets.push(`${host}:${port}`);
          const upstream = connect(port, host, () => {
            socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
            upstream.pipe(socket).pipe(upstream);
          });
          upstream.on('error', () => socket.destroy());
          socket.on('error', () => upstream.destroy());
        });
      });
    });
    return listen(server, 'socks5', targets);
  },
};

async function listen(server: Server | HttpServer, scheme: string, targets: readonly string[]): Promise<Proxy> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `${scheme}://127.0.0.1:${portOf(server)}`, targets, stop };
}
