import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { millis, seconds } from '../../src/base/time.ts';
import { httpGet } from '../../src/cli/http-get.ts';
import { systemClock } from '../../src/runtime/system-clock.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function serve(answer: RequestListener): Promise<URL> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return new URL(`http://127.0.0.1:${address.port}/readyz`);
}

const get = (url: URL, timeout = seconds(5), signal = new AbortController().signal) =>
  httpGet(url, { clock: systemClock, timeout, signal });

test.each([200, 503])('status and text of a reply with %i', async (status) => {
  const url = await serve((_request, response) => response.writeHead(status).end('[+] ping ok\n'));
  expect(await get(url)).toEqual({ kind: 'reply', status, text: '[+] ping ok\n' });
});

test('a redirect is an answer, and is not followed', async () => {
  const url = await serve((_request, response) => response.writeHead(302, { location: '/elsewhere' }).end());
  expect(await get(url)).toEqual({ kind: 'reply', status: 302, text: '' });
});

test('of a long text only the beginning is read', async () => {
  const url = await serve((_request, response) => void response.end('x'.repeat(1024 * 1024)));
  expect(await get(url)).toEqual({ kind: 'reply', status: 200, text: 'x'.repeat(64 * 1024) });
});

test('silence ends at the deadline, also in the middle of a text', async () => {
  const url = await serve((_request, response) => void response.write('begun'));
  expect(await get(url, millis(50))).toEqual({ kind: 'failed', cause: 'timeout' });
});

test('nobody listens', async () => {
  const url = await serve(() => undefined);
  for (const close of closing.splice(0)) close();
  expect(await get(url)).toEqual({ kind: 'failed', cause: 'ECONNREFUSED' });
});

test('told to stop', async () => {
  const url = await serve(() => undefined);
  expect(await get(url, seconds(5), AbortSignal.abort())).toEqual({ kind: 'failed', cause: 'AbortError' });
});
