import { createHash } from 'node:crypto';
import { accessSync, constants, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { TOOLS } from './tools.ts';
import type { ToolName } from './tools.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where a tool is: its variable, else the one that was built here, else the first of its name on the PATH; undefined when there
 * is none. The one that was built comes before the PATH, since its version is the one that tests were written with.
 */
export function findTool(name: ToolName, env: Environment = process.env): string | undefined {
  const { program, variable } = TOOLS[name];
  const named = env[variable];
  if (named !== undefined && named !== '') return named;
  const built = builtTool(name, env);
  return isExecutable(built) ? built : findOnPath(program, env);
}

/** The first of this name on the PATH. An empty part of it, which means the working folder, is left out: there `helm` is the charts' folder. */
export function findOnPath(program: string, { PATH: folders = '' }: Environment): string | undefined {
  return folders
    .split(path.delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => path.join(folder, program))
    .find(isExecutable);
}

/** What to say where it is missing. */
export function howToGet(name: ToolName): string {
  const { program, variable } = TOOLS[name];
  return `Put ${program} on the PATH, name it (${variable}=<path>), or build it: npm run tools -- ${name}`;
}

/** Where it is when it was built here. The name changes with what fixes the version, so that nothing old is found. */
export function builtTool(name: ToolName, env: Environment = process.env): string {
  const { program, making } = TOOLS[name];
  const fixed = path.join(recipeFolder(name), making.from === 'python' ? 'requirements.txt' : 'go.sum');
  const version = createHash('sha256').update(readFileSync(fixed)).digest('hex').slice(0, 12);
  const made = path.join(cacheFolder(env), `${name}-${version}`);
  return making.from === 'python' ? path.join(made, 'bin', program) : made;
}

/** The folder that says how it is made. */
export const recipeFolder = (name: ToolName): string => path.join(import.meta.dirname, '../../test/tools', name);

function cacheFolder({ XDG_CACHE_HOME: cache }: Environment): string {
  const root = cache === undefined || cache === '' ? path.join(homedir(), '.cache') : cache;
  return path.join(root, 'flexmetal-operator', 'tools');
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
