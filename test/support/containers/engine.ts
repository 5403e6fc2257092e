import type { ContainerRuntimeClient } from 'testcontainers';
import { getContainerRuntimeClient } from 'testcontainers';
import { outputOf } from '../../../scripts/image/command.ts';

/**
 * Why no image can be built and run here; undefined when it can. Looks for a Docker daemon the way Testcontainers does (DOCKER_HOST,
 * contexts, usual sockets), for the `docker` command, and for the base image, which is pulled if need be.
 */
export async function engineProblem(base: string): Promise<string | undefined> {
  // The control plane of the tests is made from programs of this machine.
  if (process.platform !== 'linux') return `this is ${process.platform}, and containers need programs of Linux`;
  const works = (...args: readonly string[]): Promise<boolean> => succeeds(outputOf('docker', args));
  if (!(await works('version'))) return 'the `docker` command is missing or reaches no daemon';
  if (!(await succeeds(getContainerRuntimeClient()))) return 'Testcontainers reaches no daemon';
  const isThere = (await works('image', 'inspect', base)) || (await works('pull', '--quiet', base));
  return isThere ? undefined : `the base image ${base} is not there and cannot be pulled`;
}

const succeeds = (attempt: Promise<unknown>): Promise<boolean> =>
  attempt.then(
    () => true,
    () => false,
  );

/** A container as the engine itself handles it: paused, cut off, killed by any signal. */
export type RawContainer = ReturnType<ContainerRuntimeClient['container']['getById']>;
