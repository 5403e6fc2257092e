import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { K3sContainer } from '@testcontainers/k3s';
import { outputOf } from '../../../scripts/image/command.ts';

/** A cluster of one node in a container. */
export interface K3s extends AsyncDisposable {
  /** Path of a kubeconfig with full rights, which goes with the cluster. */
  readonly kubeconfig: string;
}

/** k3s takes every archive here into the node's images before it starts pods. */
const IMAGES = '/var/lib/rancher/k3s/agent/images';

/**
 * Starts k3s by Testcontainers, which needs a Docker daemon that allows privileged containers and can pull the image.
 * @param image of k3s, such as `rancher/k3s:v1.36.2-k3s1`; what the tests do not need of it stays off
 * @param preloaded an image in the store of the daemon, which the node gets
 * @param container of that image
 * @throws with what to do when it cannot be started, or the image is not there
 */
export async function startK3s({
  image,
  preloaded,
  container: prepared = new K3sContainer(image),
}: {
  readonly image: string;
  readonly preloaded: string;
  readonly container?: K3sContainer;
}): Promise<K3s> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(path.join(tmpdir(), 'flexmetal-k3s-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const archive = path.join(folder, 'operator.tar');
  await outputOf('docker', ['save', '--output', archive, preloaded]).catch((error: unknown) => {
    throw new Error(`The image ${preloaded} is not in the store of docker: npm run image -- --tag ${preloaded}`, {
      cause: error,
    });
  });
  const container = await prepared
    .withCommand(['server', '--disable=traefik', '--disable=metrics-server'])
    .withCopyFilesToContainer([{ source: archive, target: `${IMAGES}/operator.tar` }])
    .start()
    .catch((error: unknown) => {
      const hint = 'It needs a Docker daemon that can pull it and that allows privileged containers.';
      throw new Error(`k3s did not start from ${image}. ${hint}`, { cause: error });
    });
  stack.defer(async () => void (await container.stop()));
  const kubeconfig = path.join(folder, 'kubeconfig');
  await writeFile(kubeconfig, container.getKubeConfig(), { mode: 0o600 });
  const kept = stack.move();
  return { kubeconfig, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
