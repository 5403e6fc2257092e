import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import { builtTool, recipeFolder } from './find.ts';
import { TOOLS } from './tools.ts';
import type { ModuleFiles, ToolName } from './tools.ts';

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
  else if (making.from === 'python') await installPackages(name, target, env);
  else await copyFiles(name, making.files, target, env);
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

/** Go checks what it brings against the sums in the recipe. */
async function copyFiles(
  name: ToolName,
  wanted: readonly ModuleFiles[],
  target: string,
  env: Environment,
): Promise<void> {
  const unfinished = `${target}.${process.pid}.tmp`;
  mkdirSync(unfinished, { recursive: true });
  try {
    const { stdout } = await run('go', ['mod', 'download', '-json'], {
      cwd: recipeFolder(name),
      env: { ...env, GOWORK: 'off' },
      maxBuffer: OUTPUT_BYTES_MAX,
    });
    for (const { module, folder, names } of wanted)
      for (const file of names)
        copyFileSync(path.join(folderOf(module, stdout), folder, file), path.join(unfinished, file));
    rmSync(target, { recursive: true, force: true });
    renameSync(unfinished, target);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/** Where Go has put a module. @param downloads one JSON object after the other, each closed by a brace in a line of its own */
function folderOf(module: string, downloads: string): string {
  const texts = downloads.split(/(?<=^\})\n/m).filter((text) => text.trim() !== '');
  const found = texts.map((text) => Download.parse(JSON.parse(text))).find(({ Path }) => Path === module);
  if (found === undefined) throw new Error(`go mod download did not bring ${module}`);
  return found.Dir;
}

const Download = z.looseObject({ Path: z.string(), Dir: z.string() });
