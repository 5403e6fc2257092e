import { request } from 'undici';
import type { Clock } from '../base/clock.ts';
import type { Millis } from '../base/time.ts';

/** What came of reading one address. `cause` is a short word: `timeout`, `ECONNREFUSED`. */
export type Got =
  | { readonly kind: 'reply'; readonly status: number; readonly text: string }
  | { readonly kind: 'failed'; readonly cause: string };

/** More than this is not read: metrics of many objects are megabytes, and only the beginning is shown. */
const TEXT_BYTES_MAX = 64 * 1024;

/** Reads the beginning of what an address gives. No redirects, no retries, one total deadline. */
export async function httpGet(
  url: URL,
  { clock, timeout, signal }: { readonly clock: Clock; readonly timeout: Millis; readonly signal: AbortSignal },
): Promise<Got> {
  const tooLate = new AbortController();
  const timer = clock.setTimer(timeout, () => tooLate.abort());
  try {
    const reply = await request(url, { signal: AbortSignal.any([tooLate.signal, signal]) });
    return { kind: 'reply', status: reply.statusCode, text: await beginningOf(reply.body) };
  } catch (error) {
    return { kind: 'failed', cause: tooLate.signal.aborted ? 'timeout' : causeOf(error) };
  } finally {
    timer.cancel();
  }
}

async function beginningOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= TEXT_BYTES_MAX) break;
  }
  return Buffer.concat(chunks).subarray(0, TEXT_BYTES_MAX).toString('utf8');
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
