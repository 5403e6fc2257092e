import { createServer } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test } from 'vitest';
import { millis } from '../../src/base/time.ts';
import type { CreateOutcome } from '../../src/core/model/outcomes.ts';
import { createFlexMetalTransport } from '../../src/flexmetal/undici-transport.ts';
import { systemClock } from '../../src/runtime/system-clock.ts';
import type { Behaviour, FaultyApi, FaultyApiOptions } from './support/faulty-server.ts';
import {
  CANARY,
  ERROR_BODY,
  UUID,
  faultyApi,
  json,
  order,
  raw,
  secretOrder,
  silence,
  wireServer,
} from './support/faulty-server.ts';

let api: FaultyApi | undefined;
afterEach(async () => {
  await api?.close();
  api = undefined;
});

const SHORT = { orderTimeout: millis(100) };

const created = { kind: 'created', server: expect.objectContaining({ uuid: UUID }) };
const unclear = (cause: string) => ({ kind: 'unclear', cause: expect.stringMatching(cause) });
const refused = (as: string) => ({ kind: 'refused', refusal: expect.objectContaining({ class: as }) });

/** Sends the head of a reply and the beginning of its body, then resets. */
const resetInBody: Behaviour = ({ response, reset }) => {
  response.writeHead(201, { 'content-type': 'application/json', 'content-length': '500' });
  response.write('[{"uuid":"019256ab');
  setTimeout(reset, 20);
};

const resetInHeaders: Behaviour = ({ response, reset }) => {
  response.socket?.write('HTTP/1.1 201 Created\r\ncontent-type: appl');
  setTimeout(reset, 20);
};

const dripping: Behaviour = ({ response }) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  const timer = setInterval(() => response.write(' '), 10);
  response.on('close', () => clearInterval(timer));
};

const hundredMegabytes: Behaviour = ({ response }) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  const block = Buffer.alloc(1024 * 1024, ' ');
  let left = 100;
  const more = (): void => {
    while (left > 0 && !response.destroyed) {
      left -= 1;
      if (!response.write(block)) return;
    }
    if (left === 0) response.end('[]');
  };
  response.on('drain', more);
  response.on('error', () => undefined);
  more();
};

