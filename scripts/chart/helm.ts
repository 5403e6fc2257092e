import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findTool, howToGet } from '../tools/find.ts';

const run = promisify(execFile);

/** A chart is rendered in a second; a minute is for a machine that has other work. */
const HELM_TIMEOUT_MS = 60_000;

export const HOW_TO_GET_HELM = howToGet('helm');

/** Where Helm is; undefined when there is none. */
export const findHelm = (env: Readonly<Record<string, string | undefined>> = process.env): string | undefined =>
  findTool('helm', env);

/**
 * What Helm prints on standard output. Its configuration and caches are of no account: nothing is fetched.
 * @throws with what Helm complained about in the message
 */
export async function runHelm(helm: string, argv: readonly string[]): Promise<string> {
  const { stdout } = await run(helm, argv, { timeout: HELM_TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}
