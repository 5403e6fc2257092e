import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import manifest from '../../package.json' with { type: 'json' };
import { outputOf } from '../../scripts/image/command.ts';
import { buildOperatorImage } from '../support/containers/images.ts';
import { runOnce } from '../support/containers/run-once.ts';
import { IMAGES, WITHOUT_IMAGES } from '../support/containers/with-images.ts';

const NODE = '/nodejs/bin/node';
const MIB = 1_048_576;

const Inspected = z.array(
  z.object({
    RootFS: z.object({ Layers: z.array(z.string()) }),
    Config: z.object({
      User: z.string(),
      Env: z.array(z.string()),
      Entrypoint: z.array(z.string()),
      Cmd: z.array(z.string()),
      Labels: z.record(z.string(), z.string()),
    }),
  }),
);

async function inspect(image: string) {
  const [found] = Inspected.parse(JSON.parse(await outputOf('docker', ['image', 'inspect', image])));
  if (found === undefined) throw new Error(`there is no image ${image}`);
  return found;
}

const image = IMAGES.operator;

describe.skipIf(WITHOUT_IMAGES !== '')(`the image${WITHOUT_IMAGES}`, () => {
  /** What an expression of JavaScript gives inside. */
  const evaluate = async (expression: string, memoryBytes?: number): Promise<unknown> => {
    const { output } = await runOnce(image, {
      entrypoint: [NODE, '-p', `JSON.stringify(${expression})`],
      command: [],
      ...(memoryBytes === undefined ? {} : { memoryBytes }),
    });
    return JSON.parse(output);
  };

  test('starts the operator as a user who is nobody', async () => {
    const { User, Entrypoint, Cmd, Env } = (await inspect(image)).Config;
    expect({ User, Entrypoint, Cmd }).toEqual({
      User: '65532:65532',
      Entrypoint: [NODE, '/flexmetal-operator.mjs'],
      Cmd: ['run'],
    });
    expect(Env.filter((one) => one.startsWith('NODE_'))).toEqual([
      'NODE_OPTIONS=--max-old-space-size-percentage=60 --report-exclude-env',
    ]);
  });

  test('says what it is', async () => {
    const { Labels } = (await inspect(image)).Config;
    expect(Labels).toMatchObject({
      'org.opencontainers.image.title': manifest.name,
      'org.opencontainers.image.version': manifest.version,
      'org.opencontainers.image.licenses': manifest.license,
      'org.opencontainers.image.revision': expect.stringMatching(/^[0-9a-f]{40}(?:-dirty)?$|^unknown$/),
      'org.opencontainers.image.created': expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
  });

  test('runs without network, capabilities and a writable root', async () => {
    expect(await runOnce(image, { command: ['version'] })).toMatchObject({ code: 0, output: `${manifest.version}\n` });
  });

  test('holds four files besides its base, which nobody inside can change', async () => {
    const files = await evaluate(`
      require('fs').readdirSync('/', { withFileTypes: true }).filter((one) => one.isFile() && one.name !== '.dockerenv')
        .map((one) => [one.name, require('fs').statSync('/' + one.name)])
        .map(([name, { uid, mode }]) => [name, uid, (mode & 0o777).toString(8)])`);
    expect(files).toEqual([
      ['LICENSE', 0, '644'],
      ['THIRD_PARTY_LICENSES.txt', 0, '644'],
      ['flexmetal-operator.mjs', 0, '644'],
      ['sbom.cdx.json', 0, '644'],
    ]);
    expect(await evaluate('[process.getuid(), process.getgid()]')).toEqual([65_532, 65_532]);
  });

  test.each(['/bin/sh', '/bin/bash', '/busybox/sh', 'npm', 'npx'])('has no %s', async (program) => {
    await expect(runOnce(image, { entrypoint: [program], command: [] })).rejects.toThrow(/no such file|not found/);
  });

  test.each([256, 1_024])('lets the heap grow to three fifths of %i MiB', async (mebibytes) => {
    const limit = Number(await evaluate('require("v8").getHeapStatistics().heap_size_limit', mebibytes * MIB)) / MIB;
    // The limit counts the young generation as well.
    expect(limit).toBeGreaterThanOrEqual(0.6 * mebibytes);
    expect(limit).toBeLessThan(0.8 * mebibytes);
  });

  test.each([['run', '--api-url', 'http://127.0.0.1:9'], ['simulator']])(
    'ends well when it is told to stop as soon as it starts: %s',
    async (...command) => {
      const { code, output } = await runOnce(image, { command, signal: 'SIGTERM' });
      expect({ code, output }).toEqual({ code: 0, output: '' });
    },
  );

  test('has the same layers when it is built again', async () => {
    const tag = 'flexmetal-operator:test-again';
    await buildOperatorImage(tag, false);
    try {
      expect((await inspect(tag)).RootFS.Layers).toEqual((await inspect(image)).RootFS.Layers);
    } finally {
      await outputOf('docker', ['image', 'rm', tag]);
    }
  });
});
