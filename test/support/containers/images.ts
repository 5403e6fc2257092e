import { readFileSync } from 'node:fs';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildImage } from '../../../scripts/image/build-image.ts';
import { outputOf } from '../../../scripts/image/command.ts';
import { controlPlaneBinaries } from '../cluster/binaries.ts';

/** Names of images in the engine's store. */
export interface Images {
  /** The product. */
  readonly operator: string;
  /** /etcd and /kube-apiserver, and nothing else. */
  readonly controlPlane: string;
}

/** FLEXMETAL_IMAGE_BASE, for machines that cannot pull the usual one; else what the Dockerfile says. */
export function baseImage(): string {
  const given = process.env['FLEXMETAL_IMAGE_BASE'];
  if (given !== undefined && given !== '') return given;
  const usual = /^ARG BASE=(\S+)$/m.exec(readFileSync(path.join(ROOT, 'Dockerfile'), 'utf8'))?.[1];
  if (usual === undefined) throw new Error('the Dockerfile names no base');
  return usual;
}

/** Builds both. @param log gets a line about each */
export async function buildImages(log: (line: string) => void): Promise<Images> {
  const operator = 'flexmetal-operator:test';
  const controlPlane = 'flexmetal-control-plane:test';
  await buildOperatorImage(operator);
  log(`built ${operator} on ${baseImage()}`);
  log(`built ${controlPlane} from ${await buildControlPlaneImage(controlPlane)}`);
  return { operator, controlPlane };
}

/** As `npm run image` does it, at a fixed time. */
export async function buildOperatorImage(tag: string, isCached = true): Promise<void> {
  const base = baseImage();
  const env = { ...process.env, SOURCE_DATE_EPOCH: SOME_TIME };
  let said = '';
  try {
    await buildImage(
      ROOT,
      { engine: 'docker', tag, base, platforms: [], destination: { kind: 'store' }, isCached },
      { env, say: (text) => (said += text) },
    );
  } catch (error) {
    throw new Error(`the image could not be built. The end of what was said:\n${said.slice(-2_000)}`, { cause: error });
  }
}

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const SOME_TIME = '1700000000';

/** The programs link nothing, so they need no base at all. @returns where they came from, in words */
async function buildControlPlaneImage(tag: string): Promise<string> {
  const { etcd, kubeApiserver, source } = await controlPlaneBinaries({
    log: (line) => process.stderr.write(`[control plane] ${line}\n`),
  });
  const folder = await mkdtemp(path.join(tmpdir(), 'flexmetal-control-plane-image-'));
  try {
    await copyFile(etcd, path.join(folder, 'etcd'));
    await copyFile(kubeApiserver, path.join(folder, 'kube-apiserver'));
    await writeFile(path.join(folder, 'Dockerfile'), 'FROM scratch\nCOPY etcd kube-apiserver /\n');
    await outputOf('docker', ['build', '--quiet', '--tag', tag, folder]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return source;
}
