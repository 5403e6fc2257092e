import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { K3sContainer } from '@testcontainers/k3s';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { request } from 'undici';
import { outputOf } from '../../scripts/image/command.ts';
import { IMAGES, WITHOUT_IMAGES } from '../support/containers/with-images.ts';
import { startK3s } from '../support/node/k3s.ts';

const STAND_IN = 'flexmetal-k3s-stand-in:test';
const NOWHERE = 'flexmetal-no-such-image:test';

/** Does of k3s what Testcontainers looks for, and tells on its port what it was given. There is no Kubernetes in it. */
const PROGRAM = `
  import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
  import { createServer } from 'node:http';
  if (process.env.FAULT) throw new Error(process.env.FAULT);
  const archive = readFileSync('/var/lib/rancher/k3s/agent/images/operator.tar');
  const at = archive.indexOf('"RepoTags":');
  const [, image] = /^"RepoTags":\\["([^"]+)"/.exec(archive.toString('utf8', at, at + 500));
  mkdirSync('/etc/rancher/k3s', { recursive: true });
  writeFileSync('/etc/rancher/k3s/k3s.yaml', 'clusters: [{name: c, cluster: {server: https://127.0.0.1:6443}}]');
  const given = { args: process.argv.slice(2), image };
  createServer((_, response) => response.end(JSON.stringify(given))).listen(6443, () => console.log('Node controller sync successful'));
  process.on('SIGTERM', () => process.exit(0));
`;

/** It needs no rights, and not every daemon gives them. */
class StandIn extends K3sContainer {
  constructor(settings: { readonly runtime?: string } = {}) {
    super(STAND_IN);
    this.hostConfig.Privileged = false;
    if (settings.runtime !== undefined) this.hostConfig.Runtime = settings.runtime;
  }
}

const containersLeft = (): Promise<string> =>
  outputOf('docker', ['ps', '--all', '--quiet', '--filter', `ancestor=${STAND_IN}`]);

describe.skipIf(WITHOUT_IMAGES !== '')(`a k3s for the tests on a node${WITHOUT_IMAGES}`, () => {
  beforeAll(async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'flexmetal-k3s-stand-in-'));
    try {
      await writeFile(path.join(folder, 'k3s.mjs'), PROGRAM);
      const lines = [
        `FROM ${IMAGES.operator}`,
        'USER 0',
        'COPY k3s.mjs /',
        'ENTRYPOINT ["/nodejs/bin/node", "/k3s.mjs"]',
        'VOLUME /var/lib/rancher/k3s',
      ];
      await writeFile(path.join(folder, 'Dockerfile'), `${lines.join('\n')}\n`);
      await outputOf('docker', ['build', '--quiet', '--tag', STAND_IN, folder]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
  afterAll(() => outputOf('docker', ['image', 'rm', '--force', STAND_IN]));

  test.each([
    ['that is there', IMAGES.operator, IMAGES.operator],
    ['that is built for it', undefined, 'flexmetal-operator:node-test'],
  ])('has the image %s, gives a kubeconfig, and ends with everything that was made', async (_name, given, image) => {
    const k3s = await startK3s({ image: STAND_IN, operatorImage: given, container: new StandIn() });
    let server: string | undefined;
    try {
      server = /server: https:\/\/(\S+?)\}/.exec(await readFile(k3s.kubeconfig, 'utf8'))?.[1];
      const reply = await request(`http://${server}/`);
      const host = server?.replace(/:\d+$/, '');
      expect(await reply.body.json()).toEqual({
        args: ['server', '--disable=traefik', '--disable=metrics-server', `--tls-san=${host}`],
        image,
      });
      expect(k3s.operatorImage).toBe(image);
    } finally {
      await k3s[Symbol.asyncDispose]();
    }
    expect(existsSync(path.dirname(k3s.kubeconfig))).toBe(false);
    await expect(request(`http://${server}/`)).rejects.toThrow('ECONNREFUSED');
    expect(await containersLeft()).toBe('');
  });

  test('that cannot be pulled says so', async () => {
    await expect(startK3s({ image: NOWHERE, operatorImage: IMAGES.operator })).rejects.toThrow(
      `The image ${NOWHERE} is not there and cannot be pulled. Give FLEXMETAL_NODE_K3S a tag of rancher/k3s`,
    );
  });

  test('whose operator cannot be pulled says how to build it', async () => {
    await expect(startK3s({ image: STAND_IN, operatorImage: NOWHERE })).rejects.toThrow(
      `npm run image -- --tag ${NOWHERE}`,
    );
  });

  test('that the daemon does not start leaves nothing and says what may be wrong', async () => {
    const container = new StandIn({ runtime: 'none-of-this-name' });
    await expect(startK3s({ image: STAND_IN, operatorImage: IMAGES.operator, container })).rejects.toThrow(
      `The Docker daemon did not start ${STAND_IN}. Does it allow privileged containers?`,
    );
    expect(await containersLeft()).toBe('');
  });

  test('that ends by itself leaves nothing and shows what it said', async () => {
    const container = new StandIn().withEnvironment({ FAULT: 'there is no room left' });
    await expect(startK3s({ image: STAND_IN, operatorImage: IMAGES.operator, container })).rejects.toThrow(
      /was started and did not get ready.*there is no room left/s,
    );
    expect(await containersLeft()).toBe('');
  });
});
