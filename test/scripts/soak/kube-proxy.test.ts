import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { KubeProxy } from '../../../scripts/soak/kube-proxy.ts';

/** An echo behind a proxy. */
async function echoing() {
  const server = createServer((socket) => socket.on('error', () => undefined).pipe(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = addressOf(server.address());
  const proxy = await KubeProxy.open(`https://127.0.0.1:${port}`);
  const socket = connect(Number(new URL(proxy.url).port), '127.0.0.1');
  let heard = '';
  socket.on('data', (data: Buffer) => (heard += data.toString()));
  await once(socket, 'connect');
  return {
    proxy,
    socket,
    heard: () => heard,
    close: async () => {
      socket.destroy();
      await proxy.close();
      server.close();
    },
  };
}

const addressOf = (address: AddressInfo | string | null): AddressInfo => {
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address;
};

/** Long enough for a byte on loopback, had it been let through. */
const A_WHILE_MS = 20;

async function saysInVain(socket: Socket, text: string): Promise<void> {
  socket.write(text);
  await delay(A_WHILE_MS);
}

test('bytes go through, wait while it is stalled, and go on', async () => {
  const { proxy, socket, heard, close } = await echoing();
  socket.write('one ');
  await expect.poll(heard).toBe('one ');
  proxy.stall();
  await saysInVain(socket, 'two ');
  expect(heard()).toBe('one ');
  proxy.flow();
  socket.write('three');
  await expect.poll(heard).toBe('one two three');
  await close();
});

test('a connection that comes while it is stalled waits as well', async () => {
  const { proxy, heard, socket, close } = await echoing();
  proxy.stall();
  const late = connect(Number(new URL(proxy.url).port), '127.0.0.1');
  let answer = '';
  late.on('data', (data: Buffer) => (answer += data.toString()));
  await saysInVain(late, 'late');
  expect(answer).toBe('');
  proxy.flow();
  await expect.poll(() => answer).toBe('late');
  expect(heard()).toBe('');
  late.destroy();
  socket.destroy();
  await close();
});

test('a cut resets all connections, and the next one works', async () => {
  const { proxy, socket, close } = await echoing();
  const reset = once(socket, 'error');
  proxy.cut();
  expect((await reset)[0]).toMatchObject({ code: 'ECONNRESET' });
  const next = connect(Number(new URL(proxy.url).port), '127.0.0.1');
  next.write('again');
  expect(String((await once(next, 'data'))[0])).toBe('again');
  next.destroy();
  await close();
});
