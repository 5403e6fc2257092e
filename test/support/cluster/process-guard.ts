import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import type { Writable } from 'node:stream';

/** How a process ended. Exactly one of both is set, as in Node's `exit` event. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process that does not outlive the program that started it, however that program ends. */
export interface GuardedProcess {
  readonly name: string;
  readonly pid: number;
  /** Where its output goes, appended. */
  readonly logPath: string;
  /** The end of its own output so far, for an error message. */
  tail(): string;
  /** Resolves when the process has ended; never rejects. */
  readonly ended: Promise<ProcessEnd>;
  /** Undefined while it runs. */
  readonly end: ProcessEnd | undefined;
  /** Sends a signal to the process alone; nothing when it has ended. */
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM, and SIGKILL to its whole group when it has not ended after `graceMs`. Resolves when it has ended. */
  stop(graceMs: number): Promise<ProcessEnd>;
}

export interface SpawnOptions {
  readonly logPath: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/**
 * Starts processes that die with this one: on an orderly end, on an exception, and on SIGKILL, after which nobody could clean up.
 *
 * A small shell reads a pipe whose other end only this process holds. Every child writes its own pid into that pipe before it becomes
 * the program asked for, so there is no moment in which it runs unguarded. When the pipe ends, whatever is still listed is killed with
 * its process group, and the folders given are removed. Children and the shell are in sessions of their own: a Ctrl-C in the terminal
 * reaches only this program, which stops them in order.
 */
export class ProcessGuard {
  readonly #shell: ChildProcess;
  readonly #pipe: Writable;
  readonly #running = new Set<GuardedProcess>();

  /** @param removeAtEnd folders that go when this process has gone or the guard is closed. */
  constructor(removeAtEnd: readonly string[] = []) {
    this.#shell = spawn('/bin/sh', ['-c', WATCH, 'process-guard', ...removeAtEnd], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    if (this.#shell.stdin === null) throw new Error('the process guard has no pipe');
    this.#pipe = this.#shell.stdin;
    // The shell may be killed from outside; writing to it then must not end this process.
    this.#pipe.on('error', () => undefined);
    this.#shell.unref();
  }

  /** Starts `command`. Throws when it cannot be started, for example because the file does not exist. */
  async spawn(name: string, command: string, args: readonly string[], options: SpawnOptions): Promise<GuardedProcess> {
    const log = openSync(options.logPath, 'a');
    const logStart = fstatSync(log).size;
    const child = spawn('/bin/sh', ['-c', REGISTER, name, command, ...args], {
      stdio: ['ignore', log, log, this.#pipe],
      detached: true,
      ...(options.env === undefined ? {} : { env: options.env }),
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    closeSync(log);
    const pid = await pidOf(child, name);
    const started = new Running({ name, pid, logPath: options.logPath, logStart, child });
    this.#running.add(started);
    void this.#forgetAtEnd(started);
    return started;
  }

  /** What it left behind goes with it. Then it is forgotten: its number may soon be another's. */
  async #forgetAtEnd(running: GuardedProcess): Promise<void> {
    await running.ended;
    killGroup(running.pid);
    this.#running.delete(running);
    if (this.#pipe.writable) this.#pipe.write(`- ${running.pid}\n`);
  }

  /** Kills what still runs, removes the folders and ends the shell. Stop the processes in order first. */
  async close(): Promise<void> {
    for (const running of this.#running) killGroup(running.pid);
    await Promise.all([...this.#running].map((running) => running.ended));
    const shellEnded =
      this.#shell.exitCode === null && this.#shell.signalCode === null ? ended(this.#shell) : undefined;
    this.#shell.ref();
    this.#pipe.end();
    await shellEnded;
  }
}

/** Numbers only: a line from nowhere else than our own children can come in, and a pid is all that is ever used. */
const WATCH = `
trap '' INT TERM HUP QUIT
pids=' '
while read -r sign pid; do
  case "$sign" in
    +) pids="$pids$pid " ;;
    -) case "$pids" in *" $pid "*) pids="\${pids%% $pid *} \${pids#* $pid }" ;; esac ;;
  esac
done
for pid in $pids; do kill -s KILL -- "-$pid" 2>/dev/null; done
for folder; do rm -rf -- "$folder"; done
`;

/** The program must not hold the pipe: the guard would never see its end. */
const REGISTER = 'echo "+ $$" >&3; exec "$@" 3>&-';

const TAIL_LINES = 12;

interface Start {
  readonly name: string;
  readonly pid: number;
  readonly logPath: string;
  /** Bytes of output by others before it. */
  readonly logStart: number;
  readonly child: ChildProcess;
}

class Running implements GuardedProcess {
  readonly name: string;
  readonly pid: number;
  readonly logPath: string;
  readonly ended: Promise<ProcessEnd>;
  end: ProcessEnd | undefined;
  readonly #start: Start;

  constructor(start: Start) {
    this.name = start.name;
    this.pid = start.pid;
    this.logPath = start.logPath;
    this.#start = start;
    this.ended = this.#noteEnd();
  }

  tail(): string {
    const own = readFileSync(this.logPath).subarray(this.#start.logStart).toString('utf8');
    return own.trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
  }

  kill(signal: NodeJS.Signals): void {
    this.#start.child.kill(signal);
  }

  async stop(graceMs: number): Promise<ProcessEnd> {
    this.kill('SIGTERM');
    const timer = setTimeout(() => killGroup(this.pid), graceMs);
    try {
      return await this.ended;
    } finally {
      clearTimeout(timer);
    }
  }

  async #noteEnd(): Promise<ProcessEnd> {
    this.end = await ended(this.#start.child);
    return this.end;
  }
}

function ended(child: ChildProcess): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

function pidOf(child: ChildProcess, name: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(new Error(`${name} cannot be started`, { cause })));
    child.once('spawn', () => {
      if (child.pid === undefined) reject(new Error(`${name} has no process id`));
      else resolve(child.pid);
    });
  });
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // Nobody is left in the group.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
