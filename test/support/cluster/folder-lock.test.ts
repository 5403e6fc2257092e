import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withFolderLock } from './folder-lock.ts';

const TIMES = { beatMs: 20, staleMs: 200, lookMs: 5 };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'flexmetal-lock-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const lockPath = (): string => path.join(folder, 'lock');
const aLock = (pid: number, host: string): string => JSON.stringify({ pid, host, nonce: 0 });

test('only one works at a time, and the others are told once who they wait for', async () => {
  let working = 0;
  let most = 0;
  const waits: string[] = [];
  const one = (): Promise<void> =>
    withFolderLock(
      folder,
      (holder) => waits.push(holder),
      async () => {
        working += 1;
        most = Math.max(most, working);
        await delay(20);
        working -= 1;
      },
      TIMES,
    );
  await Promise.all([one(), one(), one()]);
  expect(most).toBe(1);
  expect(waits).toEqual([`process ${process.pid}`, `process ${process.pid}`]);
  expect(existsSync(lockPath())).toBe(false);
});

test('the lock goes with an error, and the error comes through', async () => {
  await expect(
    withFolderLock(
      folder,
      () => undefined,
      () => Promise.reject(new Error('no luck')),
      TIMES,
    ),
  ).rejects.toThrow('no luck');
  expect(existsSync(lockPath())).toBe(false);
});

test('a holder that works for long keeps its lock', async () => {
  const order: string[] = [];
  // Both calls make the folder first, so which of two begun at once is first is open: the second begins when the lock is held.
  const held = Promise.withResolvers<void>();
  const long = withFolderLock(
    folder,
    () => undefined,
    async () => {
      held.resolve();
      await delay(TIMES.staleMs * 2);
      order.push('long');
    },
    TIMES,
  );
  await held.promise;
  await withFolderLock(
    folder,
    () => undefined,
    () => Promise.resolve(order.push('second')),
    TIMES,
  );
  await long;
  expect(order).toEqual(['long', 'second']);
});

test.each([
  ['whose process is gone', () => writeFileSync(lockPath(), aLock(pidOfTheDead(), hostname()))],
  ['of another machine that shows no life', () => writeOld(aLock(1, 'elsewhere'))],
  ['that was never written to its end', () => writeOld('')],
])('a lock %s is taken over', async (_name, leave) => {
  leave();
  const waits: string[] = [];
  expect(
    await withFolderLock(
      folder,
      (holder) => waits.push(holder),
      () => Promise.resolve('done'),
      TIMES,
    ),
  ).toBe('done');
  expect(waits).toEqual([]);
});

test.each([
  ['of a living process', () => aLock(process.pid, hostname())],
  ['of another machine', () => aLock(pidOfTheDead(), 'elsewhere')],
])('a fresh lock %s is respected', async (_name, content) => {
  writeFileSync(lockPath(), content());
  let done = false;
  const waiting = withFolderLock(
    folder,
    () => undefined,
    () => Promise.resolve((done = true)),
    TIMES,
  );
  await delay(TIMES.staleMs / 4);
  expect(done).toBe(false);
  rmSync(lockPath());
  await waiting;
  expect(done).toBe(true);
});

function writeOld(content: string): void {
  writeFileSync(lockPath(), content);
  const longAgo = new Date(Date.now() - 3_600_000);
  utimesSync(lockPath(), longAgo, longAgo);
}

const pidOfTheDead = (): number => spawnSync('true').pid;
