import { readFileSync } from 'node:fs';

/** What the kernel knows of a process. Linux only. */
export interface Usage {
  readonly rssBytes: number;
  /** The most that it ever was. */
  readonly rssPeakBytes: number;
  /** In user and kernel mode, all threads, since the start. */
  readonly cpuMs: number;
}

/** Throws when there is no such process. */
export const usageOf = (pid: number): Usage =>
  readUsage(readFileSync(`/proc/${pid}/status`, 'utf8'), readFileSync(`/proc/${pid}/stat`, 'utf8'));

/** Linux counts the CPU time of processes in hundredths of a second (USER_HZ) on all its common architectures. */
const TICK_MS = 10;
/** utime and stime are the fields 14 and 15 of /proc/<pid>/stat; the fields behind the name begin with the third. */
const UTIME = 11;

/** @param status text of /proc/<pid>/status @param stat of /proc/<pid>/stat. Throws when a number is missing. */
export function readUsage(status: string, stat: string): Usage {
  // The name stands in brackets and may hold blanks and brackets itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return {
    rssBytes: kibibytes(status, 'VmRSS') * 1_024,
    rssPeakBytes: kibibytes(status, 'VmHWM') * 1_024,
    cpuMs: (numberOf(fields[UTIME]) + numberOf(fields[UTIME + 1])) * TICK_MS,
  };
}

const kibibytes = (status: string, name: string): number =>
  numberOf(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]);

function numberOf(text: string | undefined): number {
  const value = Number(text);
  if (text === undefined || !Number.isFinite(value)) throw new Error('the kernel says nothing of this process');
  return value;
}
