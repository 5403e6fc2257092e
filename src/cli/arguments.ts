import type { Millis } from '../base/time.ts';
import { seconds } from '../base/time.ts';
import { parseDuration } from '../resources/flexmetalserver/duration.ts';

/** One thing that `check` looks at. */
export type Check =
  /** Whether an address answers with 200. Waits for it. */
  | { readonly kind: 'ready'; readonly url: URL; readonly timeout: Millis }
  /** Whether no FlexMetalServer is left. */
  | { readonly kind: 'noServers' }
  /** Whether the FlexMetal API takes the token. */
  | { readonly kind: 'api' };

export type Asked =
  | { readonly kind: 'help' }
  /** For people: all that is wrong, a line each. */
  | { readonly kind: 'wrong'; readonly message: string }
  /** `settings`: the flags that are not of `check`, for the operator's own configuration. */
  | { readonly kind: 'checks'; readonly checks: readonly Check[]; readonly settings: readonly string[] };

export const CHECK_HELP = `Usage: flexmetal-operator check [checks] [flags of run]

Looks at one thing or several, says what it sees, and changes nothing.

Checks:
  --ready <url>        Wait until the address answers with 200, and print what it says. Without a path: /readyz. May be
                       given several times.
  --timeout <duration> How long --ready waits for each address. Default: 60s.
  --no-servers         See that no FlexMetalServer is left in the cluster, or in the namespaces of --namespaces.
  --api                See that the FlexMetal API takes the token: lists servers, orders nothing.
  --help               This text.

All other flags, variables and the configuration file are those of \`run\`, such as --namespaces, --kubeconfig and
--token-file.

Exit codes: 0 all is as it should be, 1 it is not, 2 it cannot be told, or wrong flags.`;

const TIMEOUT: Millis = seconds(60);
const WITH_VALUE = ['--ready', '--timeout'] as const;

/** Reads what follows `check`. Each flag as `--name value` or `--name=value`. */
export function readArguments(argv: readonly string[]): Asked {
  if (argv.includes('--help') || argv.includes('-h')) return { kind: 'help' };
  const { own, settings } = split(argv);
  const complaints: string[] = [];
  const timeout = lastOf(own, '--timeout');
  const wait = timeout === undefined ? TIMEOUT : parseDuration(timeout);
  if (wait === undefined || wait <= 0)
    complaints.push('--timeout needs a duration with its unit; example: --timeout=60s');
  const checks: Check[] = [];
  for (const { name, value } of own) {
    if (name === '--no-servers') checks.push({ kind: 'noServers' });
    if (name === '--api') checks.push({ kind: 'api' });
    if (name !== '--ready') continue;
    const url = readUrl(value ?? '');
    if (url === undefined)
      complaints.push('--ready needs an http or https address; example: --ready=http://127.0.0.1:8081/readyz');
    else checks.push({ kind: 'ready', url, timeout: wait ?? TIMEOUT });
  }
  if (complaints.length === 0 && checks.length === 0)
    complaints.push('nothing to check; name one of --ready <url>, --no-servers and --api');
  if (complaints.length > 0)
    return { kind: 'wrong', message: [...complaints, 'See flexmetal-operator check --help.'].join('\n') };
  return { kind: 'checks', checks, settings };
}

interface Flag {
  readonly name: string;
  readonly value: string | undefined;
}

function split(argv: readonly string[]): { readonly own: readonly Flag[]; readonly settings: readonly string[] } {
  const own: Flag[] = [];
  const settings: string[] = [];
  for (let at = 0; at < argv.length; at += 1) {
    const argument = argv[at] ?? '';
    const name = WITH_VALUE.find((flag) => argument === flag || argument.startsWith(`${flag}=`));
    if (name !== undefined) {
      const isInline = argument !== name;
      own.push({ name, value: isInline ? argument.slice(name.length + 1) : argv[at + 1] });
      if (!isInline) at += 1;
    } else if (argument === '--no-servers' || argument === '--api') own.push({ name: argument, value: undefined });
    else settings.push(argument);
  }
  return { own, settings };
}

const lastOf = (flags: readonly Flag[], name: string): string | undefined => {
  const last = flags.findLast((flag) => flag.name === name);
  return last === undefined ? undefined : (last.value ?? '');
};

function readUrl(text: string): URL | undefined {
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return undefined;
  if (url.pathname === '/') url.pathname = '/readyz';
  return url;
}
