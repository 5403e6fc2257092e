import type { ContainerRuntimeClient } from 'testcontainers';
import { getContainerRuntimeClient } from 'testcontainers';
import { outputOf } from '../../../scripts/image/command.ts';

/** A container engine that answers; `undefined` and why, when there is none that can be used. */
export type Engine =
  | { readonly kind: 'found'; readonly client: ContainerRuntimeClient }
  | { readonly kind: 'missing'; readonly why: string };

/** Looks for a Docker daemon the way Testcontainers does (DOCKER_HOST, contexts, usual sockets), and for the `docker` command. */
export async function findEngine(): Promise<Engine> {
  try {
    await outputOf('docker', ['version', '--format', '{{.Server.Version}}']);
    return { kind: 'found', client: await getContainerRuntimeClient() };
  } catch (error) {
    return { kind: 'missing', why: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error) };
  }
}

/** A container as the engine itself handles it: paused, cut off, killed by any signal. */
export type RawContainer = ReturnType<ContainerRuntimeClient['container']['getById']>;
