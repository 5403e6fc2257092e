import { parseArgs } from 'node:util';

export interface ProofOptions {
  /** Run the models and the lag anew; without, only the page is written from the results that are there. */
  readonly measures: boolean;
}

export type ReadOptions =
  | { readonly kind: 'run'; readonly options: ProofOptions }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'wrong'; readonly message: string };

export function readProofOptions(argv: readonly string[]): ReadOptions {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: { page: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
    });
    return values.help ? { kind: 'help', text: HELP } : { kind: 'run', options: { measures: !values.page } };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { kind: 'wrong', message: `${error.message}\nnpm run proof -- --help lists the options.` };
  }
}

const HELP = `Usage: npm run proof [-- options]

Runs the models of other orders of steps, and the operator with lists that lag, in virtual time; draws docs/proof/lag.svg;
and writes the generated parts of docs/proof.md from the results of all parts of the proof. A missing result is an error.

Options:
  --page    Run nothing: only draw and write, from the results that are there.
  --help    This text.`;
