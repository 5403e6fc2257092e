import { expect, test } from 'vitest';
import { engineArguments } from '../../../scripts/image/engine-arguments.ts';
import type { ImageOptions } from '../../../scripts/image/options.ts';

const FACTS = { version: '1.2.3', revision: 'abc', createdAtSeconds: 1_700_000_000 };
const VALUES = '--build-arg VERSION=1.2.3 --build-arg REVISION=abc --build-arg CREATED=2023-11-14T22:13:20Z';
const BOTH = ['linux/amd64', 'linux/arm64'];

test.each<[what: string, options: Partial<ImageOptions>, expected: readonly string[]]>([
  ['into docker', {}, [`build --tag t:1 ${VALUES} .`]],
  ['anew', { isCached: false }, [`build --tag t:1 ${VALUES} --no-cache .`]],
  ['on another base', { base: 'b' }, [`build --tag t:1 ${VALUES} --build-arg BASE=b .`]],
  ['for another platform', { platforms: ['linux/arm64'] }, [`build --tag t:1 --platform linux/arm64 ${VALUES} .`]],
  [
    'to a registry, for two platforms',
    { platforms: BOTH, destination: { kind: 'registry' } },
    [`buildx build --push --provenance=false --tag t:1 --platform linux/amd64,linux/arm64 ${VALUES} .`],
  ],
  [
    'into a file',
    { destination: { kind: 'archive', file: 'f.tar' } },
    [`buildx build --output type=oci,dest=f.tar --provenance=false --tag t:1 ${VALUES} .`],
  ],
  ['into podman', { engine: 'podman' }, [`build --tag t:1 --timestamp 1700000000 ${VALUES} .`]],
  [
    'from podman to a registry, for two platforms',
    { engine: 'podman', platforms: BOTH, destination: { kind: 'registry' } },
    [
      `build --manifest t:1 --timestamp 1700000000 --platform linux/amd64,linux/arm64 ${VALUES} .`,
      'manifest push --all t:1 docker://t:1',
    ],
  ],
  [
    'from podman to a registry',
    { engine: 'podman', destination: { kind: 'registry' } },
    [`build --tag t:1 --timestamp 1700000000 ${VALUES} .`, 'push t:1'],
  ],
  [
    'from podman into a file',
    { engine: 'podman', destination: { kind: 'archive', file: 'f.tar' } },
    [`build --tag t:1 --timestamp 1700000000 ${VALUES} .`, 'push t:1 oci-archive:f.tar'],
  ],
])('an image goes %s', (_what, options, expected) => {
  const all: ImageOptions = {
    engine: 'docker',
    tag: 't:1',
    base: undefined,
    platforms: [],
    destination: { kind: 'store' },
    isCached: true,
    ...options,
  };
  expect(engineArguments(all, FACTS, '.').map((args) => args.join(' '))).toEqual(expected);
});
