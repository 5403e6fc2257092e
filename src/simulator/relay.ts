import type { AddressInfo, Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

export interface RelayOptions {
  /** Where the simulator is. */
  readonly to: HostAndPort;
  readonly address: string;
  /** 0: any free one. */
  readonly port: number;
  /** One line when a connection cannot be passed on. */
  readonly log?: (line: string) => void;
}

export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

export interface Relay {
  /** `http://127.0.0.1:8099`, without a slash at the end. */
  readonly url: string;
  /** Takes no more connections and cuts those that are there. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Passes connections on to a simulator on another machine, byte by byte. The operator talks plain HTTP to its own machine only, and
 * a simulator that is to outlive the operator's pod cannot be in that pod.
 * How a connection ends is passed on as well: a reset stays a reset, since faults are told by it.
 * @throws what node:net throws when the port cannot be had
 */
export async function startRelay({ to, address, port, log }: RelayOptions): Promise<Relay> {
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(to);
    for (const socket of [near, far]) {
      open.add(socket);
      socket.setNoDelay();
      socket.once('close', () => open.delete(socket));
    }
    const tell = (error: Error): void => log?.(`no connection to ${to.host} port ${to.port}: ${error.message}`);
    far.once('error', tell).once('connect', () => far.off('error', tell));
    passOn(near, far);
    passOn(far, near);
  });
  const bound = await listen(server, port, address);
  const host = bound.address.includes(':') ? `[${bound.address}]` : bound.address;
  let closing: Promise<void> | undefined;
  return { url: `http://${host}:${bound.port}`, close: () => (closing ??= close(server, open)) };
}

function passOn(from: Socket, to: Socket): void {
  from.pipe(to);
  from.once('error', () => to.resetAndDestroy());
  // What was written already still goes out.
  from.once('close', () => to.destroySoon());
}

function listen(server: Server, port: number, address: string): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, () => {
      server.removeListener('error', reject);
      const bound = server.address();
      if (bound === null || typeof bound === 'string') reject(new Error('listens on no port'));
      else resolve(bound);
    });
  });
}

function close(server: Server, open: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of open) socket.destroy();
  });
}
