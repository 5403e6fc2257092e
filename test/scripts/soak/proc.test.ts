import { createServer } from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { countOpen, openFilesOf } from '../../../scripts/soak/proc.ts';

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const row = (state: string, inode: number): string =>
  `   0: 0100007F:1F90 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0000000000000000 100 0 0 10 0`;

test('descriptors are counted, and sockets by their state', () => {
  const links = [
    '/dev/null',
    'pipe:[5]',
    'socket:[11]',
    'socket:[12]',
    'socket:[13]',
    'socket:[99]',
    'anon_inode:[eventpoll]',
  ];
  const tables = [
    [HEAD, row('0A', 11), row('01', 12), row('01', 500)].join('\n'),
    [HEAD, row('08', 13), ''].join('\n'),
  ];
  expect(countOpen(links, tables)).toEqual({
    fileDescriptors: 7,
    sockets: 4,
    byState: { LISTEN: 1, ESTABLISHED: 1, CLOSE_WAIT: 1 },
  });
});

test.skipIf(process.platform !== 'linux')('a port that is listened on shows in the own process', async () => {
  const before = openFilesOf(process.pid);
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const during = openFilesOf(process.pid);
  server.close();
  expect(during.sockets).toBe(before.sockets + 1);
  expect(during.byState['LISTEN']).toBe((before.byState['LISTEN'] ?? 0) + 1);
});

test.skipIf(process.platform !== 'linux')('a process that is gone holds nothing open that could be read', () => {
  expect(() => openFilesOf(2 ** 30)).toThrow('ENOENT');
});
