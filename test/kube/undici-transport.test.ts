import { getEventListeners } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { TLSSocket } from 'node:tls';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cluster, User } from '@kubernetes/client-node';
import { KubeConfig } from '@kubernetes/client-node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Clock } from '../../src/base/clock.ts';
import { sleep } from '../../src/base/clock.ts';
import { millis, seconds } from '../../src/base/time.ts';
import type { KubeRequest, KubeWatch } from '../../src/kube/transport.ts';
import { UndiciTransport } from '../../src/kube/undici-transport.ts';
import { WatchBroken } from '../../src/kube/watch-broken.ts';
import { systemClock } from '../../src/runtime/system-clock.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import type { Handler } from './support/faulty-server.ts';
import { FaultyServer, pem, pemPath, reset, sendJson } from './support/faulty-server.ts';
import { ConnectProxy, SocksProxy } from './support/proxies.ts';

const read: KubeRequest = { method: 'GET', path: '/api/v1/things?limit=5' };
const ample = { timeout: seconds(4) };

let folder = '';
const cleanUp: (() => Promise<unknown> | void)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kube-transport-'));
});

afterEach(async () => {
  for (const undo of cleanUp.splice(0).toReversed()) await undo();
  rmSync(folder, { recursive: true });
});

async function aServer(tls?: 'a' | 'b'): Promise<FaultyServer> {
  const server = tls === undefined ? await FaultyServer.start() : await FaultyServer.startTls(tls);
  cleanUp.push(() => server.stop());
  return server;
}

interface Access {
  readonly cluster?: Partial<Cluster>;
  readonly user?: Partial<User>;
  readonly clock?: Clock;
  readonly loaded?: () => void;
}

/** A transport to the server; its configuration is made anew whenever it is loaded, as from a file. */
function to(server: FaultyServer, scheme: 'http' | 'https', access: Access = {}): UndiciTransport {
  const loadConfig = (): KubeConfig => {
    access.loaded?.();
    const config = new KubeConfig();
    const skipTLSVerify = scheme === 'http';
    const cluster = { name: 'c', server: `${scheme}://127.0.0.1:${server.port}`, skipTLSVerify, ...access.cluster };
    config.loadFromClusterAndUser(cluster, { name: 'u', ...access.user });
    return config;
  };
  const transport = new UndiciTransport({
    loadConfig,
    clock: access.clock ?? systemClock,
    userAgent: 'flexmetal-operator/test',
  });
  cleanUp.push(() => transport.close());
  return transport;
}

describe('a request', () => {
  test('goes out as asked, with its credentials, and comes back parsed', async () => {
    const server = await aServer();
    server.handler = (_request, response) => sendJson(response, 201, { a: [1, 'ä'] }, { 'Retry-After': '3' });
    const transport = to(server, 'http', { user: { token: 'secret', impersonateUser: 'somebody' } });
    const request: KubeRequest = {
      method: 'PATCH',
      path: '/apis/x',
      contentType: 'application/merge-patch+json',
      body: '{"ä":1}',
    };
    const result = await transport.send(request, ample);
    expect(result).toMatchObject({
      kind: 'reply',
      status: 201,
      headers: { 'retry-after': '3' },
      body: { a: [1, 'ä'] },
    });
    expect(server.requests).toMatchObject([
      {
        method: 'PATCH',
        path: '/apis/x',
        body: '{"ä":1}',
        headers: {
          authorization: 'Bearer secret',
          'impersonate-user': 'somebody',
          'content-type': 'application/merge-patch+json',
          accept: 'application/json',
          'user-agent': 'flexmetal-operator/test',
        },
      },
    ]);
  });

  test('goes below the path of a server that has one', async () => {
    const server = await aServer();
    await to(server, 'http', { cluster: { server: `http://127.0.0.1:${server.port}/k8s/clusters/c-1` } }).send(
      read,
      ample,
    );
    expect(server.requests[0]?.path).toBe('/k8s/clusters/c-1/api/v1/things?limit=5');
  });

  test('can carry a name and password', async () => {
    const server = await aServer();
    await to(server, 'http', { user: { username: 'me', password: 'pass' } }).send(read, ample);
    expect(server.requests[0]?.headers.authorization).toBe(`Basic ${Buffer.from('me:pass').toString('base64')}`);
  });

  test('leaves no timer behind, and nothing on the signal', async () => {
    const clock = new VirtualClock();
    const server = await aServer();
    const { signal } = new AbortController();
    expect((await to(server, 'http', { clock }).send(read, { ...ample, signal })).kind).toBe('reply');
    expect([clock.pendingTimers, getEventListeners(signal, 'abort')]).toEqual([0, []]);
  });
});

