import type { Socket } from 'node:net';
import { connect as connectTcp, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Secret } from '../base/secret.ts';
import type { Deadline } from './deadline.ts';
import { openTunnel } from './tunnel.ts';

/** How to reach the API. */
export interface Way {
  /** https, or http to this machine. */
  readonly origin: URL;
  /** Certificates to trust instead of the public ones. */
  readonly ca: string | Buffer | undefined;
  /** URL of a proxy, http or https, with user and password where it wants them. Not used for http. */
  readonly proxy: Secret | undefined;
}

/**
 * Resolves when the connection stands: through the proxy where there is one, TLS with the API included.
 * Rejects when it cannot stand or when the deadline passes; nothing was asked of the API then.
 */
export async function openSocket(way: Way, deadline: Deadline): Promise<Socket> {
  const { origin, ca, proxy } = way;
  const isTls = origin.protocol === 'https:';
  const host = origin.hostname.replace(/^\[|\]$/g, '');
  const usualPort = isTls ? 443 : 80;
  const port = origin.port === '' ? usualPort : Number(origin.port);
  if (!isTls) return settled(connectTcp({ host, port }), 'connect', deadline);
  const tunnel =
    proxy === undefined ? undefined : await openTunnel({ proxy, ca, target: `${origin.hostname}:${port}`, deadline });
  const socket = connectTls({
    ...(ca === undefined ? {} : { ca }),
    ...(tunnel === undefined ? { host, port } : { socket: tunnel, host }),
    ALPNProtocols: ['http/1.1'],
    ...(isIP(host) === 0 ? { servername: host } : {}),
  });
  return settled(socket, 'secureConnect', deadline);
}

function settled(socket: Socket, event: 'connect' | 'secureConnect', { signal }: Deadline): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      signal.removeEventListener('abort', onAbort);
      socket.off('error', fail);
      socket.off('close', onClose);
      act();
    };
    const fail = (error: Error): void =>
      settle(() => {
        // What still happens to the socket is nobody's concern, but an error without a listener would end the process.
        socket.on('error', () => undefined);
        socket.destroy();
        reject(error);
      });
    const onAbort = (): void => fail(new Error('aborted'));
    // A proxy that ends a tunnel may do so without an error.
    const onClose = (): void => fail(Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
    if (signal.aborted) {
      onAbort();
      return;
    }
    socket.once('error', fail);
    socket.once('close', onClose);
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once(event, () =>
      settle(() => {
        socket.setNoDelay(true);
        resolve(socket);
      }),
    );
  });
}
