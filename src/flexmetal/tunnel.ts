import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { isIP } from 'node:net';
import type { Secret } from '../base/secret.ts';
import type { Deadline } from './deadline.ts';
import { codeOf } from './error-code.ts';

export interface TunnelOptions {
  /** http or https, with user and password where the proxy wants them. */
  readonly proxy: Secret;
  /** Certificates to trust instead of the public ones, for a proxy at https. */
  readonly ca: string | Buffer | undefined;
  /** host:port */
  readonly target: string;
  readonly deadline: Deadline;
}

/** There is no way through the proxy, so nothing has reached the API. `code` is for people and holds nothing of the proxy's URL. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
  readonly code: string;

  constructor(code: string, options?: ErrorOptions) {
    super(code, options);
    this.code = code;
  }
}

/**
 * Has the proxy connect to the target (CONNECT) and gives the connection, which has carried nothing yet. Asks once: undici's clients,
 * its ProxyAgent too, ask a proxy that hangs up again and again, and tell a 407 by a text only.
 * @throws ProxyError for everything that the proxy, or the way to it, can do wrong
 */
export async function openTunnel(options: TunnelOptions): Promise<Socket> {
  try {
    const { status, socket } = await askForTunnel(options);
    if (status >= 200 && status < 300) return socket;
    socket.on('error', () => undefined).destroy();
    throw new ProxyError(refusal(status));
  } catch (error) {
    if (error instanceof ProxyError) throw error;
    const why = options.deadline.cause ?? codeOf(error);
    throw new ProxyError(`no connection through the proxy: ${why}`, { cause: error });
  }
}

interface Answer {
  readonly status: number;
  readonly socket: Socket;
}

function askForTunnel({ proxy, ca, target, deadline: { signal } }: TunnelOptions): Promise<Answer> {
  const url = new URL(proxy.reveal());
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isTls = url.protocol === 'https:';
  const usualPort = isTls ? 443 : 80;
  const request = (isTls ? httpsRequest : httpRequest)({
    method: 'CONNECT',
    host,
    port: url.port === '' ? usualPort : url.port,
    path: target,
    headers: { host: target, ...authorization(url) },
    agent: false,
    // Else it would be taken from the header host, which names the API.
    ...(isTls ? { servername: isIP(host) === 0 ? host : '' } : {}),
    ...(ca === undefined ? {} : { ca }),
  });
  return new Promise((resolve, reject) => {
    const onAbort = (): void => void request.destroy(new Error('aborted'));
    signal.addEventListener('abort', onAbort, { once: true });
    const settle = (act: () => void): void => {
      signal.removeEventListener('abort', onAbort);
      act();
    };
    request.once('connect', ({ statusCode = 0 }, socket: Socket) =>
      settle(() => resolve({ status: statusCode, socket })),
    );
    // An answer to CONNECT comes as `connect`, whatever its status is; every end without one comes as an error.
    request.on('error', (error) => settle(() => reject(error)));
    if (signal.aborted) onAbort();
    request.end();
  });
}

function refusal(status: number): string {
  return status === 407
    ? 'the proxy refused: 407, it wants another user or password than proxyUrl has'
    : `the proxy refused: ${status}`;
}

function authorization({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === '' && password === '') return {};
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(text).toString('base64')}` };
}
