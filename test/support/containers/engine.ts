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
  const daemon = await daemonProblem();
  if (daemon !== undefined) return daemon;
  return (await succeeds(haveImage(base))) ? undefined : `the base image ${base} is not there and cannot be pulled`;
}

/** Why no container can be started here; undefined when one can. */
export async function daemonProblem(): Promise<string | undefined> {
  if (!(await succeeds(outputOf('docker', ['version'])))) return 'the `docker` command is missing or reaches no daemon';
  return (await succeeds(getContainerRuntimeClient())) ? undefined : 'Testcontainers reaches no daemon';
}

/** Pulls it where it is not in the daemon's store. @throws what `docker pull` says when that fails */
export async function haveImage(image: string): Promise<void> {
  if (await succeeds(outputOf('docker', ['image', 'inspect', image]))) return;
  await outputOf('docker', ['pull', '--quiet', image]);
}

const succeeds = (attempt: Promise<unknown>): Promise<boolean> =>
  attempt.then(
    () => true,
    () => false,
  );

/** A container as the engine itself handles it: paused, cut off, killed by any signal. */
export type RawContainer = ReturnType<ContainerRuntimeClient['container']['getById']>;
