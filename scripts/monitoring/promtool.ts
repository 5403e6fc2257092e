import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const MODULE = path.join(import.meta.dirname, '../../test/tools/promtool');
const PACKAGE = 'github.com/prometheus/prometheus/cmd/promtool';

export const HOW_TO_GET_PROMTOOL =
  'Put promtool of Prometheus 3 on the PATH, name it (PROMTOOL=<path>), or build it with Go: npm run monitoring -- --promtool.';

/** Where promtool is: the variable PROMTOOL, else the first on the PATH, else one that was built here; undefined when there is none. */
export function findPromtool(env: Readonly<Record<string, string | undefined>> = process.env): string | undefined {
  const { PROMTOOL: named, PATH: folders = '' } = env;
  if (named !== undefined && named !== '') return named;
  return [...folders.split(path.delimiter).map((folder) => path.join(folder, 'promtool')), built(env)].find(
    isExecutable,
  );
}

/**
 * Builds promtool from its Go module into the cache folder. Takes some minutes the first time.
 * @returns where it is
 * @throws with what Go complained about in the message
 */
export async function buildPromtool(env: Readonly<Record<string, string | undefined>> = process.env): Promise<string> {
  const target = built(env);
  const unfinished = `${target}.${process.pid}.tmp`;
  mkdirSync(path.dirname(target), { recursive: true });
  await run('go', ['build', '-trimpath', '-ldflags', '-s -w', '-o', unfinished, PACKAGE], {
    cwd: MODULE,
    env: { ...env, CGO_ENABLED: '0', GOWORK: 'off' },
  });
  renameSync(unfinished, target);
  return target;
}

/** Its name changes with what is built, so that nothing old is found. */
function built({ XDG_CACHE_HOME: cache }: Readonly<Record<string, string | undefined>>): string {
  const version = createHash('sha256')
    .update(readFileSync(path.join(MODULE, 'go.sum')))
    .digest('hex')
    .slice(0, 12);
  const root = cache === undefined || cache === '' ? path.join(homedir(), '.cache') : cache;
  return path.join(root, 'flexmetal-operator', 'tools', `promtool-${version}`);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
