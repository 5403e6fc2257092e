import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { load } from 'js-yaml';
import { EnvHttpProxyAgent, interceptors, request } from 'undici';
import type { Dispatcher } from 'undici';
import * as z from 'zod';
import { minorOf, programsIn } from './way.ts';
import type { WayContext, WayResult } from './way.ts';

/** What kubebuilder's setup-envtest reads: for each version and platform an archive with its sha512. */
const INDEX_URL = 'https://raw.githubusercontent.com/kubernetes-sigs/controller-tools/HEAD/envtest-releases.yaml';
/** Machines without internet must get to the next way quickly. */
const CONNECT_TIMEOUT_MS = 4_000;
const INDEX_TIMEOUT_MS = 15_000;
const ARCHIVE_TIMEOUT_MS = 15 * 60_000;
/** Today's archives have about 70 MB. */
const ARCHIVE_BYTES_MAX = 500_000_000;
const PROGRESS_EVERY_MS = 15_000;

const Index = z.object({
  releases: z.record(
    z.string(),
    z.record(z.string(), z.object({ hash: z.string().regex(/^[0-9a-f]{128}$/), selfLink: z.string() })),
  ),
});

/**
 * Downloads the newest envtest archive of our Kubernetes minor version into the cache, checked against the sha512 of the index.
 * Nothing of a download that is broken or has another checksum is kept.
 */
export async function downloadEnvtest(context: WayContext, indexUrl = INDEX_URL): Promise<WayResult> {
  const { log, platform } = context;
  log(`looking for the official envtest archive of Kubernetes ${minorOf(context.versions.kubernetes)} for ${platform}`);
  const agent = new EnvHttpProxyAgent({ connect: { timeout: CONNECT_TIMEOUT_MS } });
  const dispatcher = agent.compose(interceptors.redirect({ maxRedirections: 5 }));
  try {
    const archive = newestArchive(await readIndex(indexUrl, dispatcher), context, new URL(indexUrl).protocol);
    return archive.kind === 'no' ? archive : programsIn(await fetchArchive(archive, context, dispatcher));
  } catch (error) {
    return { kind: 'no', why: reasonOf(error) };
  } finally {
    await agent.destroy();
  }
}

interface Archive {
  readonly kind: 'archive';
  readonly version: string;
  readonly url: string;
  readonly sha512: string;
}

async function readIndex(url: string, dispatcher: Dispatcher): Promise<z.infer<typeof Index>> {
  const reply = await request(url, { dispatcher, signal: AbortSignal.timeout(INDEX_TIMEOUT_MS) });
  const text = await reply.body.text();
  if (reply.statusCode !== 200) throw new Error(`${url} answered ${reply.statusCode}`);
  const index = Index.safeParse(load(text));
  if (!index.success) throw new Error(`${url} is not an index of envtest archives`);
  return index.data;
}

function newestArchive(
  index: z.infer<typeof Index>,
  context: WayContext,
  protocol: string,
): Archive | Extract<WayResult, { kind: 'no' }> {
  const minor = minorOf(context.versions.kubernetes);
  const patches = Object.keys(index.releases)
    .filter((version) => version.startsWith(`${minor}.`) && /^\d+$/.test(version.slice(minor.length + 1)))
    .sort((a, b) => Number(b.slice(minor.length + 1)) - Number(a.slice(minor.length + 1)));
  for (const version of patches) {
    const entry = index.releases[version]?.[`envtest-${version}-${context.platform}.tar.gz`];
    // An index read over https must not send us elsewhere in the clear.
    if (entry !== undefined && new URL(entry.selfLink).protocol === protocol) {
      return { kind: 'archive', version, url: entry.selfLink, sha512: entry.hash };
    }
  }
  return { kind: 'no', why: `the index has no archive of Kubernetes ${minor} for ${context.platform}` };
}

async function fetchArchive(archive: Archive, context: WayContext, dispatcher: Dispatcher): Promise<string> {
  const parent = path.join(context.cacheRoot, `envtest-${archive.version}`);
  mkdirSync(parent, { recursive: true });
  const scratch = mkdtempSync(path.join(parent, '.download-'));
  try {
    const file = path.join(scratch, 'archive.tar.gz');
    context.log(`downloading ${archive.url}`);
    const sha512 = await download(archive.url, file, dispatcher, context.log);
    if (sha512 !== archive.sha512)
      throw new Error(`${archive.url} has the sha512 ${sha512}, the index says ${archive.sha512}: not used`);
    const content = path.join(scratch, 'content');
    mkdirSync(content);
    // The archive has its programs in controller-tools/envtest/.
    await promisify(execFile)('tar', ['-xzf', file, '-C', content, '--strip-components=2']);
    const folder = path.join(parent, context.platform);
    if (existsSync(folder)) rmSync(folder, { recursive: true });
    renameSync(content, folder);
    return folder;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** @returns the sha512 of what came, in hexadecimal. */
async function download(
  url: string,
  file: string,
  dispatcher: Dispatcher,
  log: (line: string) => void,
): Promise<string> {
  const reply = await request(url, { dispatcher, signal: AbortSignal.timeout(ARCHIVE_TIMEOUT_MS) });
  if (reply.statusCode !== 200) {
    await reply.body.dump();
    throw new Error(`${url} answered ${reply.statusCode}`);
  }
  const hash = createHash('sha512');
  let bytes = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done): void {
      bytes += chunk.length;
      hash.update(chunk);
      done(bytes > ARCHIVE_BYTES_MAX ? new Error(`${url} is longer than ${ARCHIVE_BYTES_MAX} bytes`) : null, chunk);
    },
  });
  const progress = setInterval(() => log(`downloading … ${Math.round(bytes / 1_000_000)} MB`), PROGRESS_EVERY_MS);
  try {
    await pipeline(reply.body, measure, createWriteStream(file));
  } finally {
    clearInterval(progress);
  }
  return hash.digest('hex');
}

/** Undici keeps what really happened in the cause, and several tries of one connection in an AggregateError without a message. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error.cause instanceof Error ? `${error.message} (${reasonOf(error.cause)})` : error.message;
}