describe('an order', () => {
  test.each<[string, Behaviour, unknown, FaultyApiOptions?]>([
    ['answered with a list of one', json(200, [wireServer()]), created],
    ['answered with an object', json(201, wireServer()), created],
    ['answered with nulls for everything but the uuid', json(200, [nulls()]), created],
    ['answered with wrong types for everything but the uuid', json(200, [wrongTypes()]), created],
    ['answered with a server that has failed already', json(200, [wireServer({ status: 'failed' })]), created],
    ['answered with an unknown status', json(200, [wireServer({ status: 'levitating' })]), created],
    ['answered by silence', silence, unclear('timeout'), SHORT],
    ['answered by dripping bytes', dripping, unclear('timeout'), SHORT],
    ['reset before a reply', ({ reset }) => reset(), unclear('ECONNRESET|UND_ERR_SOCKET')],
    ['closed before a reply', ({ response }) => response.socket?.end(), unclear('UND_ERR_SOCKET')],
    ['reset in the headers', resetInHeaders, unclear('ECONNRESET|UND_ERR_SOCKET|HPE_|HTTPParserError')],
    ['reset in the body', resetInBody, unclear('ECONNRESET|UND_ERR_')],
    ['answered with 200 and nothing', raw(200, ''), unclear('200')],
    ['answered with 204', raw(204, ''), unclear('204')],
    ['answered with an empty list', json(200, []), unclear('200')],
    [
      'answered with two servers',
      json(200, [wireServer(), wireServer({ uuid: UUID.replace('0', '1') })]),
      unclear('200'),
    ],
    ['answered with a server without uuid', json(200, [wireServer({ uuid: undefined })]), unclear('200')],
    ['answered with a uuid that is none', json(200, [wireServer({ uuid: 'host-1' })]), unclear('200')],
    ['answered with a uuid in __proto__', raw(200, `[{"__proto__":{"uuid":"${UUID}"}}]`), unclear('200')],
    ['answered with a page of HTML', raw(200, '<html>welcome</html>', { 'content-type': 'text/html' }), unclear('200')],
    ['answered with truncated JSON', raw(200, JSON.stringify([wireServer()]).slice(0, -20)), unclear('200')],
    ['answered with an error and 200', json(200, ERROR_BODY), unclear('200')],
    ['answered with 100 MB', hundredMegabytes, unclear('too large|UND_ERR_RES_EXCEEDED_MAX_SIZE')],
    ['redirected', raw(302, '', { location: '/elsewhere' }), unclear('302')],
    ['answered with 408', json(408, ERROR_BODY), unclear('408')],
    ['answered with 409', json(409, ERROR_BODY), unclear('409')],
    ['answered with 429', json(429, ERROR_BODY), unclear('429')],
    ['answered with 500', json(500, ERROR_BODY), unclear('500')],
    ['answered with 502 by a proxy', raw(502, '<html>bad gateway</html>'), unclear('502')],
    ['answered with 503', raw(503, 'upstream'), unclear('503')],
    ['answered with 504', raw(504, ''), unclear('504')],
    ['answered with 400 in the words of a proxy', json(400, { message: 'Bad Request' }), unclear('400')],
    ['answered with 403 by a page', raw(403, '<html>forbidden</html>'), unclear('403')],
    ['answered with 404 by a page', raw(404, 'not here'), unclear('404')],
    ['refused with 400', json(400, ERROR_BODY), refused('invalid')],
    ['refused with 401', json(401, ERROR_BODY), refused('credentials')],
    ['refused with 403', json(403, ERROR_BODY), refused('credentials')],
    ['refused with 404', json(404, ERROR_BODY), refused('notFound')],
    ['refused with 422', json(422, ERROR_BODY), refused('invalid')],
  ])('%s', async (_name, behaviour, expected, options) => {
    api = await faultyApi(behaviour, options);
    expect(await place(api)).toEqual(expected);
    // Whatever came of it: one order is one POST.
    expect(api.received.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });

  test('is not sent when nobody listens', async () => {
    api = await faultyApi(silence);
    await api.close();
    expect(await api.client.openOrder(order())).toEqual({ kind: 'notConnected', cause: 'ECONNREFUSED' });
  });

  test('is not sent to a server that speaks no TLS', async () => {
    const plain = createServer((socket) =>
      socket
        .on('error', () => undefined)
        .resume()
        .end('HTTP/1.1 200 OK\r\n\r\n'),
    );
    const port = await new Promise<number>((resolve) => {
      plain.listen(0, '127.0.0.1', () => {
        const address = plain.address();
        resolve(address === null || typeof address === 'string' ? 0 : address.port);
      });
    });
    const transport = createFlexMetalTransport({ baseUrl: `https://127.0.0.1:${port}`, clock: systemClock });
    expect(await transport.connect({ timeout: millis(2_000) })).toEqual({
      kind: 'failed',
      cause: expect.stringMatching(/^(ERR_SSL_|EPROTO|ECONNRESET)/),
    });
    await transport.close();
    await new Promise((resolve) => plain.close(resolve));
  });

  test('has left when send returns: nothing can happen between the last check and the request', async () => {
    const listener = await listenInThread();
    const transport = createFlexMetalTransport({ baseUrl: `http://127.0.0.1:${listener.port}`, clock: systemClock });
    const connection = await transport.connect({ timeout: millis(2_000) });
    if ('kind' in connection) throw new Error(connection.cause);
    const request = { method: 'POST', path: '/v3/x', headers: {}, body: '{}' } as const;
    const outcome = connection.send(request, { timeout: millis(2_000) });
    // This thread stands still from here on, so what has not been written yet cannot arrive.
    const arrived = listener.waitForBytes(1_000);
    await listener.stop();
    expect(arrived).toBe('arrived');
    expect(await outcome).toEqual({ kind: 'failed', sent: 'maybe', cause: expect.any(String) });
    await transport.close();
  });

  test('is sent once', async () => {
    api = await faultyApi(json(200, [wireServer()]));
    const call = await api.client.openOrder(order());
    if (call.kind !== 'open') throw new Error(call.kind);
    expect(await call.send()).toEqual(created);
    expect(() => call.send()).toThrow('sent already');
  });

  test('sends nothing when it is given back', async () => {
    api = await faultyApi(json(200, [wireServer()]));
    const call = await api.client.openOrder(order());
    if (call.kind !== 'open') throw new Error(call.kind);
    call.close();
    call.close();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(api.received).toEqual([]);
  });

  test('travels alone on a fresh connection', async () => {
    api = await faultyApi(json(200, [wireServer()]));
    await api.client.listServers('observe');
    await place(api);
    const [listing, posted] = api.received;
    expect(listing?.headers.connection).toBe('keep-alive');
    expect(posted?.headers.connection).toBe('close');
  });

  test('that is invalid because the quota is used up says so', async () => {
    const usage = {
      instanceType: { id: 1, name: 'BM7.std.8' },
      quotaType: 'onDemand',
      contractId: '',
      quota: 5,
      usage: 5,
    };
    api = await faultyApi((request) => {
      if (request.path === '/v3/flexMetal/quota/usage') {
        json(200, [{ location: { id: 18, name: 'EU: Rotterdam' }, quotaUsage: [usage] }])(request);
      } else {
        json(422, ERROR_BODY)(request);
      }
    });
    expect(await place(api)).toEqual(refused('quota'));
  });

  test.each<[string, Behaviour]>([
    ['free', json(200, [{ location: { name: 'EU: Rotterdam' }, quotaUsage: null }])],
    ['unreadable', raw(200, '<html>')],
    ['unavailable', raw(503, '')],
  ])('that is invalid stays so when the quota is %s', async (_name, quota) => {
    api = await faultyApi((request) => (request.method === 'GET' ? quota(request) : json(422, ERROR_BODY)(request)));
    expect(await place(api)).toEqual(refused('invalid'));
  });

  test('shows no secret, whatever the API quotes', async () => {
    const request = secretOrder();
    const quoted = `cannot use ${CANARY} with https://join.example?jointoken=s3cr3tj0in and export DATABASE_PASSWORD=hunter2hunter2 at all`;
    api = await faultyApi(
      json(400, { errorCode: 20_001, errorMessage: quoted, errors: [{ property: 'os', message: quoted }] }),
    );
    const text = JSON.stringify([await place(api, request), api.calls]);
    expect(text).toContain('cannot use');
    expect(text).not.toMatch(/canary|s3cr3tj0in|hunter2/);
  });
});

async function place({ client }: FaultyApi, request = order()): Promise<CreateOutcome> {
  const call = await client.openOrder(request);
  if (call.kind !== 'open') throw new Error(`not opened: ${JSON.stringify(call)}`);
  return call.send();
}

function nulls(): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.keys(wireServer()).map((key) => [key, key === 'uuid' ? UUID : null]));
}

function wrongTypes(): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.keys(wireServer()).map((key) => [key, key === 'uuid' ? UUID : { odd: [7] }]));
}

interface ThreadListener {
  readonly port: number;
  /** Blocks this thread. */
  waitForBytes(timeoutMs: number): 'arrived' | 'nothing';
  stop(): Promise<void>;
}

/** Listens in a thread of its own, so that it sees bytes while the thread of the test is blocked. */
async function listenInThread(): Promise<ThreadListener> {
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(
    `const { workerData, parentPort } = require('node:worker_threads');
     const server = require('node:net').createServer((socket) => {
       socket.on('error', () => undefined);
       socket.on('data', () => { Atomics.store(workerData, 0, 1); Atomics.notify(workerData, 0); });
     });
     server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));`,
    { eval: true, workerData: flag },
  );
  const port = await new Promise<number>((resolve) => {
    worker.once('message', (message: unknown) => resolve(Number(message)));
  });
  return {
    port,
    waitForBytes: (timeoutMs) => (Atomics.wait(flag, 0, 0, timeoutMs) === 'timed-out' ? 'nothing' : 'arrived'),
    stop: async () => {
      await worker.terminate();
    },
  };
}
