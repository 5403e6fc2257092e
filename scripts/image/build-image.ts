import { chmod, readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { IMAGE_FILES, makeProduct, writeProduct } from '../build/product.ts';
import { follow, outputOf } from './command.ts';
import type { ImageFacts } from './engine-arguments.ts';
import { engineArguments } from './engine-arguments.ts';
import type { Layer } from './layers.ts';
import { DOCKER_HISTORY_FORMAT, layersOf } from './layers.ts';
import type { ImageOptions } from './options.ts';

export interface Surroundings {
  /** For the engine; SOURCE_DATE_EPOCH (seconds) is the time that is written into the image. */
  readonly env: NodeJS.ProcessEnv;
  /** Gets what the engine prints, piece by piece. */
  readonly say: (text: string) => void;
}

/**
 * Builds dist/ and the image from it. Same commit, same base, same time: same layers.
 * @param root the project's folder
 * @throws when a licence is not allowed or the engine fails; what it printed says why
 */
export async function buildImage(root: string, options: ImageOptions, { env, say }: Surroundings): Promise<void> {
  const facts = await factsOf(root, env);
  await writeProduct(root, await makeProduct(root));
  await settleFiles(root, facts.createdAtSeconds);
  const timed = { ...env, SOURCE_DATE_EPOCH: String(facts.createdAtSeconds) };
  if (options.engine === 'podman' && options.platforms.length > 1) await forgetList(options.tag);
  for (const args of engineArguments(options, facts, root)) await follow(options.engine, args, { env: timed, say });
}

/** The layers of an image in the engine's store. */
export async function imageLayers({ engine, tag }: Pick<ImageOptions, 'engine' | 'tag'>): Promise<readonly Layer[]> {
  const format = engine === 'podman' ? ['--format', 'json'] : ['--human=false', '--format', DOCKER_HISTORY_FORMAT];
  return layersOf(engine, await outputOf(engine, ['history', '--no-trunc', ...format, tag]));
}

/** Podman adds to a list that is there already: it would then hold each platform twice. */
async function forgetList(tag: string): Promise<void> {
  const isThere = await outputOf('podman', ['manifest', 'exists', tag]).then(
    () => true,
    () => false,
  );
  if (isThere) await outputOf('podman', ['manifest', 'rm', tag]);
}

/** Times and modes go into the layer: those of the checkout differ from machine to machine. */
async function settleFiles(root: string, seconds: number): Promise<void> {
  for (const name of IMAGE_FILES) {
    await chmod(join(root, 'dist', name), 0o644);
    await utimes(join(root, 'dist', name), seconds, seconds);
  }
}

const Manifest = z.object({ version: z.string() });

/** A folder without Git, such as an unpacked archive, has no revision, and the time of 1970 unless SOURCE_DATE_EPOCH is set. */
async function factsOf(root: string, env: NodeJS.ProcessEnv): Promise<ImageFacts> {
  const { version } = Manifest.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
  const git = (...args: readonly string[]): Promise<string | undefined> =>
    outputOf('git', ['-C', root, ...args]).catch(() => undefined);
  const commit = (await git('rev-parse', 'HEAD'))?.trim();
  const isDirty = (await git('status', '--porcelain')) !== '';
  const epoch = env['SOURCE_DATE_EPOCH'] ?? (await git('log', '-1', '--format=%ct')) ?? '0';
  const createdAtSeconds = Number(epoch.trim());
  if (!Number.isSafeInteger(createdAtSeconds) || createdAtSeconds < 0)
    throw new Error(`SOURCE_DATE_EPOCH is "${epoch}"; it has to be a number of seconds`);
  return {
    version,
    revision: commit === undefined ? 'unknown' : `${commit}${isDirty ? '-dirty' : ''}`,
    createdAtSeconds,
  };
}
