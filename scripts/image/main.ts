import { fileURLToPath } from 'node:url';
import { buildImage, imageLayers } from './build-image.ts';
import { layerTable } from './layers.ts';
import { readImageOptions } from './options.ts';

/** `npm run image`: builds the image and shows what it weighs. */
const root = fileURLToPath(new URL('../..', import.meta.url));
const read = readImageOptions(process.argv.slice(2), process.env);
switch (read.kind) {
  case 'help':
    process.stdout.write(read.text);
    break;
  case 'wrong':
    process.stderr.write(`${read.message}\n`);
    process.exitCode = 2;
    break;
  case 'run': {
    const { options } = read;
    await buildImage(root, options, { env: process.env, say: (text) => process.stderr.write(text) });
    // What was pushed or written to a file is not in the engine's store.
    if (options.destination.kind === 'store' && options.platforms.length <= 1)
      process.stdout.write(`${options.tag}\n${layerTable(await imageLayers(options))}`);
  }
}
