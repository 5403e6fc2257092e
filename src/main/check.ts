import { readFileSync } from 'node:fs';
import { checkMain } from '../cli/check.ts';
import type { Installation } from '../cli/check.ts';
import { httpGet } from '../cli/http-get.ts';
import type { Config } from '../config.ts';
import { loadConfig } from '../config.ts';
import { RateBudget } from '../flexmetal/budget.ts';
import { FlexMetalClient } from '../flexmetal/client.ts';
import { KubeClient } from '../kube/client.ts';
import { systemClock } from '../runtime/system-clock.ts';
import { systemRandom } from '../runtime/system-random.ts';
import { fileTokensOf, kubeConfigOf, kubeTransportOf, USER_AGENT, vendorTransportOf } from './ports.ts';

/**
 * `check` with the machine's own clock, network and files.
 * @param argv what follows the subcommand
 * @returns the exit code
 */
export const runChecks = (argv: readonly string[], stop: AbortSignal): Promise<number> =>
  checkMain(argv, {
    clock: systemClock,
    stop,
    get: (url, options) => httpGet(url, { clock: systemClock, ...options }),
    readSettings: (settings) => {
      const loaded = loadConfig({
        argv: ['run', ...settings],
        env: process.env,
        readFile: (path) => readFileSync(path, 'utf8'),
      });
      if (loaded.kind === 'ok') return { kind: 'ok', installation: installationOf(loaded.config) };
      return { kind: 'error', message: loaded.kind === 'error' ? loaded.message : 'check takes no other command' };
    },
    out: (line) => void process.stdout.write(`${line}\n`),
    err: (line) => void process.stderr.write(`${line}\n`),
  });

const installationOf = (config: Config): Installation => ({
  namespaces: config.namespaces,
  apiUrl: config.apiUrl,
  openKube: () => {
    // The transport would say only what kind of error it was.
    kubeConfigOf(config);
    return new KubeClient({ transport: kubeTransportOf(config), clock: systemClock, random: systemRandom });
  },
  listOnePage: () =>
    new FlexMetalClient({
      transport: vendorTransportOf(config),
      tokens: fileTokensOf(config),
      budget: new RateBudget({
        clock: systemClock,
        requestsPerSecond: config.requestsPerSecond,
        burst: config.requestBurst,
      }),
      clock: systemClock,
      baseUrl: config.apiUrl,
      // Fingerprints are for ledgers, and nothing is written here.
      salt: '',
      userAgent: USER_AGENT,
      pageSize: config.pageSize,
      pagesMax: 1,
      requestTimeout: config.requestTimeout,
    }).listServers('observe'),
});
