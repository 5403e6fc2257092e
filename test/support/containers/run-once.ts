import { setTimeout as delay } from 'node:timers/promises';
import { getContainerRuntimeClient } from 'testcontainers';
import { textOf } from './output.ts';

export interface RunOnce {
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly memoryBytes?: number;
  /** Gets signals from its first moment on, every few milliseconds, until it ends. */
  readonly signal?: NodeJS.Signals;
}

export interface OnceResult {
  readonly code: number;
  /** Standard output and error. */
  readonly output: string;
  /** From the start to the end, as far as the engine saw it. */
  readonly milliseconds: number;
}

/** Runs a container without network, capabilities and a writable root until it ends. Throws when it cannot be started at all. */
export async function runOnce(image: string, options: RunOnce): Promise<OnceResult> {
  const { container: containers } = await getContainerRuntimeClient();
  const { entrypoint, command, memoryBytes, signal } = options;
  const container = await containers.create({
    Image: image,
    ...(entrypoint === undefined ? {} : { Entrypoint: [...entrypoint] }),
    ...(command === undefined ? {} : { Cmd: [...command] }),
    HostConfig: {
      NetworkMode: 'none',
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      ...(memoryBytes === undefined ? {} : { Memory: memoryBytes, MemorySwap: memoryBytes }),
    },
  });
  try {
    await container.start();
    const ended = container.wait();
    if (signal !== undefined) await signalUntil(ended, () => container.kill({ signal }));
    await ended;
    const { State } = await container.inspect();
    return {
      code: State.ExitCode,
      output: textOf(await container.logs({ stdout: true, stderr: true, follow: false })),
      milliseconds: Date.parse(State.FinishedAt) - Date.parse(State.StartedAt),
    };
  } finally {
    await container.remove({ force: true, v: true });
  }
}

/** The first process of a container gets no signal before it listens for it: one alone may come too early. */
async function signalUntil(ended: Promise<unknown>, send: () => Promise<unknown>): Promise<void> {
  const over = ended.then(() => true);
  for (let sent = 0; sent < SIGNALS_MAX; sent += 1) {
    // It may have ended meanwhile: then there is nobody to get the signal.
    await send().catch(() => undefined);
    if (await Promise.race([over, delay(SIGNAL_EVERY_MS, false)])) return;
  }
}

const SIGNAL_EVERY_MS = 5;
const SIGNALS_MAX = 10_000;
