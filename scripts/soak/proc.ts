import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

/** What a process holds open, as the kernel knows it. Linux only. */
export interface OpenFiles {
  readonly fileDescriptors: number;
  /** Sockets of any kind. */
  readonly sockets: number;
  /** TCP sockets by state: `ESTABLISHED`, `CLOSE_WAIT`, … */
  readonly byState: Readonly<Record<string, number>>;
}

/** Throws when there is no such process. */
export const openFilesOf = (pid: number): OpenFiles =>
  countOpen(
    linksOf(`/proc/${pid}/fd`),
    ['tcp', 'tcp6'].map((family) => readFileSync(`/proc/${pid}/net/${family}`, 'utf8')),
  );

/**
 * @param links where the entries of /proc/<pid>/fd lead
 * @param tables texts of /proc/<pid>/net/tcp and tcp6: those of the whole machine, told apart by their inodes
 */
export function countOpen(links: readonly string[], tables: readonly string[]): OpenFiles {
  const inodes = new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
  const byState: Record<string, number> = {};
  for (const line of tables.flatMap((table) => table.trim().split('\n').slice(1))) {
    const columns = line.trim().split(/\s+/);
    if (!inodes.has(columns[INODE] ?? '')) continue;
    const state = STATES[Number.parseInt(columns[STATE] ?? '', 16)] ?? 'OTHER';
    byState[state] = (byState[state] ?? 0) + 1;
  }
  return { fileDescriptors: links.length, sockets: inodes.size, byState };
}

/** Columns of the table: `sl local remote st queues timer retransmits uid timeout inode`. */
const STATE = 3;
const INODE = 9;

/** By the kernel's numbers, from include/net/tcp_states.h. */
const STATES: Readonly<Record<number, string>> = {
  1: 'ESTABLISHED',
  2: 'SYN_SENT',
  3: 'SYN_RECV',
  4: 'FIN_WAIT1',
  5: 'FIN_WAIT2',
  6: 'TIME_WAIT',
  7: 'CLOSE',
  8: 'CLOSE_WAIT',
  9: 'LAST_ACK',
  10: 'LISTEN',
  11: 'CLOSING',
};

/** One that was closed while the others were read is no more. */
const linksOf = (folder: string): readonly string[] =>
  readdirSync(folder).flatMap((name) => {
    try {
      return [readlinkSync(`${folder}/${name}`)];
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw error;
    }
  });
