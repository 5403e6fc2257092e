import { parseArgs } from 'node:util';

/** What the user asked for. */
export interface DemoOptions {
  /** End by itself after the tour; the exit code says whether everything was seen. */
  readonly exit: boolean;
  /** The user's own cluster instead of one started here. */
  readonly cluster: { readonly kubeconfig: string; readonly context: string | undefined } | undefined;
  /** Do not ask before touching the user's cluster. */
  readonly yes: boolean;
}

export type ReadOptions =
  | { readonly kind: 'run'; readonly options: DemoOptions }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'wrong'; readonly message: string };

export function readDemoOptions(argv: readonly string[]): ReadOptions {
  let values: ReturnType<typeof parse>['values'];
  try {
    values = parse(argv).values;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return wrong(error.message);
  }
  if (values.help === true) return { kind: 'help', text: HELP };
  const { kubeconfig, context } = values;
  if (kubeconfig === '') return wrong('--kubeconfig needs the path of a file');
  if (kubeconfig === undefined && context !== undefined) return wrong('--context goes with --kubeconfig');
  if (kubeconfig === undefined && values.yes === true) return wrong('--yes goes with --kubeconfig');
  const cluster = kubeconfig === undefined ? undefined : { kubeconfig, context };
  return { kind: 'run', options: { exit: values.exit === true, cluster, yes: values.yes === true } };
}

const wrong = (message: string): ReadOptions => ({
  kind: 'wrong',
  message: `${message}\nnpm run demo -- --help lists the options.`,
});

const parse = (argv: readonly string[]) =>
  parseArgs({
    args: [...argv],
    options: {
      exit: { type: 'boolean' },
      kubeconfig: { type: 'string' },
      context: { type: 'string' },
      yes: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });

const HELP = `Usage: npm run demo -- [options]

Shows the operator at work: a real API server, a simulated FlexMetal API (nothing is ever ordered for real) and the
operator as its own process. Applies examples/, follows each server to Ready, changes a tag, deletes one server, and
prints what was ordered, released and how many API calls it took.

Options:
  --exit               End after that; exit code 0 only if all of it was really seen. Without it the demo stays up
                       and prints a KUBECONFIG to play with, until Ctrl-C.
  --kubeconfig <file>  Use this cluster instead of starting one. The demo asks first, works in a namespace of its own,
                       removes what it made at the end, and refuses a cluster that has FlexMetalServers already.
  --context <name>     Context of that kubeconfig. Default: its current one.
  --yes                Do not ask.
  --help               This text.

Ctrl-C ends the demo and everything that it started.`;
