import { createHash } from 'node:crypto';
import { relative, resolve } from 'node:path';
import { rolldown } from 'rolldown';

/** The program as one file. */
export interface Bundle {
  readonly code: string;
  /** Names of functions and lines of the sources, for whoever reads a stack trace; not needed at run time. */
  readonly map: string;
  /** SHA-256 of the code, in hex. */
  readonly digest: string;
  /** Every source file in it, relative to the project, sorted. */
  readonly modules: readonly string[];
}

export const BUNDLE_NAME = 'flexmetal-operator.mjs';

/** Before anything else runs: an older Node would end in some error of some library. */
const OLD_NODE = `if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error('flexmetal-operator needs Node 24 or newer; this is ' + process.version);
  process.exit(2);
}`;

/**
 * Bundles operator and simulator, with everything they need, into one ES module for Node 24. Same sources, same bytes.
 * Dead code goes; names and lines stay: a stack trace can be read without the map, and an error that nobody caught prints one
 * line of source, not a quarter of the program.
 * @param root the project's folder
 * @throws when something cannot be resolved or parsed, or a warning says that the bundle would not work
 */
export async function bundle(root: string): Promise<Bundle> {
  await using build = await rolldown({
    cwd: root,
    input: 'src/main.ts',
    platform: 'node',
    // The generated classes of client-node carry static assignments, which keeps all of them; none does anything when loaded.
    treeshake: { moduleSideEffects: (id) => !id.includes('/@kubernetes/client-node/') },
    onLog: (_level, log) => {
      throw new Error(`the bundle is not clean: ${log.code ?? ''} ${log.message}`);
    },
  });
  const { output } = await build.generate({
    format: 'esm',
    entryFileNames: BUNDLE_NAME,
    sourcemap: 'hidden',
    codeSplitting: false,
    comments: false,
    minify: { compress: true, mangle: false, codegen: { removeWhitespace: false } },
    banner: OLD_NODE,
  });
  const [chunk, asset, ...others] = output;
  if (asset?.type !== 'asset' || others.length > 0) throw new Error('the bundle is not one file and its map');
  const code = asciiOnly(chunk.code);
  return {
    code,
    map: String(asset.source),
    digest: createHash('sha256').update(code).digest('hex'),
    modules: chunk.moduleIds
      .filter((id) => id.startsWith('/'))
      .map((id) => relative(resolve(root), id))
      .toSorted(),
  };
}

/**
 * A program with one letter beyond Latin-1 is held in memory with two bytes for each of its letters. An escape means the same in
 * texts, patterns and names, but not in a `String.raw`. Lines stay as the map has them; columns behind an escape do not.
 * @throws when a `String.raw` has such a letter
 */
function asciiOnly(code: string): string {
  if (/String\.raw`[^`]*[^\p{ASCII}`]/u.test(code)) throw new Error('a String.raw has letters that are not ASCII');
  return code.replaceAll(/\P{ASCII}/gu, (letter) =>
    Array.from({ length: letter.length }, (_, at) => `\\u${letter.charCodeAt(at).toString(16).padStart(4, '0')}`).join(
      '',
    ),
  );
}
