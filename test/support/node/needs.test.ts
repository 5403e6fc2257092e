import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { givenIn } from './needs.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'flexmetal-needs-'));
  for (const program of ['helm', 'kubectl']) {
    writeFileSync(path.join(folder, program), '#!/bin/sh\n');
    chmodSync(path.join(folder, program), 0o755);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

const environment = (given: Readonly<Record<string, string>>) => ({
  PATH: folder,
  XDG_CACHE_HOME: folder,
  FLEXMETAL_IMAGE: 'operator:1',
  ...given,
});

test('a cluster is the one that is named, or a k3s that is to be started', () => {
  expect(givenIn(environment({ FLEXMETAL_NODE_KUBECONFIG: 'mine' }))).toMatchObject({
    place: { kind: 'named', kubeconfig: 'mine', image: 'operator:1' },
    kubectl: path.join(folder, 'kubectl'),
  });
  expect(givenIn(environment({ FLEXMETAL_NODE_K3S: 'rancher/k3s:v1.36.2-k3s1' }))).toMatchObject({
    place: { kind: 'k3s', k3sImage: 'rancher/k3s:v1.36.2-k3s1', image: 'operator:1' },
  });
  expect(givenIn(environment({ FLEXMETAL_NODE_K3S: 'k3s', FLEXMETAL_IMAGE: '' }))).toMatchObject({
    place: { kind: 'k3s', k3sImage: 'k3s', image: undefined },
  });
});

test.each([
  ['no cluster', {}, ['neither FLEXMETAL_NODE_KUBECONFIG names a cluster nor FLEXMETAL_NODE_K3S an image of k3s']],
  [
    'two clusters',
    { FLEXMETAL_NODE_KUBECONFIG: 'mine', FLEXMETAL_NODE_K3S: 'k3s' },
    ['FLEXMETAL_NODE_KUBECONFIG and FLEXMETAL_NODE_K3S are both set: which one is meant?'],
  ],
  [
    'no image on the cluster that is named',
    { FLEXMETAL_NODE_KUBECONFIG: 'mine', FLEXMETAL_IMAGE: '' },
    ['FLEXMETAL_IMAGE names no image that the cluster of FLEXMETAL_NODE_KUBECONFIG has'],
  ],
  ['the cluster of kubectl', { KUBECONFIG: 'mine' }, [expect.stringContaining('neither')]],
  [
    'no programs',
    { FLEXMETAL_NODE_K3S: 'k3s', PATH: '' },
    ['there is no helm (HELM or PATH)', 'there is no kubectl (KUBECTL or PATH)'],
  ],
])('with %s, what is missing is said', (_name, given, missing) => {
  expect(givenIn(environment(given))).toEqual(missing);
});
