import type { TestProject } from 'vitest/node';
import { skipsWithout } from '../requirement.ts';
import { engineProblem } from './engine.ts';
import type { Images } from './images.ts';
import { baseImage, buildImages } from './images.ts';

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
  const why = await engineProblem(baseImage());
  project.provide('withoutImages', why ?? '');
  const isSkipped = skipsWithout('containers', why === undefined, `The image is not tested: ${why}. ${HOW_TO}`);
  project.provide(
    'images',
    isSkipped ? undefined : await buildImages((line) => process.stderr.write(`[images] ${line}\n`)),
  );
}

const HOW_TO =
  'Start a Docker daemon that the `docker` command of a Linux machine reaches; FLEXMETAL_IMAGE_BASE names another base image.';
