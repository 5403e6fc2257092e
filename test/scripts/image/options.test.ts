import { describe, expect, test } from 'vitest';
import type { ImageOptions } from '../../../scripts/image/options.ts';
import { readImageOptions } from '../../../scripts/image/options.ts';

const DEFAULTS: ImageOptions = {
  engine: 'docker',
  tag: 'flexmetal-operator:dev',
  base: undefined,
  platforms: [],
  destination: { kind: 'store' },
  isCached: true,
};

describe('the options of the image', () => {
  test.each<[argv: string, env: NodeJS.ProcessEnv, expected: Partial<ImageOptions>]>([
    ['', {}, {}],
    ['--tag host/name:1 --base other', {}, { tag: 'host/name:1', base: 'other' }],
    ['', { FLEXMETAL_IMAGE_BASE: 'other' }, { base: 'other' }],
    ['', { FLEXMETAL_IMAGE_BASE: '' }, {}],
    ['--base mine', { FLEXMETAL_IMAGE_BASE: 'other' }, { base: 'mine' }],
    ['', { FLEXMETAL_IMAGE_ENGINE: 'podman' }, { engine: 'podman' }],
    ['--engine docker', { FLEXMETAL_IMAGE_ENGINE: 'podman' }, { engine: 'docker' }],
    ['--platform linux/arm64', {}, { platforms: ['linux/arm64'] }],
    [
      '--platform linux/amd64,linux/arm/v7 --push',
      {},
      { platforms: ['linux/amd64', 'linux/arm/v7'], destination: { kind: 'registry' } },
    ],
    ['--no-cache', {}, { isCached: false }],
    ['--archive a.tar', {}, { destination: { kind: 'archive', file: 'a.tar' } }],
    [
      '--platform linux/amd64,linux/arm64 --engine podman',
      {},
      { engine: 'podman', platforms: ['linux/amd64', 'linux/arm64'] },
    ],
  ])('%s %o', (argv, env, expected) => {
    expect(readImageOptions(words(argv), env)).toEqual({ kind: 'run', options: { ...DEFAULTS, ...expected } });
  });

  test.each([
    ['--engine buildah', 'the engine "buildah" is not known'],
    ['--platform arm64', '"arm64" is no platform; one looks like linux/arm64'],
    ['--platform linux/amd64,linux/arm64', 'needs --push or --archive'],
    ['--push --archive a.tar', 'exclude each other'],
    ['--tags x', '--tags'],
    ['more', 'more'],
  ])('%s is refused', (argv, complaint) => {
    const read = readImageOptions(words(argv), {});
    expect(read).toMatchObject({ kind: 'wrong', message: expect.stringContaining(complaint) });
    expect(read).toMatchObject({ message: expect.stringContaining('npm run image -- --help') });
  });

  test('the help names every option', () => {
    const read = readImageOptions(['--help'], {});
    const text = read.kind === 'help' ? read.text : '';
    expect([...text.matchAll(/^ {2}(--\S+)/gm)].map(([, option]) => option)).toEqual([
      '--tag',
      '--base',
      '--platform',
      '--push',
      '--archive',
      '--no-cache',
      '--engine',
    ]);
  });
});

const words = (text: string): readonly string[] => text.split(' ').filter((word) => word !== '');
