import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import * as z from 'zod';
import { ProcessGuard } from './process-guard.ts';
import { waitFor } from './wait-for.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'flexmetal-guard-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const logPath = (): string => path.join(folder, 'output.log');
const FAST = { everyMs: 10, timeoutMs: 4_000 };

test.each<{ name: string; how: string; end: (pid: number) => void }>([
  { name: 'by SIGKILL', how: 'wait', end: (pid) => process.kill(pid, 'SIGKILL') },
  { name: 'by SIGTERM', how: 'wait', end: (pid) => process.kill(pid, 'SIGTERM') },
  { name: 'by SIGINT', how: 'wait', end: (pid) => process.kill(pid, 'SIGINT') },
  { name: 'by process.exit', how: 'exit', end: () => undefined },
  { name: 'by an exception', how: 'throw', end: () => undefined },
])('nothing outlives a program that ends $name', async ({ how, end }) => {
  const program = path.join(import.meta.dirname, 'fixtures/guarded-parent.ts');
  const parent = spawn(process.execPath, [program, how], { stdio: ['ignore', 'pipe', 'ignore'] });
  const line = await firstLineOf(parent.stdout);
  const started = z.object({ folder: z.string(), pids: z.array(z.number()) }).parse(JSON.parse(line));
  end(parent.pid ?? 0);
  await waitFor('all processes are gone', () => !started.pids.some(isRunning), FAST);
  await waitFor('the folder is gone', () => !existsSync(started.folder), FAST);
  expect(started.pids).toHaveLength(2);
});

test('closing kills what runs, with its children, and removes the folders', async () => {
  const guard = new ProcessGuard([folder]);
  const parent = await guard.spawn('parent', '/bin/sh', ['-c', 'sleep 600 & echo $!; wait'], { logPath: logPath() });
  const child = await waitFor('the child is there', () => Number(readFileSync(logPath(), 'utf8')) || undefined, FAST);
  await guard.close();
  expect([isRunning(parent.pid), existsSync(folder)]).toEqual([false, false]);
  await waitFor('the child is gone', () => !isRunning(child), FAST);
});

test('a process that does not heed SIGTERM is killed with its group after its grace', async () => {
  const guard = new ProcessGuard();
  const deaf = await guard.spawn('deaf', '/bin/sh', ['-c', "trap '' TERM; echo ready; sleep 600 & wait; wait"], {
    logPath: logPath(),
  });
  await waitFor('it is deaf', () => deaf.tail() === 'ready', FAST);
  expect(await deaf.stop(50)).toEqual({ code: null, signal: 'SIGKILL' });
  await guard.close();
});

test('a process that heeds SIGTERM ends with its own code', async () => {
  const guard = new ProcessGuard();
  const polite = await guard.spawn(
    'polite',
    '/bin/sh',
    ['-c', "trap 'exit 7' TERM; echo ready; while :; do sleep 0.02; done"],
    { logPath: logPath() },
  );
  await waitFor('it listens', () => polite.tail() === 'ready', FAST);
  expect(await polite.stop(5_000)).toEqual({ code: 7, signal: null });
  expect(polite.end).toEqual({ code: 7, signal: null });
  await guard.close();
});

test('the tail of a log is of this process only, and a program that is not there says so', async () => {
  const guard = new ProcessGuard();
  const first = await guard.spawn('first', '/bin/sh', ['-c', 'echo first'], { logPath: logPath() });
  await first.ended;
  const second = await guard.spawn('second', path.join(folder, 'no-such-program'), [], { logPath: logPath() });
  expect((await second.ended).code).toBe(127);
  expect(first.tail()).toContain('first');
  expect(second.tail()).toMatch(/^(?!first).*no-such-program/);
  await guard.close();
});

async function firstLineOf(output: Readable): Promise<string> {
  for await (const line of createInterface({ input: output })) return line;
  return '';
}

/** A zombie that nobody has reaped yet does not run. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !(existsSync(`/proc/${pid}/stat`) && readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z '));
}
