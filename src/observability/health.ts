import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock, Timer } from '../base/clock.ts';
import type { Millis } from '../base/time.ts';
import { elapsed, formatDuration, seconds } from '../base/time.ts';

export type CheckResult = { readonly kind: 'ok' } | { readonly kind: 'failed'; readonly reason: string };

/** One thing that must be right; `run` looks at what is already known and does not wait. A check that throws has failed. */
export interface Check {
  readonly name: string;
  readonly run: () => CheckResult;
}

/** Where to listen. Without a host: on all interfaces. Port 0: any free one. */
export interface ListenAddress {
  readonly host: string | undefined;
  readonly port: number;
}

export interface Listening {
  readonly port: number;
  /** Takes no more requests, lets running ones end, cuts them after CLOSE_GRACE. */
  close(): Promise<void>;
}

interface Page {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const TEXT = 'text/plain; charset=utf-8';
/** Kubelets and scrapers open one or two; more than this is somebody else. */
const CONNECTIONS_MAX = 64;
const REQUEST_TIMEOUT = seconds(10);
const CLOSE_GRACE = seconds(2);

/**
 * Serves `/livez` and `/healthz` (the same: is the process worth keeping?) and `/readyz` (may it be counted on?):
 * 200 when every check passes, else 503. Failed checks are always listed with their reasons; with `?verbose` all are.
 * @throws the socket's error when the address cannot be had
 */
export function serveHealth(options: {
  readonly address: ListenAddress;
  readonly liveness: readonly Check[];
  readonly readiness: readonly Check[];
  readonly clock: Clock;
}): Promise<Listening> {
  const { liveness, readiness } = options;
  const pages: Readonly<Record<string, readonly Check[]>> = {
    '/livez': liveness,
    '/healthz': liveness,
    '/readyz': readiness,
  };
  return listen(options.address, options.clock, (path, verbose) => {
    const checks = Object.hasOwn(pages, path) ? pages[path] : undefined;
    return Promise.resolve(checks === undefined ? NOT_FOUND : checksPage(checks, verbose));
  });
}

/**
 * Serves `/metrics`.
 * @throws the socket's error when the address cannot be had
 */
export function serveMetrics(options: {
  readonly address: ListenAddress;
  readonly render: () => Promise<{ readonly contentType: string; readonly body: string }>;
  readonly clock: Clock;
}): Promise<Listening> {
  return listen(options.address, options.clock, async (path) =>
    path === '/metrics' ? { status: 200, ...(await options.render()) } : NOT_FOUND,
  );
}

/** A liveness check that fails when nobody has called `beat` for longer than `limit`: something hangs. */
export function createWatchdog(options: {
  readonly name: string;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly limit: Millis;
}): { readonly check: Check; readonly beat: () => void } {
  let beatAt = options.clock.monotonic();
  return {
    beat() {
      beatAt = options.clock.monotonic();
    },
    check: {
      name: options.name,
      run() {
        const silent = elapsed(beatAt, options.clock.monotonic());
        if (silent <= options.limit) return { kind: 'ok' };
        return { kind: 'failed', reason: `no progress for ${formatDuration(silent)}` };
      },
    },
  };
}

/** How often a watchdog hears that the event loop still turns. */
const BEAT = seconds(5);

/** Calls `beat` regularly until it is cancelled. */
export function keepBeating(clock: Clock, beat: () => void): Timer {
  let timer = clock.setTimer(BEAT, tick);
  let cancelled = false;
  function tick(): void {
    if (cancelled) return;
    beat();
    timer = clock.setTimer(BEAT, tick);
  }
  return {
    cancel: () => {
      cancelled = true;
      timer.cancel();
    },
  };
}

const NOT_FOUND: Page = { status: 404, contentType: TEXT, body: 'not found\n' };

function checksPage(checks: readonly Check[], verbose: boolean): Page {
  const results = checks.map(({ name, run }) => ({ name, result: settled(run) }));
  const failed = results.filter(({ result }) => result.kind === 'failed');
  const lines = (verbose ? results : failed).map(({ name, result }) =>
    result.kind === 'ok' ? `[+] ${name} ok` : `[-] ${name} failed: ${result.reason}`,
  );
  const verdict = failed.length === 0 ? 'ok' : 'failed';
  return { status: failed.length === 0 ? 200 : 503, contentType: TEXT, body: `${[...lines, verdict].join('\n')}\n` };
}

function settled(run: Check['run']): CheckResult {
  try {
    return run();
  } catch {
    // The check's own error may hold anything, and this page is open to everybody who can reach the pod.
    return { kind: 'failed', reason: 'the check itself failed' };
  }
}

type Router = (path: string, verbose: boolean) => Promise<Page>;

async function listen(address: ListenAddress, clock: Clock, route: Router): Promise<Listening> {
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT, headersTimeout: REQUEST_TIMEOUT },
    (request, response) => {
      void answer(request, response, route);
    },
  );
  server.maxConnections = CONNECTIONS_MAX;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: address.port, ...(address.host === undefined ? {} : { host: address.host }) }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return { port: portOf(server.address()), close: () => close(server, clock) };
}

async function answer(request: IncomingMessage, response: ServerResponse, route: Router): Promise<void> {
  send(response, request.method === 'HEAD', await pageOf(request, route));
}

async function pageOf(request: IncomingMessage, route: Router): Promise<Page> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { status: 405, contentType: TEXT, body: 'only GET and HEAD\n' };
  }
  const [path = '', query = ''] = (request.url ?? '').split('?', 2);
  try {
    return await route(path, new URLSearchParams(query).has('verbose'));
  } catch {
    return { status: 500, contentType: TEXT, body: 'internal error\n' };
  }
}

function send(response: ServerResponse, bodyless: boolean, page: Page): void {
  response.writeHead(page.status, {
    'content-type': page.contentType,
    'content-length': Buffer.byteLength(page.body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(bodyless ? undefined : page.body);
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function close(server: Server, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const cut = clock.setTimer(CLOSE_GRACE, () => server.closeAllConnections());
    server.close(() => {
      cut.cancel();
      resolve();
    });
    server.closeIdleConnections();
  });
}