describe('what comes back', () => {
  const partial: Handler = (_request, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('{"half":');
    setTimeout(() => reset(response.socket), 10);
  };
  const huge: Handler = (_request, response) => {
    const megabyte = Buffer.alloc(1024 * 1024, ' ');
    const more = (): void => {
      while (!response.destroyed && response.write(megabyte));
    };
    response.writeHead(200).on('drain', more);
    more();
  };
  const slow: Handler = (_request, response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write(' '), 5);
    response.on('close', () => clearInterval(timer));
  };
  const raw =
    (text: string): Handler =>
    (_request, response) =>
      response.socket?.end(text);
  test.each<[string, Handler, Record<string, unknown>]>([
    ['nothing', (_request, response) => response.writeHead(204).end(), { kind: 'reply', status: 204, body: undefined }],
    [
      'HTML',
      (_request, response) => response.writeHead(502).end('<html>'),
      { kind: 'reply', status: 502, body: undefined },
    ],
    [
      'truncated JSON',
      (_request, response) => response.writeHead(200).end('{"a":'),
      { kind: 'reply', status: 200, body: undefined },
    ],
    [
      'a redirect, which is not followed',
      (_request, response) => response.writeHead(302, { location: '/other' }).end(),
      { kind: 'reply', status: 302 },
    ],
    [
      '429',
      (_request, response) => sendJson(response, 429, {}, { 'retry-after': '7' }),
      { kind: 'reply', status: 429, headers: { 'retry-after': '7' } },
    ],
    [
      'a reset instead of a reply',
      (request) => reset(request.socket),
      { kind: 'failed', sent: 'maybe', cause: expect.stringMatching(/ECONNRESET|UND_ERR_SOCKET/) },
    ],
    ['a closed connection instead of a reply', (request) => request.socket.end(), { kind: 'failed', sent: 'maybe' }],
    ['a reset in the middle of the body', partial, { kind: 'failed', sent: 'maybe' }],
    ['no HTTP', raw('SSH-2.0-OpenSSH\r\n\r\n'), { kind: 'failed', sent: 'maybe', cause: 'HTTPParserError' }],
    ['half a header', raw('HTTP/1.1 200 OK\r\ncontent-'), { kind: 'failed', sent: 'maybe' }],
    ['a body without end', huge, { kind: 'failed', sent: 'maybe', cause: 'reply too large' }],
  ])('%s', async (_name, handler, expected) => {
    const server = await aServer();
    server.handler = handler;
    expect(await to(server, 'http').send(read, ample)).toMatchObject(expected);
    expect(server.requests).toHaveLength(1);
  });

  test.each<[string, Handler]>([
    ['no answer at all', () => undefined],
    ['headers and then nothing', (_request, response) => response.writeHead(200).write(' ')],
    ['byte after byte without end', slow],
  ])('the deadline holds for the whole: %s', async (_name, handler) => {
    const server = await aServer();
    server.handler = handler;
    expect(await to(server, 'http').send(read, { timeout: millis(60) })).toEqual({
      kind: 'failed',
      sent: 'maybe',
      cause: 'timeout',
    });
  });

  test('after a dead connection the next request has a new one', async () => {
    const server = await aServer();
    server.handler = () => undefined;
    const transport = to(server, 'http');
    await transport.send(read, { timeout: millis(40) });
    server.handler = (_request, response) => sendJson(response, 200, {});
    expect(await transport.send(read, ample)).toMatchObject({ kind: 'reply', status: 200 });
    expect(server.connections).toBe(2);
  });

  test('what cannot have been sent is told so: nobody listens', async () => {
    const server = await FaultyServer.start();
    const transport = to(server, 'http');
    await server.stop();
    expect(await transport.send(read, ample)).toEqual({ kind: 'failed', sent: 'no', cause: 'ECONNREFUSED' });
  });

  test('what cannot have been sent is told so: the name is unknown', async () => {
    const server = await aServer();
    const transport = to(server, 'http', { cluster: { server: 'http://no-such-host.invalid' } });
    expect(await transport.send(read, ample)).toMatchObject({ kind: 'failed', sent: 'no' });
  });

  test('what cannot have been sent is told so: the signal had fired before', async () => {
    const server = await aServer();
    const result = await to(server, 'http').send(read, { ...ample, signal: AbortSignal.abort() });
    expect(result).toEqual({ kind: 'failed', sent: 'no', cause: 'aborted' });
    expect(server.requests).toEqual([]);
  });

  test('a signal ends it', async () => {
    const server = await aServer();
    const stopping = new AbortController();
    server.handler = () => stopping.abort();
    expect(await to(server, 'http').send(read, { ...ample, signal: stopping.signal })).toEqual({
      kind: 'failed',
      sent: 'maybe',
      cause: 'aborted',
    });
  });

  test('after the close nothing is sent', async () => {
    const server = await aServer();
    const transport = to(server, 'http');
    await transport.close();
    expect(await transport.send(read, ample)).toEqual({ kind: 'failed', sent: 'no', cause: 'closed' });
  });
});

