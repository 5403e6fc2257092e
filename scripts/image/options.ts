import { parseArgs } from 'node:util';

export interface ImageOptions {
  readonly engine: Engine;
  readonly tag: string;
  /** undefined: the Dockerfile's own. */
  readonly base: string | undefined;
  /** Such as `linux/arm64`; empty: that of the engine. */
  readonly platforms: readonly string[];
  /** Where the image goes besides the engine's own store. */
  readonly destination: Destination;
  /** Whether the engine may take layers from an earlier build. */
  readonly isCached: boolean;
}

export type Engine = 'docker' | 'podman';

export type Destination =
  | { readonly kind: 'store' }
  | { readonly kind: 'registry' }
  /** A file with the image in the OCI layout. */
  | { readonly kind: 'archive'; readonly file: string };

export type ReadOptions =
  | { readonly kind: 'run'; readonly options: ImageOptions }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'wrong'; readonly message: string };

export function readImageOptions(argv: readonly string[], env: NodeJS.ProcessEnv): ReadOptions {
  try {
    const { values } = parse(argv);
    if (values.help === true) return { kind: 'help', text: HELP };
    const options: ImageOptions = {
      engine: engineOf(values.engine ?? nonEmpty(env['FLEXMETAL_IMAGE_ENGINE']) ?? 'docker'),
      tag: values.tag,
      base: values.base ?? nonEmpty(env['FLEXMETAL_IMAGE_BASE']),
      platforms: platformsOf(values.platform ?? ''),
      destination: destinationOf(values),
      isCached: values['no-cache'] !== true,
    };
    if (options.platforms.length > 1 && options.engine === 'docker' && options.destination.kind === 'store')
      throw new TypeError(
        'an image for several platforms needs --push or --archive FILE: docker keeps one of them only',
      );
    return { kind: 'run', options };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { kind: 'wrong', message: `${error.message}\nnpm run image -- --help lists the options.` };
  }
}

const DEFAULT_TAG = 'flexmetal-operator:dev';

const parse = (argv: readonly string[]) =>
  parseArgs({
    args: [...argv],
    options: {
      tag: { type: 'string', default: DEFAULT_TAG },
      base: { type: 'string' },
      platform: { type: 'string' },
      engine: { type: 'string' },
      push: { type: 'boolean' },
      archive: { type: 'string' },
      'no-cache': { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });

const nonEmpty = (text: string | undefined): string | undefined => (text === '' ? undefined : text);

function engineOf(text: string): Engine {
  if (text === 'docker' || text === 'podman') return text;
  throw new TypeError(`the engine "${text}" is not known; there are docker and podman`);
}

function platformsOf(list: string): readonly string[] {
  const platforms = list.split(',').filter((platform) => platform !== '');
  const wrong = platforms.find((platform) => !/^linux\/[a-z0-9]+(?:\/v\d+)?$/.test(platform));
  if (wrong !== undefined) throw new TypeError(`"${wrong}" is no platform; one looks like linux/arm64`);
  return platforms;
}

function destinationOf({ push, archive }: { push?: boolean; archive?: string }): Destination {
  if (push === true && archive !== undefined) throw new TypeError('--push and --archive exclude each other');
  if (archive !== undefined) return { kind: 'archive', file: archive };
  return push === true ? { kind: 'registry' } : { kind: 'store' };
}

const HELP = `npm run image -- [options]

Builds dist/ and from it the image of the operator, and prints the size of each layer.

  --tag NAME:TAG      name of the image (${DEFAULT_TAG})
  --base IMAGE        another base than that of the Dockerfile, with Node at /nodejs/bin/node; also FLEXMETAL_IMAGE_BASE
  --platform LIST     such as linux/amd64,linux/arm64; nothing is run while building, so no emulation is needed
  --push              to the registry of the tag
  --archive FILE      into a file in the OCI layout, for a machine without a registry
  --no-cache          takes no layer from an earlier build, to see that the same input gives the same layers
  --engine NAME       docker or podman; also FLEXMETAL_IMAGE_ENGINE (docker)

With docker, --platform, --push and --archive need its buildx. SOURCE_DATE_EPOCH (seconds) is the time written into the image;
without it that of the commit. Same commit, same base: same layers.
`;
