import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { K3sContainer } from '@testcontainers/k3s';
import { getContainerRuntimeClient } from 'testcontainers';
import { outputOf } from '../../../scripts/image/command.ts';
import { daemonProblem, haveImage } from '../containers/engine.ts';
import { buildOperatorImage } from '../containers/images.ts';
import { textOf } from '../containers/output.ts';

/** A cluster of one node in a container. */
export interface K3s extends AsyncDisposable {
  /** Path of a kubeconfig with full rights, which goes with the cluster. */
  readonly kubeconfig: string;
  /** Of the operator; the node has it. */
  readonly operatorImage: string;
}

/** k3s takes every archive here into the node's images before it starts pods. */
const ARCHIVES = '/var/lib/rancher/k3s/agent/images';
/** The operator's image when it is built for these tests. */
const BUILT = 'flexmetal-operator:node-test';

/**
 * Starts k3s by Testcontainers, which needs a Docker daemon that allows privileged containers.
 * @param image of k3s, such as `rancher/k3s:v1.36.2-k3s1`; what the tests do not need of it stays off
 * @param operatorImage built when undefined
 * @param container of the image
 * @throws with what to do when it cannot be started; nothing is left of it then
 */
export async function startK3s({
  image,
  operatorImage,
  container: prepared = new K3sContainer(image),
}: {
  readonly image: string;
  readonly operatorImage?: string | undefined;
  readonly container?: K3sContainer;
}): Promise<K3s> {
  await mustHaveK3s(image);
  const operator = await haveOperator(operatorImage);
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(path.join(tmpdir(), 'flexmetal-k3s-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const archive = path.join(folder, 'operator.tar');
  await outputOf('docker', ['save', '--output', archive, operator]);
  const { info } = await getContainerRuntimeClient();
  const name = `flexmetal-k3s-${randomBytes(4).toString('hex')}`;
  let said = '';
  const container = await prepared
    .withName(name)
    // The port is mapped on this host, which k3s cannot know: its certificate would not name it.
    .withCommand(['server', '--disable=traefik', '--disable=metrics-server', `--tls-san=${info.containerRuntime.host}`])
    .withCopyFilesToContainer([{ source: archive, target: `${ARCHIVES}/operator.tar` }])
    .withLogConsumer((stream) => stream.on('data', (text) => (said = `${said}${text}`.slice(-SAID_MAX))))
    .start()
    .catch(async (cause: unknown) => {
      throw new Error(whyNot(image, (await removeRemains(name)) || said), { cause });
    });
  stack.defer(async () => void (await container.stop()));
  const kubeconfig = path.join(folder, 'kubeconfig');
  await writeFile(kubeconfig, container.getKubeConfig(), { mode: 0o600 });
  const kept = stack.move();
  return { kubeconfig, operatorImage: operator, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** Characters of its log that are shown when it fails. */
const SAID_MAX = 3_000;

async function mustHaveK3s(image: string): Promise<void> {
  const problem = await daemonProblem();
  if (problem !== undefined)
    throw new Error(
      `k3s runs in a container, and ${problem}. Start Docker, or name a cluster by FLEXMETAL_NODE_KUBECONFIG instead.`,
    );
  await haveImage(image).catch((cause: unknown) => {
    throw new Error(
      `The image ${image} is not there and cannot be pulled. Give FLEXMETAL_NODE_K3S a tag of rancher/k3s, or bring the image by \`docker load\`.`,
      { cause },
    );
  });
}

async function haveOperator(given: string | undefined): Promise<string> {
  if (given === undefined) {
    await buildOperatorImage(BUILT);
    return BUILT;
  }
  await haveImage(given).catch((cause: unknown) => {
    throw new Error(
      `The image ${given} is not there and cannot be pulled. Build it (npm run image -- --tag ${given}), or leave FLEXMETAL_IMAGE empty and it is built.`,
      { cause },
    );
  });
  return given;
}

/** @param said by k3s; nothing when it never ran */
const whyNot = (image: string, said: string): string =>
  said === ''
    ? `The Docker daemon did not start ${image}. Does it allow privileged containers? A rootless one, or one with user namespaces, may not.`
    : `${image} was started and did not get ready. The end of what it said:\n${said}`;

/** Testcontainers removes a container that was not ready in time, but none that could not be started. @returns what it said */
async function removeRemains(name: string): Promise<string> {
  const { container: containers } = await getContainerRuntimeClient();
  const container = containers.getById(name);
  try {
    return textOf(await container.logs({ stdout: true, stderr: true, follow: false })).slice(-SAID_MAX);
  } catch {
    // There is none, or none that ever ran.
    return '';
  } finally {
    await container.remove({ force: true, v: true }).catch(() => undefined);
  }
}
