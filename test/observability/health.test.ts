import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { minutes, seconds } from '../../src/base/time.ts';
import type { Check, Listening } from '../../src/observability/health.ts';
import { createWatchdog, keepBeating, serveHealth, serveMetrics } from '../../src/observability/health.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const running: Listening[] = [];
const address = { host: '127.0.0.1', port: 0 };

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

interface Answer {
  readonly status: number | undefined;
  readonly contentType: string | undefined;
  readonly body: string;
}

function ask(server: Listening, path: string, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port: server.port, path, method, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        body += part;
      });
      response.on('end', () => {
        resolve({ status: response.statusCode, contentType: response.headers['content-type'], body });
      });
    });
    call.on('error', reject).end();
  });
}

const ok = (name: string): Check => ({ name, run: () => ({ kind: 'ok' }) });
const failed = (name: string, reason: string): Check => ({ name, run: () => ({ kind: 'failed', reason }) });
const broken: Check = {
  name: 'broken',
  run: () => {
    throw new Error('canary');
  },
};

async function health(liveness: readonly Check[], readiness: readonly Check[]): Promise<Listening> {
  const server = await serveHealth({ address, liveness, readiness, clock: new VirtualClock() });
  running.push(server);
  return server;
}

describe('health', () => {
  test.each<[string, readonly Check[], readonly Check[], string, number, string]>([
    ['alive', [ok('loop')], [], '/livez', 200, 'ok\n'],
    ['healthz is livez', [failed('loop', 'stuck')], [], '/healthz', 503, '[-] loop failed: stuck\nfailed\n'],
    ['ready', [failed('loop', 'stuck')], [ok('watch')], '/readyz', 200, 'ok\n'],
    ['not ready', [], [ok('watch'), failed('list', 'not yet')], '/readyz', 503, '[-] list failed: not yet\nfailed\n'],
    ['every check by name', [], [ok('watch'), ok('list')], '/readyz?verbose', 200, '[+] watch ok\n[+] list ok\nok\n'],
    [
      'every check with the failed one',
      [],
      [ok('watch'), failed('list', 'not yet')],
      '/readyz?verbose=1',
      503,
      '[+] watch ok\n[-] list failed: not yet\nfailed\n',
    ],
    [
      'a check that throws has failed',
      [],
      [broken],
      '/readyz',
      503,
      '[-] broken failed: the check itself failed\nfailed\n',
    ],
    ['no checks', [], [], '/readyz', 200, 'ok\n'],
    ['another page', [], [], '/metrics', 404, 'not found\n'],
    ['a page named like a property', [], [], '/constructor', 404, 'not found\n'],
  ])('%s', async (_name, liveness, readiness, path, status, body) => {
    const server = await health(liveness, readiness);
    expect(await ask(server, path)).toEqual({ status, contentType: 'text/plain; charset=utf-8', body });
  });

  test('checks are asked each time', async () => {
    let ready = false;
    const check: Check = { name: 'list', run: () => (ready ? { kind: 'ok' } : { kind: 'failed', reason: 'not yet' }) };
    const server = await health([], [check]);
    expect((await ask(server, '/readyz')).status).toBe(503);
    ready = true;
    expect((await ask(server, '/readyz')).status).toBe(200);
  });

  test('only reading is possible', async () => {
    const server = await health([], []);
    expect((await ask(server, '/readyz', 'POST')).status).toBe(405);
    expect(await ask(server, '/readyz', 'HEAD')).toMatchObject({ status: 200, body: '' });
  });

  test('an address that is taken is an error', async () => {
    const first = await health([], []);
    const second = serveHealth({
      address: { ...address, port: first.port },
      liveness: [],
      readiness: [],
      clock: new VirtualClock(),
    });
    await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

describe('metrics', () => {
  test('serves what is rendered', async () => {
    const render = () => Promise.resolve({ contentType: 'text/plain; version=0.0.4', body: 'a 1\n' });
    const server = await serveMetrics({ address, render, clock: new VirtualClock() });
    running.push(server);
    expect(await ask(server, '/metrics')).toEqual({
      status: 200,
      contentType: 'text/plain; version=0.0.4',
      body: 'a 1\n',
    });
    expect((await ask(server, '/readyz')).status).toBe(404);
  });

  test('a page that cannot be rendered is a 500 without its reason', async () => {
    const render = () => Promise.reject(new Error('canary'));
    const server = await serveMetrics({ address, render, clock: new VirtualClock() });
    running.push(server);
    expect(await ask(server, '/metrics')).toMatchObject({ status: 500, body: 'internal error\n' });
  });
});

describe('close', () => {
  test('refuses new requests', async () => {
    const server = await serveHealth({ address, liveness: [], readiness: [], clock: new VirtualClock() });
    await ask(server, '/livez');
    await server.close();
    await expect(ask(server, '/livez')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('lets a running request end', async () => {
    const started = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    const render = async () => {
      started.resolve();
      await finish.promise;
      return { contentType: 'text/plain', body: 'late\n' };
    };
    const server = await serveMetrics({ address, render, clock: new VirtualClock() });
    const answer = ask(server, '/metrics');
    await started.promise;
    const closed = server.close();
    finish.resolve();
    expect((await answer).body).toBe('late\n');
    await closed;
  });

  test('cuts a request that does not end', async () => {
    const clock = new VirtualClock();
    const server = await serveHealth({ address, liveness: [], readiness: [], clock });
    const socket = connect(server.port, '127.0.0.1');
    const gone = Promise.withResolvers<void>();
    socket.on('close', () => gone.resolve()).on('error', () => undefined);
    // Half a request, so that the connection is not idle.
    await new Promise<void>((resolve) => {
      socket.write('GET /livez HTTP/1.1\r\nHost: a\r\n', () => resolve());
    });
    await ask(server, '/livez');
    const closed = server.close();
    await clock.advance(2_000);
    await Promise.all([closed, gone.promise]);
    expect(clock.pendingTimers).toBe(0);
  });
});

test('a watchdog barks when nobody beats it for too long', () => {
  const clock = new VirtualClock();
  const { check, beat } = createWatchdog({ name: 'queue', clock, limit: minutes(2) });
  clock.freeze(120_000);
  expect(check.run()).toEqual({ kind: 'ok' });
  clock.freeze(60_000);
  expect(check.run()).toEqual({ kind: 'failed', reason: 'no progress for 3 min' });
  beat();
  expect(check.run()).toEqual({ kind: 'ok' });
});

test('a heart beats every five seconds until it is stopped', async () => {
  const clock = new VirtualClock();
  let beats = 0;
  const heart = keepBeating(clock, () => (beats += 1));
  await clock.advance(seconds(17));
  expect(beats).toBe(3);
  heart.cancel();
  await clock.advance(minutes(1));
  expect(beats).toBe(3);
  expect(clock.pendingTimers).toBe(0);
});
