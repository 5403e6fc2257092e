import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { assertNever } from '../base/assert-never.ts';
import { millis, seconds } from '../base/time.ts';
import { actOut } from './act-out.ts';
import { ADMIN_PREFIX, administer } from './admin.ts';
import type { Simulation } from './simulation.ts';
import type { SimulatedReply, SimulatedRequest } from './world.ts';

export interface SimulatorServerOptions {
  readonly simulation: Simulation;
  /** Loopback unless somebody says otherwise: the admin endpoint asks for no token. */
  readonly address?: string;
  /** 0: any free one. */
  readonly port: number;
  /** Serves the admin endpoint to callers that are not on this machine as well. */
  readonly adminFromAnywhere?: boolean;
  /** One line about each request. */
  readonly log?: (line: string) => void;
}

export interface SimulatorServer {
  /** `http://127.0.0.1:8080`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Takes no more connections, lets replies under way end for up to five seconds, then cuts what is left. Safe to call twice. */
  close(): Promise<void>;
}

/** Serves a simulation over HTTP. @throws what node:net throws when the port cannot be had. */
export async function startSimulatorServer(options: SimulatorServerOptions): Promise<SimulatorServer> {
  /** Replies that never come; nobody waits for them at the end. */
  const hanging = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    response.once('close', () => hanging.delete(response));
    take(options, request, response, hanging).catch((error: unknown) => fail(options, request, response, error));
  });
  // A caller with a connection of its own may wait for long between two requests; cutting it would look like a fault.
  server.keepAliveTimeout = seconds(60);
  const { address, port } = await listen(server, options.port, options.address ?? '127.0.0.1');
  const host = address.includes(':') ? `[${address}]` : address;
  let closing: Promise<void> | undefined;
  return { url: `http://${host}:${port}`, port, close: () => (closing ??= close(server, options, hanging)) };
}

/** Longer request bodies are refused: the largest order is far below. */
const BODY_BYTES_MAX = 1_048_576;
const CLOSE_PATIENCE = seconds(5);

async function take(
  options: SimulatorServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
  hanging: Set<ServerResponse>,
): Promise<void> {
  const body = await readBody(request);
  if (body === undefined) {
    response.writeHead(413, { connection: 'close' }).end();
    return;
  }
  const path = request.url ?? '/';
  const method = request.method ?? 'GET';
  if (path === ADMIN_PREFIX || path.startsWith(`${ADMIN_PREFIX}/`)) {
    serveAdmin(options, request, response, { method, path, body });
    return;
  }
  const { simulation } = options;
  const { world, clock } = simulation;
  const asked: SimulatedRequest = { method, path, headers: headersOf(request), ...(body === '' ? {} : { body }) };
  const note = (reply: SimulatedReply): SimulatedReply => {
    options.log?.(`${method} ${path} ${summary(reply)}`);
    if (reply.delivery.kind === 'hang') hanging.add(response);
    return reply;
  };
  const collect = (ticket: string): SimulatedReply => {
    const late = world.collect(clock.now(), ticket);
    // Timers may fire a moment early; that is no news.
    return late.delivery.kind === 'later' ? late : note(late);
  };
  actOut(clock, response, note(world.apply(clock.now(), asked)), collect);
}

function serveAdmin(
  options: SimulatorServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
  asked: { readonly method: string; readonly path: string; readonly body: string },
): void {
  const allowed = options.adminFromAnywhere === true || isLoopback(request.socket.remoteAddress);
  const reply = allowed
    ? administer(options.simulation, asked)
    : {
        status: 403,
        body: {
          error:
            'the admin endpoint answers callers on this machine only; start with --admin-from-anywhere to change that',
        },
      };
  if (asked.method !== 'GET') options.log?.(`admin ${asked.method} ${asked.path} ${reply.status}`);
  const text = reply.body === undefined ? '' : `${JSON.stringify(reply.body, undefined, 2)}\n`;
  response.writeHead(reply.status, text === '' ? {} : { 'content-type': 'application/json' }).end(text);
}

/** A bug of the simulator: the caller gets a 500 that says so, the log the stack. A caller that hung up is no bug. */
function fail(
  options: SimulatorServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
): void {
  if (request.destroyed && !request.complete) return;
  options.log?.(`the simulator failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' });
  response.end('the simulator failed, see its log');
}

function summary({ requestId, status, delivery }: SimulatedReply): string {
  switch (delivery.kind) {
    case 'respond':
      return `${status} ${requestId}${delivery.after > 0 ? ` after ${delivery.after} ms` : ''}`;
    case 'later':
      return `${requestId} takes effect in ${delivery.wait} ms`;
    case 'hang':
    case 'reset':
    case 'truncate':
    case 'slow':
    case 'pad':
      return `${status} ${requestId} but ${delivery.kind}`;
    default:
      return assertNever(delivery, 'delivery');
  }
}

const isLoopback = (address: string | undefined): boolean =>
  address !== undefined && (address === '::1' || /^(?:::ffff:)?127\./.test(address));

function headersOf(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}

/** The body as text; undefined when it is too long. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request) {
    if (!Buffer.isBuffer(piece)) continue;
    bytes += piece.length;
    // The rest is read and dropped: a caller that is cut off while it writes does not see the refusal.
    if (bytes <= BODY_BYTES_MAX) pieces.push(piece);
  }
  if (bytes > BODY_BYTES_MAX) return undefined;
  return Buffer.concat(pieces).toString('utf8');
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

function close(
  server: Server,
  { simulation }: SimulatorServerOptions,
  hanging: ReadonlySet<ServerResponse>,
): Promise<void> {
  return new Promise((resolve) => {
    for (const response of hanging) response.destroy();
    const timer = simulation.clock.setTimer(millis(CLOSE_PATIENCE), () => server.closeAllConnections());
    server.close(() => {
      timer.cancel();
      resolve();
    });
    server.closeIdleConnections();
  });
}
