import { execFile } from 'node:child_process';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { builtTool, recipeFolder } from './find.ts';
import { TOOLS } from './tools.ts';
import type { ToolName } from './tools.ts';

const run = promisify(execFile);
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Makes a tool in the cache folder, with the versions that test/tools fixes. Takes some minutes the first time.
 * What is half made never stands under its final name.
 * @returns where it is
 * @throws with what Go or pip complained about in the message
 */
export async function buildTool(name: ToolName, env: Environment = process.env): Promise<string> {
  const { making } = TOOLS[name];
  const target = builtTool(name, env);
  if (making.from === 'go') await buildFromModule(name, making.package, target, env);
  else await installPackages(name, target, env);
  return target;
}

async function buildFromModule(name: ToolName, pack: string, target: string, env: Environment): Promise<void> {
  const unfinished = `${target}.${process.pid}.tmp`;
  mkdirSync(path.dirname(target), { recursive: true });
  try {
    await run('go', ['build', '-trimpath', '-ldflags', '-s -w', '-o', unfinished, pack], {
      cwd: recipeFolder(name),
      env: { ...env, CGO_ENABLED: '0', GOWORK: 'off' },
      maxBuffer: OUTPUT_BYTES_MAX,
    });
    renameSync(unfinished, target);
  } finally {
    rmSync(unfinished, { force: true });
  }
}

/** A virtual environment holds its own path, so it cannot be moved: it is made in place, and its program is linked last. */
async function installPackages(name: ToolName, target: string, env: Environment): Promise<void> {
  const folder = path.dirname(path.dirname(target));
  const requirements = path.join(recipeFolder(name), 'requirements.txt');
  const options = { env: { ...env, PIP_DISABLE_PIP_VERSION_CHECK: '1' }, maxBuffer: OUTPUT_BYTES_MAX };
  rmSync(folder, { recursive: true, force: true });
  try {
    await run('python3', ['-m', 'venv', folder], options);
    await run(
      path.join(folder, 'bin/pip'),
      ['install', '--quiet', '--no-deps', '--requirement', requirements],
      options,
    );
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}
