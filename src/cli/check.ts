import { assertNever } from '../base/assert-never.ts';
import type { ListOutcome } from '../core/model/outcomes.ts';
import type { KubeClient } from '../kube/client.ts';
import { KubeConfigError } from '../kube/credentials.ts';
import type { Check } from './arguments.ts';
import { CHECK_HELP, readArguments } from './arguments.ts';
import { checkApi } from './check-api.ts';
import { checkNoServers } from './check-no-servers.ts';
import type { ReadyPorts } from './check-ready.ts';
import { checkReady } from './check-ready.ts';
import type { Finding } from './finding.ts';
import { exitCode } from './finding.ts';

/** What the operator's settings lead to. Nothing is opened before it is asked for. */
export interface Installation {
  /** Those that are watched; empty for all. */
  readonly namespaces: readonly string[];
  readonly apiUrl: string;
  /** @throws KubeConfigError when there is no way to an API server */
  readonly openKube: () => Pick<KubeClient, 'listPage'>;
  /** One page of the vendor's servers. */
  readonly listOnePage: () => Promise<ListOutcome>;
}

export interface CheckIo extends ReadyPorts {
  /** Reads the operator's own flags, variables and file. */
  readonly readSettings: (
    argv: readonly string[],
  ) =>
    | { readonly kind: 'ok'; readonly installation: Installation }
    | { readonly kind: 'error'; readonly message: string };
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
}

const EXIT_USAGE = 2;

/**
 * `flexmetal-operator check`.
 * @param argv what follows the subcommand
 * @returns the exit code: 0 all is as it should be, 1 it is not, 2 it cannot be told, or wrong usage
 */
export async function checkMain(argv: readonly string[], io: CheckIo): Promise<number> {
  const asked = readArguments(argv);
  if (asked.kind === 'help') {
    io.out(CHECK_HELP);
    return 0;
  }
  if (asked.kind === 'wrong') {
    io.err(asked.message);
    return EXIT_USAGE;
  }
  const settings = io.readSettings(asked.settings);
  if (settings.kind === 'error') {
    io.err(settings.message);
    return EXIT_USAGE;
  }
  const findings: Finding[] = [];
  for (const check of asked.checks) {
    const finding = await run(check, settings.installation, io);
    for (const line of finding.lines) io.out(line);
    findings.push(finding);
  }
  return exitCode(findings);
}

async function run(check: Check, installation: Installation, io: CheckIo): Promise<Finding> {
  switch (check.kind) {
    case 'ready':
      return checkReady(check.url, check.timeout, io);
    case 'noServers':
      return countServers(installation, io.stop);
    case 'api':
      return checkApi(installation.apiUrl, await installation.listOnePage());
    default:
      return assertNever(check, 'check');
  }
}

async function countServers({ namespaces, openKube }: Installation, stop: AbortSignal): Promise<Finding> {
  try {
    return await checkNoServers(namespaces, openKube(), stop);
  } catch (error) {
    if (!(error instanceof KubeConfigError)) throw error;
    return { verdict: 'unknown', lines: [`Whether FlexMetalServers are left cannot be told: ${error.message}.`] };
  }
}
