import { parseArgs } from 'node:util';

export interface MutationOptions {
  /** From the root of the repository. Empty: the whole core, whose figures are published. */
  readonly files: readonly string[];
  readonly workers: number;
}

export type ReadOptions =
  | { readonly kind: 'run'; readonly options: MutationOptions }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'wrong'; readonly message: string };

const HELP = `npm run mutation [-- [files of src/core] --workers <n>]

Changes the core at one place at a time and runs the tests of test/core on each change. Prints every change that no test notices
and that scripts/mutation/explained.ts does not explain. Without files the whole core is changed, and docs/mutation.json and
docs/mutation.md are written.

  --workers <n>  test processes at a time; 2 unless told
  --help         this text`;

export function readMutationOptions(argv: readonly string[]): ReadOptions {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { workers: { type: 'string', default: '2' }, help: { type: 'boolean', default: false } },
    });
    if (values.help) return { kind: 'help', text: HELP };
    if (!/^[1-9]\d?$/.test(values.workers))
      throw new TypeError(`--workers ${values.workers} is no number from 1 to 99.`);
    return { kind: 'run', options: { files: positionals, workers: Number(values.workers) } };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { kind: 'wrong', message: `${error.message}\nnpm run mutation -- --help lists the options.` };
  }
}
