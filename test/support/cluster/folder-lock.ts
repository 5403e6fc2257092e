import { hostname } from 'node:os';
import { readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface LockTimes {
  /** How often the holder shows that it lives. */
  readonly beatMs: number;
  /** A lock whose holder showed nothing for so long is taken over. Far above `beatMs`: a busy machine may be late. */
  readonly staleMs: number;
  /** How often somebody who waits looks again. */
  readonly lookMs: number;
}

export const LOCK_TIMES: LockTimes = { beatMs: 5_000, staleMs: 60_000, lookMs: 100 };

/**
 * Runs `work` while no other process on this machine runs work under the same folder's lock.
 *
 * The lock is a file that names its holder. It is taken over when the holder's process is gone or has shown no sign of life.
 * Should two take it over in the same instant, both run: what they do must be right even then (write to a name of their own, then rename).
 * @param onWait called once, with the holder's process id, when somebody else has the lock.
 */
export async function withFolderLock<T>(
  folder: string,
  onWait: (holder: string) => void,
  work: () => Promise<T>,
  times: LockTimes = LOCK_TIMES,
): Promise<T> {
  await mkdir(folder, { recursive: true });
  const lockPath = path.join(folder, 'lock');
  const mine = JSON.stringify({ pid: process.pid, host: hostname(), nonce: Math.random() });
  let told = false;
  while (!tryTake(lockPath, mine)) {
    const holder = readHolder(lockPath);
    if (holder === undefined) continue;
    if (isStale(lockPath, holder, times)) {
      dropStale(lockPath, holder);
      continue;
    }
    if (!told) onWait(`process ${holder.pid}`);
    told = true;
    await delay(times.lookMs);
  }
  const beat = setInterval(() => touch(lockPath), times.beatMs);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    if (readHolder(lockPath)?.text === mine) rmSync(lockPath, { force: true });
  }
}

interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly text: string;
}

function tryTake(lockPath: string, mine: string): boolean {
  try {
    writeFileSync(lockPath, mine, { flag: 'wx' });
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Undefined when there is no lock any more. A lock that cannot be read yet (its holder is just writing it) counts as held by nobody known. */
function readHolder(lockPath: string): Holder | undefined {
  let text: string;
  try {
    text = readFileSync(lockPath, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  const match = /"pid":(\d+),"host":"([^"]*)"/.exec(text);
  return { pid: Number(match?.[1] ?? 0), host: match?.[2] ?? '', text };
}

function isStale(lockPath: string, holder: Holder, times: LockTimes): boolean {
  if (holder.pid !== 0 && holder.host === hostname() && !isAlive(holder.pid)) return true;
  const touchedAt = statSync(lockPath, { throwIfNoEntry: false })?.mtimeMs;
  return touchedAt !== undefined && Date.now() - touchedAt > times.staleMs;
}

/** Moves the stale lock away first: if another process was quicker, what is moved is its fresh lock, and that goes back. */
function dropStale(lockPath: string, holder: Holder): void {
  const aside = `${lockPath}.stale.${process.pid}`;
  try {
    renameSync(lockPath, aside);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  if (readFileSync(aside, 'utf8') === holder.text) rmSync(aside, { force: true });
  else renameSync(aside, lockPath);
}

function touch(lockPath: string): void {
  const now = new Date();
  try {
    utimesSync(lockPath, now, now);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !hasCode(error, 'ESRCH');
  }
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;
