import type { TestProject } from 'vitest/node';
import { skipsWithout } from '../requirement.ts';
import { findEngine } from './engine.ts';
import type { Images } from './images.ts';
import { buildImages } from './images.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Undefined where there is no engine: tests skip themselves then. */
    images: Images | undefined;
    /** Why there is none. */
    withoutImages: string;
  }
}

/** Builds the images once for the whole project, or says why its tests are skipped. */
export default async function setup(project: TestProject): Promise<void> {
  const engine = await findEngine();
  const why = reasonAgainst(engine);
  project.provide('withoutImages', why ?? '');
  const isSkipped = skipsWithout('containers', why === undefined, `The image is not tested: ${why}. ${HOW_TO}`);
  project.provide(
    'images',
    isSkipped ? undefined : await buildImages((line) => process.stderr.write(`[images] ${line}\n`)),
  );
}

const HOW_TO = 'Start a Docker daemon that the `docker` command of a Linux machine reaches.';

/** The control plane of the tests is made from programs of this machine. */
function reasonAgainst(engine: Awaited<ReturnType<typeof findEngine>>): string | undefined {
  if (process.platform !== 'linux') return `this is ${process.platform}, and containers need programs of Linux`;
  return engine.kind === 'missing' ? engine.why : undefined;
}
