import type { ImageOptions } from './options.ts';

/** What the image says about itself. */
export interface ImageFacts {
  readonly version: string;
  /** The commit; with `-dirty` where files differ from it. */
  readonly revision: string;
  /** Seconds since 1970. */
  readonly createdAtSeconds: number;
}

/** What the engine is to be called with, one call after the other. The last argument of a build is the folder of the Dockerfile. */
export function engineArguments(
  options: ImageOptions,
  facts: ImageFacts,
  folder: string,
): readonly (readonly string[])[] {
  const common = [...buildArguments(options, facts), folder];
  return options.engine === 'podman' ? podman(options, facts, common) : [docker(options, common)];
}

function buildArguments(
  { base, isCached }: ImageOptions,
  { version, revision, createdAtSeconds }: ImageFacts,
): readonly string[] {
  const values = {
    VERSION: version,
    REVISION: revision,
    CREATED: new Date(createdAtSeconds * 1_000).toISOString().replace('.000Z', 'Z'),
    ...(base === undefined ? {} : { BASE: base }),
  };
  const settings = Object.entries(values).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
  return isCached ? settings : [...settings, '--no-cache'];
}

/** Plain `docker build` wherever it does: buildx is not on every machine. BuildKit reads SOURCE_DATE_EPOCH from its environment. */
function docker({ tag, platforms, destination }: ImageOptions, common: readonly string[]): readonly string[] {
  const platform = platforms.length === 0 ? [] : ['--platform', platforms.join(',')];
  switch (destination.kind) {
    case 'store':
      return ['build', '--tag', tag, ...platform, ...common];
    case 'registry':
      return ['buildx', 'build', '--push', '--provenance=false', '--tag', tag, ...platform, ...common];
    case 'archive':
      return [
        'buildx',
        'build',
        ...toFile(destination.file),
        '--provenance=false',
        '--tag',
        tag,
        ...platform,
        ...common,
      ];
  }
}

const toFile = (file: string): readonly string[] => ['--output', `type=oci,dest=${file}`];

/** Podman collects several platforms in a manifest list, and takes the time as an option. */
function podman(
  { tag, platforms, destination }: ImageOptions,
  { createdAtSeconds }: ImageFacts,
  common: readonly string[],
): readonly (readonly string[])[] {
  const isList = platforms.length > 1;
  const platform = platforms.length === 0 ? [] : ['--platform', platforms.join(',')];
  const name = [isList ? '--manifest' : '--tag', tag];
  const build = ['build', ...name, '--timestamp', String(createdAtSeconds), ...platform, ...common];
  const push = isList ? ['manifest', 'push', '--all', tag] : ['push', tag];
  switch (destination.kind) {
    case 'store':
      return [build];
    case 'registry':
      return [build, isList ? [...push, `docker://${tag}`] : push];
    case 'archive':
      return [build, [...push, `oci-archive:${destination.file}`]];
  }
}
