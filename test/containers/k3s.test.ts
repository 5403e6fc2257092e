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

/** Does of k3s what Testcontainers looks for, and tells on its port what it was given. There is no Kubernetes in it. */
const PROGRAM = `
  import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
  import { createServer } from 'node:http';
  const archive = '/var/lib/rancher/k3s/agent/images/operator.tar';
  mkdirSync('/etc/rancher/k3s', { recursive: true });
  writeFileSync('/etc/rancher/k3s/k3s.yaml', 'clusters: [{name: c, cluster: {server: https://127.0.0.1:6443}}]');
  const given = { args: process.argv.slice(2), bytes: statSync(archive).size, isTar: readFileSync(archive).includes('manifest.json') };
  createServer((_, response) => response.end(JSON.stringify(given))).listen(6443, () => console.log('Node controller sync successful'));
  process.on('SIGTERM', () => process.exit(0));
`;

/** It needs no rights, and not every daemon gives them. */
class StandIn extends K3sContainer {
  constructor() {
    super(STAND_IN);
    this.hostConfig.Privileged = false;
  }
}

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

  test('has the image, gives a kubeconfig, and ends with everything that was made for it', async () => {
    const k3s = await startK3s({ image: STAND_IN, preloaded: IMAGES.operator, container: new StandIn() });
    let server: string | undefined;
    try {
      server = /server: https:\/\/(\S+?)\}/.exec(await readFile(k3s.kubeconfig, 'utf8'))?.[1];
      const reply = await request(`http://${server}/`);
      expect(await reply.body.json()).toEqual({
        args: ['server', '--disable=traefik', '--disable=metrics-server'],
        bytes: expect.any(Number),
        isTar: true,
      });
    } finally {
      await k3s[Symbol.asyncDispose]();
    }
    expect(existsSync(path.dirname(k3s.kubeconfig))).toBe(false);
    await expect(request(`http://${server}/`)).rejects.toThrow('ECONNREFUSED');
    expect(await outputOf('docker', ['ps', '--all', '--quiet', '--filter', `ancestor=${STAND_IN}`])).toBe('');
  });

  test('that cannot be started says what it needs', async () => {
    await expect(startK3s({ image: 'flexmetal-no-such-image:test', preloaded: IMAGES.operator })).rejects.toThrow(
      'k3s did not start from flexmetal-no-such-image:test. It needs a Docker daemon that can pull it',
    );
  });

  test('without the image says how to make it', async () => {
    await expect(startK3s({ image: STAND_IN, preloaded: 'flexmetal-no-such-image:test' })).rejects.toThrow(
      'npm run image -- --tag flexmetal-no-such-image:test',
    );
  });
});
