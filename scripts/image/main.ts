import { fileURLToPath } from 'node:url';
import { buildImage, imageLayers } from './build-image.ts';
import { CommandError } from './command.ts';
import { layerTable } from './layers.ts';
import type { ImageOptions } from './options.ts';
import { readImageOptions } from './options.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** `npm run image`: builds the image and shows what it weighs. @returns the exit code */
async function main(): Promise<number> {
  const read = readImageOptions(process.argv.slice(2), process.env);
  switch (read.kind) {
    case 'help':
      process.stdout.write(read.text);
      return 0;
    case 'wrong':
      process.stderr.write(`${read.message}\n`);
      return 2;
    case 'run':
      return make(read.options);
  }
}

async function make(options: ImageOptions): Promise<number> {
  try {
    await buildImage(root, options, { env: process.env, say: (text) => process.stderr.write(text) });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
  // What was pushed or written to a file is not in the engine's store, and a list of images has no layers.
  if (options.destination.kind === 'store' && options.platforms.length <= 1)
    process.stdout.write(`${options.tag}\n${layerTable(await imageLayers(options))}`);
  return 0;
}

process.exitCode = await main();
