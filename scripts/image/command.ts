import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';

/** What a program printed on its standard output. Throws when it is not there or fails. */
export async function outputOf(program: string, args: readonly string[]): Promise<string> {
  return (await promisify(execFile)(program, args, { maxBuffer: 16 * 1_048_576 })).stdout;
}

/** A program is not there or failed. What it printed says why. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** Runs a program and passes on what it prints, as it comes. Throws a CommandError when it is not there or fails. */
export function follow(
  program: string,
  args: readonly string[],
  { env, say }: { readonly env: NodeJS.ProcessEnv; readonly say: (text: string) => void },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.setEncoding('utf8').on('data', say);
    child.stderr.setEncoding('utf8').on('data', say);
    child.once('error', (cause) =>
      reject(new CommandError(`${program} cannot be started; is it installed?`, { cause })),
    );
    child.once('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new CommandError(`\`${[program, ...args].join(' ')}\` failed (${signal ?? code})`));
    });
  });
}