describe('connections', () => {
  test('two hundred requests one after the other are two connections at most, also over TLS', async () => {
    const server = await aServer('a');
    const transport = to(server, 'https', { cluster: { caFile: pemPath('ca-a.pem') }, user: { token: 't' } });
    for (let index = 0; index < 200; index += 1) expect((await transport.send(read, ample)).kind).toBe('reply');
    expect(server.connections).toBeLessThanOrEqual(2);
  });

  test('a server that offers HTTP/2 is spoken to in HTTP/1.1', async () => {
    const server = await aServer('a');
    let protocol: unknown;
    server.handler = (request, response) => {
      protocol = request.socket instanceof TLSSocket ? request.socket.alpnProtocol : 'none';
      sendJson(response, 200, {});
    };
    const transport = to(server, 'https', { cluster: { caFile: pemPath('ca-a.pem') } });
    expect((await transport.send(read, ample)).kind).toBe('reply');
    expect(['http/1.1', false]).toContain(protocol);
  });

  test('requests at the same time share what is free afterwards', async () => {
    const server = await aServer();
    const transport = to(server, 'http');
    for (let round = 0; round < 5; round += 1)
      await Promise.all(Array.from({ length: 10 }, () => transport.send(read, ample)));
    expect(server.requests).toHaveLength(50);
    expect(server.connections).toBeLessThanOrEqual(20);
  });

  test('a certificate of another authority is refused before anything is sent', async () => {
    const server = await aServer('b');
    const transport = to(server, 'https', { cluster: { caFile: pemPath('ca-a.pem') }, user: { token: 't' } });
    expect(await transport.send(read, ample)).toMatchObject({
      kind: 'failed',
      sent: 'no',
      cause: expect.stringMatching(/CERT|SIGNATURE/),
    });
    expect(server.requests).toEqual([]);
  });

  test('a new authority in the file is picked up', async () => {
    const server = await aServer('a');
    const caFile = join(folder, 'ca.pem');
    copyFileSync(pemPath('ca-a.pem'), caFile);
    const transport = to(server, 'https', { cluster: { caFile } });
    expect((await transport.send(read, ample)).kind).toBe('reply');
    server.changeCertificate('b');
    expect((await transport.send(read, ample)).kind).toBe('failed');
    copyFileSync(pemPath('ca-b.pem'), caFile);
    expect((await transport.send(read, ample)).kind).toBe('reply');
  });

  test('a new client certificate in the files is used from the next request on', async () => {
    const server = await aServer('a');
    const seen: unknown[] = [];
    server.handler = (request, response) => {
      if (request.socket instanceof TLSSocket) seen.push(request.socket.getPeerCertificate().subject.CN);
      sendJson(response, 200, {});
    };
    const [certFile, keyFile] = [join(folder, 'tls.pem'), join(folder, 'tls.key')];
    const install = (name: string): void => {
      copyFileSync(pemPath(`${name}.pem`), certFile);
      copyFileSync(pemPath(`${name}.key`), keyFile);
    };
    install('client-one');
    const transport = to(server, 'https', { cluster: { caFile: pemPath('ca-a.pem') }, user: { certFile, keyFile } });
    await transport.send(read, ample);
    await transport.send(read, ample);
    install('client-two');
    await transport.send(read, ample);
    expect(seen).toEqual(['client-one', 'client-one', 'client-two']);
  });

  test('the name to expect in the certificate can be another than the address', async () => {
    const server = await aServer('a');
    const good = to(server, 'https', { cluster: { caFile: pemPath('ca-a.pem'), tlsServerName: 'kubernetes.test' } });
    const bad = to(server, 'https', { cluster: { caFile: pemPath('ca-a.pem'), tlsServerName: 'other.test' } });
    expect((await good.send(read, ample)).kind).toBe('reply');
    expect(await bad.send(read, ample)).toMatchObject({
      kind: 'failed',
      sent: 'no',
      cause: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
  });

  test.each([
    ['an HTTP proxy', ConnectProxy.start],
    ['a SOCKS proxy', SocksProxy.start],
  ])('%s on the way is used', async (_name, start) => {
    const server = await aServer('a');
    const proxy = await start();
    cleanUp.push(() => proxy.stop());
    const transport = to(server, 'https', {
      cluster: { caFile: pemPath('ca-a.pem'), proxyUrl: proxy.url },
      user: { token: 't' },
    });
    expect(await transport.send(read, ample)).toMatchObject({ kind: 'reply', status: 200 });
    expect(proxy.targets).toEqual([`127.0.0.1:${server.port}`]);
  });
});

describe('credentials', () => {
  /** Accepts one token; everything else is 401. */
  const accepting =
    (token: () => string): Handler =>
    (request, response) =>
      sendJson(response, request.headers.authorization === `Bearer ${token()}` ? 200 : 401, {});

  function withTokenFile(text: string): { readonly tokenFile: string; readonly user: Partial<User> } {
    const tokenFile = join(folder, 'token');
    writeFileSync(tokenFile, text);
    return { tokenFile, user: { authProvider: { name: 'tokenFile', config: { tokenFile } } } };
  }

  test('the newline at the end of a token file is no part of the token', async () => {
    const server = await aServer();
    server.handler = accepting(() => 'one');
    expect(await to(server, 'http', withTokenFile('one\n')).send(read, ample)).toMatchObject({ status: 200 });
  });

  test('a token that was rotated is read again on 401, and the caller notices nothing', async () => {
    const server = await aServer();
    const clock = new VirtualClock();
    let token = 'one';
    server.handler = accepting(() => token);
    const { tokenFile, user } = withTokenFile('one');
    const transport = to(server, 'http', { user, clock });
    expect(await transport.send(read, ample)).toMatchObject({ status: 200 });
    token = 'two';
    writeFileSync(tokenFile, 'two');
    clock.freeze(10_000);
    expect(await transport.send(read, ample)).toMatchObject({ status: 200 });
    expect(server.requests.map((request) => request.headers.authorization)).toEqual([
      'Bearer one',
      'Bearer one',
      'Bearer two',
    ]);
  });

  test('the reply to the refused token is read to its end, so that its connection is free again', async () => {
    const server = await aServer();
    const clock = new VirtualClock();
    let finished = 0;
    server.handler = (request, response) => {
      response.on('finish', () => (finished += 1));
      const isAccepted = request.headers.authorization === 'Bearer two';
      // More than sockets buffer: it only goes out when it is read.
      sendJson(response, isAccepted ? 200 : 401, isAccepted ? {} : 'x'.repeat(16 * 1024 * 1024));
    };
    const { tokenFile, user } = withTokenFile('one');
    const transport = to(server, 'http', { user, clock });
    await transport.send(read, ample);
    writeFileSync(tokenFile, 'two');
    clock.freeze(10_000);
    expect(await transport.send(read, ample)).toMatchObject({ status: 200 });
    expect(finished).toBe(3);
  });

  test('a token that is refused and has not changed is not sent twice, nor read again and again', async () => {
    const server = await aServer();
    const clock = new VirtualClock();
    let loads = 0;
    server.handler = accepting(() => 'other');
    const transport = to(server, 'http', { ...withTokenFile('one'), clock, loaded: () => (loads += 1) });
    clock.freeze(10_000);
    for (let index = 0; index < 10; index += 1)
      expect(await transport.send(read, ample)).toMatchObject({ status: 401 });
    expect([server.requests.length, loads]).toEqual([10, 1]);
    clock.freeze(10_000);
    await transport.send(read, ample);
    expect([server.requests.length, loads]).toEqual([11, 2]);
  });

  test('a watch gets the new token as well', async () => {
    const server = await aServer();
    const clock = new VirtualClock();
    server.handler = accepting(() => 'two');
    const { tokenFile, user } = withTokenFile('one');
    const transport = to(server, 'http', { user, clock });
    expect(await transport.send(read, ample)).toMatchObject({ status: 401 });
    writeFileSync(tokenFile, 'two');
    clock.freeze(10_000);
    const watch = await transport.watch(read, { idleTimeout: seconds(4), signal: new AbortController().signal });
    expect(watch.kind).toBe('open');
  });

  const exec = (script: string): Partial<User> => ({
    exec: {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: process.execPath,
      args: ['-e', script],
      interactiveMode: 'Never',
    },
  });

  test('an exec plugin gives the token', async () => {
    const server = await aServer();
    server.handler = accepting(() => 'from-exec');
    const credential = { kind: 'ExecCredential', status: { token: 'from-exec' } };
    const transport = to(server, 'http', { user: exec(`console.log(${JSON.stringify(JSON.stringify(credential))})`) });
    expect(await transport.send(read, ample)).toMatchObject({ status: 200 });
  });

  test.each<[string, Partial<User>, string]>([
    ['an exec plugin that fails', exec('process.exit(1)'), 'credentials: Error'],
    ['an exec plugin that is not there', { exec: { command: '/no/such/plugin' } }, 'credentials: ENOENT'],
    [
      'a token file that is not there',
      { authProvider: { name: 'tokenFile', config: { tokenFile: '/no/such/token' } } },
      'credentials: ENOENT',
    ],
  ])('without credentials nothing is sent: %s', async (_name, user, cause) => {
    const server = await aServer();
    expect(await to(server, 'http', { user }).send(read, ample)).toEqual({ kind: 'failed', sent: 'no', cause });
    expect(server.requests).toEqual([]);
  });

  test('an exec plugin that hangs does not outlast the deadline', async () => {
    const server = await aServer();
    const transport = to(server, 'http', { user: exec('setTimeout(() => {}, 3000)') });
    expect(await transport.send(read, { timeout: millis(60) })).toEqual({
      kind: 'failed',
      sent: 'no',
      cause: 'timeout',
    });
  });
});

describe('a watch', () => {
  const open = { idleTimeout: seconds(4), signal: new AbortController().signal };

  /** All lines until the end, and how it ended. */
  async function drain(watch: KubeWatch): Promise<{ readonly lines: unknown[]; readonly end: string }> {
    if (watch.kind !== 'open') return { lines: [], end: watch.kind };
    const lines: unknown[] = [];
    try {
      for await (const line of watch.lines) lines.push(line);
    } catch (error) {
      return { lines, end: error instanceof WatchBroken ? `broken: ${error.reason}` : String(error) };
    }
    return { lines, end: 'closed' };
  }

  /** Sends these pieces, some ms apart, then does the rest. */
  const sending =
    (
      pieces: readonly (string | Uint8Array)[],
      last: (response: Parameters<Handler>[1]) => void = () => undefined,
    ): Handler =>
    (_request, response) => {
      response.writeHead(200);
      response.flushHeaders();
      const [first, ...rest] = pieces;
      if (first === undefined) {
        last(response);
        return;
      }
      response.write(first);
      const timer = setInterval(() => {
        const next = rest.shift();
        if (next !== undefined) {
          response.write(next);
          return;
        }
        clearInterval(timer);
        last(response);
      }, 8);
      response.on('close', () => clearInterval(timer));
    };

  const euro = Buffer.from('{"a":"€"}\n');
  const ended = (response: Parameters<Handler>[1]): void => void response.end();
  test.each<[string, Handler, { readonly lines: unknown[]; readonly end: unknown }]>([
    [
      'several lines in one piece, and empty ones',
      sending(['{"a":1}\n{"a":2}\n\n\r\n'], ended),
      { lines: [{ a: 1 }, { a: 2 }], end: 'closed' },
    ],
    [
      'a line in several pieces',
      sending(['{"a"', ':', '1}', '\n{"a":2}\n'], ended),
      { lines: [{ a: 1 }, { a: 2 }], end: 'closed' },
    ],
    [
      'a character in two pieces',
      sending([euro.subarray(0, 7), euro.subarray(7)], ended),
      { lines: [{ a: '€' }], end: 'closed' },
    ],
    ['half a line at the end', sending(['{"a":1}\n{"a":'], ended), { lines: [{ a: 1 }], end: 'closed' }],
    [
      'no JSON',
      sending(['{"a":1}\nnonsense\n{"a":2}\n'], ended),
      { lines: [{ a: 1 }], end: 'broken: unreadable line' },
    ],
    [
      'a reset',
      sending(['{"a":1}\n'], (response) => reset(response.socket)),
      { lines: [{ a: 1 }], end: expect.stringMatching(/^broken: (ECONNRESET|UND_ERR_SOCKET)$/) },
    ],
    [
      'a connection that ends without an end',
      sending(['{"a":1}\n'], (response) => response.socket?.end()),
      { lines: [{ a: 1 }], end: expect.stringMatching(/^broken: /) },
    ],
    ['nothing and the end', sending([], ended), { lines: [], end: 'closed' }],
  ])('%s', async (_name, handler, expected) => {
    const server = await aServer();
    server.handler = handler;
    expect(await drain(await to(server, 'http').watch(read, open))).toEqual(expected);
  });

  test.each([
    ['after a line', ['{"a":1}\n'], [{ a: 1 }]],
    ['after nothing but headers', [], []],
  ])('a half-open connection is found by its silence %s', async (_name, pieces, lines) => {
    const server = await aServer();
    server.handler = sending(pieces);
    const watch = await to(server, 'http').watch(read, { ...open, idleTimeout: millis(60) });
    expect(await drain(watch)).toEqual({ lines, end: 'broken: idle' });
  });

  test('that breaks before anybody reads it says so when it is read, and hurts nobody before', async () => {
    const server = await aServer();
    server.handler = sending([], (response) => setTimeout(() => reset(response.socket), 5));
    const watch = await to(server, 'http').watch(read, open);
    await sleep(systemClock, millis(40));
    expect((await drain(watch)).end).toMatch(/^broken: /);
  });

  test('anything that comes in time keeps it open', async () => {
    const server = await aServer();
    server.handler = sending(
      Array.from({ length: 30 }, () => '{"a":1}\n'),
      ended,
    );
    // 30 pieces take four times as long as the idle time-out.
    const watch = await to(server, 'http').watch(read, { ...open, idleTimeout: millis(60) });
    expect(await drain(watch)).toMatchObject({ end: 'closed' });
  });

  test('a line without end does not fill the memory', async () => {
    const server = await aServer();
    server.handler = (_request, response) => {
      const megabyte = Buffer.alloc(1024 * 1024, 'a');
      const more = (): void => {
        while (!response.destroyed && response.write(megabyte));
      };
      response.writeHead(200).on('drain', more);
      more();
    };
    expect(await drain(await to(server, 'http').watch(read, open))).toEqual({
      lines: [],
      end: 'broken: line too long',
    });
  });

  test.each<[string, Handler, Record<string, unknown>]>([
    [
      '410',
      (_request, response) => sendJson(response, 410, { kind: 'Status' }),
      { kind: 'reply', status: 410, body: { kind: 'Status' } },
    ],
    [
      '429',
      (_request, response) => sendJson(response, 429, {}, { 'retry-after': '2' }),
      { kind: 'reply', status: 429, headers: { 'retry-after': '2' } },
    ],
    ['a reset', (request) => reset(request.socket), { kind: 'failed' }],
  ])('that is not opened: %s', async (_name, handler, expected) => {
    const server = await aServer();
    server.handler = handler;
    expect(await to(server, 'http').watch(read, open)).toMatchObject(expected);
  });

  test('that is never answered fails after the idle time-out', async () => {
    const server = await aServer();
    server.handler = () => undefined;
    expect(await to(server, 'http').watch(read, { ...open, idleTimeout: millis(50) })).toEqual({
      kind: 'failed',
      cause: 'timeout',
    });
  });

  test('a signal ends it, also in the middle', async () => {
    const server = await aServer();
    server.handler = sending(['{"a":1}\n']);
    const stopping = new AbortController();
    const watch = await to(server, 'http').watch(read, { ...open, signal: stopping.signal });
    setTimeout(() => stopping.abort(), 30);
    expect(await drain(watch)).toEqual({ lines: [{ a: 1 }], end: 'broken: aborted' });
  });

  test('close ends it, lets the connection go and leaves no timer', async () => {
    const clock = new VirtualClock();
    const server = await aServer();
    let closed: () => void = () => undefined;
    const isClosed = new Promise<void>((resolve) => (closed = resolve));
    server.handler = (request, response) => {
      request.socket.on('close', closed);
      sending(['{"a":1}\n'])(request, response);
    };
    const watch = await to(server, 'http', { clock }).watch(read, open);
    if (watch.kind === 'open') watch.close();
    await isClosed;
    expect(clock.pendingTimers).toBe(0);
  });

  test('the close of the transport ends it', async () => {
    const server = await aServer();
    server.handler = sending(['{"a":1}\n']);
    const transport = to(server, 'http');
    const draining = drain(await transport.watch(read, open));
    setTimeout(() => void transport.close(), 30);
    expect((await draining).end).toMatch(/^broken: /);
  });

  test('goes on over old connections while new requests use new credentials', async () => {
    const server = await aServer('a');
    const caFile = join(folder, 'ca.pem');
    copyFileSync(pemPath('ca-a.pem'), caFile);
    const transport = to(server, 'https', { cluster: { caFile } });
    server.handler = (request, response) =>
      request.url?.includes('watch') === true
        ? sending(['{"a":1}\n', '', '', '{"a":2}\n'], ended)(request, response)
        : sendJson(response, 200, {});
    const draining = drain(await transport.watch({ method: 'GET', path: '/watch' }, open));
    writeFileSync(caFile, `${pem('ca-a.pem')}${pem('ca-b.pem')}`);
    expect((await transport.send(read, ample)).kind).toBe('reply');
    expect(await draining).toEqual({ lines: [{ a: 1 }, { a: 2 }], end: 'closed' });
    expect(server.connections).toBe(2);
  });
});
