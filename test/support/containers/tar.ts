import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';

/** An archive of these files, readable by everyone: the operator runs as a user of its own. */
export async function tarOf(files: Readonly<Record<string, string>>): Promise<Readable> {
  const folder = await mkdtemp(path.join(tmpdir(), 'flexmetal-tar-'));
  try {
    for (const [name, content] of Object.entries(files))
      await writeFile(path.join(folder, name), content, { mode: 0o644 });
    const args = ['-c', '-f', '-', '-C', folder, ...Object.keys(files)];
    const { stdout } = await promisify(execFile)('tar', args, { encoding: 'buffer' });
    return Readable.from([stdout]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
