import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { request } from 'undici';
import { expect, test } from 'vitest';
import type { RealFault } from '../../cluster/support/fail-points/fail-points.ts';
import { FailPoints } from '../../cluster/support/fail-points/fail-points.ts';
import { openInterceptingProxy } from '../../cluster/support/fail-points/intercepting-proxy.ts';
import { waitFor } from '../../support/cluster/wait-for.ts';

const ORDER = 'vendor POST /v3/flexMetal/servers';
/** For calls that get no answer; all others are waited for as long as a busy machine may need. */
const IMPATIENT_MS = 500;
const PATIENT_MS = 5_000;

/** A vendor that notes what arrives, behind a proxy with fail points; what is done to the process is noted in the same list. */
async function openScene() {
  const happened: string[] = [];
  const upstream = createServer((incoming, reply) => {
    happened.push(`arrived ${incoming.method}`);
    reply.setHeader('x-request-id', 'req-1');
    reply.end(incoming.method === 'GET' ? 'a list' : 'a server');
  });
  await new Promise<void>((resolve) => void upstream.listen(0, '127.0.0.1', resolve));
  const note = (what: string) => async (): Promise<void> => {
    happened.push(what);
  };
  const points = new FailPoints({
    kill: note('killed'),
    freeze: async () => {
      happened.push('frozen');
      return () => void happened.push('woken');
    },
    takeLease: note('lease taken'),
  });
  const proxy = await openInterceptingProxy({
    upstream: `http://127.0.0.1:${portOf(upstream.address())}`,
    isHeld: (method) => method !== 'GET',
    onHeld: (call) => points.pass('vendor', call),
  });
  return {
    happened,
    points,
    send: (method: 'GET' | 'POST', patienceMs = PATIENT_MS): Promise<string> => send(proxy.url, method, patienceMs),
    [Symbol.asyncDispose]: async () => {
      await proxy.close();
      upstream.close();
    },
  };
}

/** What the sender gets: status and body, or the code of its error. */
async function send(url: string, method: 'GET' | 'POST', patienceMs: number): Promise<string> {
  try {
    const reply = await request(`${url}/v3/flexMetal/servers`, {
      method,
      signal: AbortSignal.timeout(patienceMs),
      ...(method === 'POST' ? { body: '{}' } : {}),
    });
    return `${reply.statusCode} ${await reply.body.text()}`;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  }
}

const portOf = (address: AddressInfo | string | null): number =>
  typeof address === 'object' ? (address?.port ?? 0) : 0;

const FAULTS: readonly (readonly [RealFault, got: string, happened: readonly string[]])[] = [
  ['killBefore', 'TimeoutError', ['killed']],
  ['killAfter', 'TimeoutError', ['arrived POST', 'killed']],
  ['replyLost', 'ECONNRESET', ['arrived POST']],
  ['errorWithout', '503 ', []],
  ['errorWith', '503 ', ['arrived POST']],
  ['delayed', 'TimeoutError', ['arrived POST']],
  ['frozen', '200 a server', ['frozen', 'arrived POST', 'woken']],
  ['leaseTaken', '200 a server', ['lease taken', 'arrived POST']],
];

test.concurrent.each(FAULTS)('%s: the sender gets %s', async (fault, got, happened) => {
  await using scene = await openScene();
  scene.points.arm({ effect: ORDER, object: 0, nth: 2, fault });
  // The first of its name and all reads pass.
  expect(await scene.send('POST')).toBe('200 a server');
  expect(await scene.send('GET')).toBe('200 a list');
  expect(scene.points.isHit).toBe(false);
  scene.happened.length = 0;
  const patienceMs = got === 'TimeoutError' ? IMPATIENT_MS : PATIENT_MS;
  expect(await scene.send('POST', patienceMs)).toBe(got);
  await scene.points.quiet();
  expect(scene.happened).toEqual(happened);
  expect(scene.points.isHit).toBe(true);
  // It strikes once.
  expect(await scene.send('POST')).toBe('200 a server');
  expect(scene.points.seen).toEqual(Array.from({ length: 3 }, () => ({ effect: ORDER, object: 0 })));
});

test('a delayed call arrives after its sender gave up', async () => {
  await using scene = await openScene();
  scene.points.arm({ effect: ORDER, object: 0, nth: 1, fault: 'delayed' });
  expect(await scene.send('POST', IMPATIENT_MS)).toBe('TimeoutError');
  expect(scene.happened).toEqual([]);
  await waitFor('it arrives', () => scene.happened.length > 0, { everyMs: 20, timeoutMs: 5_000 });
  expect(scene.happened).toEqual(['arrived POST']);
});

test('effects are counted for each object, and not before the point is armed', async () => {
  await using scene = await openScene();
  await scene.send('POST');
  scene.points.arm({ effect: ORDER, object: 2, nth: 1, fault: 'errorWithout' });
  scene.points.nextObject();
  expect(await scene.send('POST')).toBe('200 a server');
  scene.points.nextObject();
  expect(await scene.send('POST')).toBe('503 ');
  expect(scene.points.seen).toEqual([
    { effect: ORDER, object: 1 },
    { effect: ORDER, object: 2 },
  ]);
});

test('a disarmed point does not strike', async () => {
  await using scene = await openScene();
  scene.points.arm({ effect: ORDER, object: 0, nth: 1, fault: 'errorWithout' });
  scene.points.disarm();
  expect(await scene.send('POST')).toBe('200 a server');
});

test('what is not held comes through as it is written, piece by piece', async () => {
  const upstream = createServer((_incoming, reply) => {
    reply.write('first\n');
    setTimeout(() => reply.end('second\n'), 400);
  });
  await new Promise<void>((resolve) => void upstream.listen(0, '127.0.0.1', resolve));
  const proxy = await openInterceptingProxy({
    upstream: `http://127.0.0.1:${portOf(upstream.address())}`,
    isHeld: () => false,
    onHeld: async () => undefined,
  });
  try {
    const reply = await request(proxy.url);
    const pieces: string[] = [];
    for await (const piece of reply.body) pieces.push(String(piece));
    expect(pieces).toEqual(['first\n', 'second\n']);
  } finally {
    await proxy.close();
    upstream.close();
  }
});
