import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A chart is rendered in a second; a minute is for a machine that has other work. */
const HELM_TIMEOUT_MS = 60_000;

export const HOW_TO_GET_HELM = 'Put helm 3.18 or newer on the PATH, or name it: HELM=<path>.';

/** Where Helm is: the variable HELM, else the first on the PATH; undefined when there is none. */
export function findHelm(env: Readonly<Record<string, string | undefined>> = process.env): string | undefined {
  const { HELM: named, PATH: folders = '' } = env;
  if (named !== undefined && named !== '') return named;
  return folders
    .split(path.delimiter)
    .map((folder) => path.join(folder, 'helm'))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * What Helm prints on standard output. Its configuration and caches are of no account: nothing is fetched.
 * @throws with what Helm complained about in the message
 */
export async function runHelm(helm: string, argv: readonly string[]): Promise<string> {
  const { stdout } = await run(helm, argv, { timeout: HELM_TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}
