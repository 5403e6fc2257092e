import { isStoppingAlready, stopping } from './runtime/stop-signals.ts'; // first: see there
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { seconds } from './base/time.ts';
import type { Config } from './config.ts';
import { loadConfig } from './config.ts';
import type { OperatorSettings } from './controllers/operator.ts';
import { Operator } from './controllers/operator.ts';
import { runChecks } from './main/check.ts';
import { fileTokensOf, kubeTransportOf, proxySecretsOf, vendorTransportOf, VERSION } from './main/ports.ts';
import { tracedKube, tracedVendor } from './main/traced-transports.ts';
import { createWatchdog, keepBeating, serveHealth, serveMetrics } from './observability/health.ts';
import { createLogger, stdoutDestination } from './observability/logger.ts';
import type { Metrics } from './observability/metrics.ts';
import { createMetrics } from './observability/metrics.ts';
import { createScrubber } from './observability/scrubber.ts';
import type { OtelTracer } from './observability/tracing/otel-tracer.ts';
import { systemClock } from './runtime/system-clock.ts';
import { systemRandom } from './runtime/system-random.ts';
import { simulatorMain } from './simulator/cli.ts';

/** The composition root: reads the configuration, makes the ports and starts what was asked for. */
async function main(): Promise<number> {
  // Nothing was begun, so nothing is wrong; but a check that did not look must not say that all is well.
  if (await isStoppingAlready()) return process.argv[2] === 'check' ? EXIT_CANNOT_TELL : 0;
  const loaded = loadConfig({
    argv: process.argv.slice(2),
    env: process.env,
    readFile: (path) => readFileSync(path, 'utf8'),
  });
  switch (loaded.kind) {
    case 'help':
      process.stdout.write(loaded.text);
      return 0;
    case 'version':
      process.stdout.write(`${VERSION}\n`);
      return 0;
    case 'error':
      process.stderr.write(`${loaded.message}\n`);
      return EXIT_USAGE;
    case 'simulator':
      return simulatorMain(loaded.argv, {
        clock: systemClock,
        random: systemRandom,
        out: (line) => void process.stdout.write(`${line}\n`),
        err: (line) => void process.stderr.write(`${line}\n`),
        stop: stopping,
      });
    case 'check':
      return runChecks(loaded.argv, stopping);
    case 'ok':
      return runOperator(loaded.config);
  }
}

const EXIT_USAGE = 2;
/** As `check` has it. */
const EXIT_CANNOT_TELL = 2;
/** Leadership was lost: the process ends, so that nothing it still remembers can act. Kubernetes starts a new one. */
const EXIT_LEADERSHIP_LOST = 1;
/** The work in flight did not end within the grace period. */
const EXIT_GRACE_OVER = 3;

/** A hang of this length is no slow call: every call has a deadline of its own. Failing listings and the like are no reason to restart. */
const WATCHDOG_LIMIT = seconds(60);

/** Traces are worth less than a quick end. */
const TRACES_CLOSE_LIMIT = seconds(3);

async function runOperator(config: Config): Promise<number> {
  const scrubber = createScrubber();
  for (const secret of proxySecretsOf(config)) scrubber.registerSecret(secret);
  const log = createLogger({ level: config.logLevel, clock: systemClock, scrubber, destination: stdoutDestination() });
  const metrics = createMetrics({ version: VERSION, nodeVersion: process.version });
  const kube = kubeTransportOf(config);
  const vendor = vendorTransportOf(config);
  const tracer = await tracerOf(config, metrics, log);
  const fileTokens = fileTokensOf(config);
  const operator = new Operator(settingsOf(config), {
    kube: tracer === undefined ? kube : tracedKube(kube, tracer),
    vendor: tracer === undefined ? vendor : tracedVendor(vendor, tracer),
    ...(tracer === undefined ? {} : { tracer }),
    tokens: {
      current: async () => {
        const result = await fileTokens.current();
        if (result.kind === 'token') scrubber.registerSecret(result.token);
        return result;
      },
      refresh: () => fileTokens.refresh(),
    },
    clock: systemClock,
    random: systemRandom,
    log,
    metrics,
    onSecret: (secret) => scrubber.registerSecret(secret),
    name: process.env['POD_NAME'] ?? hostname(),
    version: VERSION,
  });
  const watchdog = createWatchdog({ name: 'event-loop', clock: systemClock, limit: WATCHDOG_LIMIT });
  const heart = keepBeating(systemClock, watchdog.beat);
  const health = await serveHealth({
    address: config.healthAddress,
    liveness: [watchdog.check],
    readiness: operator.readiness,
    clock: systemClock,
  });
  const scrape = await serveMetrics({
    address: config.metricsAddress,
    render: () => metrics.render(),
    clock: systemClock,
  });
  log.info({ version: VERSION, node: process.version, mode: config.mode, apiUrl: config.apiUrl }, 'starting');
  if (stopping.aborted) armGrace(config, log);
  else stopping.addEventListener('abort', () => armGrace(config, log), { once: true });
  const end = await operator.run(stopping);
  if (end.kind === 'leadershipLost') return EXIT_LEADERSHIP_LOST;
  await tracer?.close(TRACES_CLOSE_LIMIT);
  heart.cancel();
  await Promise.all([health.close(), scrape.close()]);
  await Promise.all([kube.close(), vendor.close()]);
  log.info({}, 'stopped');
  return 0;
}

/** Loaded only when it is wanted. */
async function tracerOf(
  { tracingEndpoint }: Config,
  metrics: Metrics,
  log: ReturnType<typeof createLogger>,
): Promise<OtelTracer | undefined> {
  if (tracingEndpoint === undefined) return undefined;
  const { OtelTracer } = await import('./observability/tracing/otel-tracer.ts');
  return new OtelTracer({
    endpoint: tracingEndpoint,
    resource: {
      'service.name': 'flexmetal-operator',
      'service.version': VERSION,
      'service.instance.id': process.env['POD_NAME'] ?? hostname(),
    },
    clock: systemClock,
    random: systemRandom,
    onDropped: (count) => metrics.traceSpansDropped.inc({}, count),
    onMisconfigured: (problem) => log.warn({ problem }, 'tracing: a variable is not understood and left out'),
  });
}

/** Ends the process when work in flight does not end in time; an order that is cut off counts as unclear and is settled by the next process. */
function armGrace(config: Config, log: ReturnType<typeof createLogger>): void {
  log.info({ graceMs: config.shutdownGrace }, 'stopping: nothing new is begun, work in flight is waited for');
  systemClock.setTimer(config.shutdownGrace, () => {
    log.error({}, 'work in flight did not end within the grace period');
    process.exit(EXIT_GRACE_OVER);
  });
}

function settingsOf(config: Config): OperatorSettings {
  const { leaseDuration, leaseRenewDeadline, leaseRetryPeriod } = config;
  return {
    ...config,
    clusterId: config.clusterId,
    namespaces: config.namespaces.length === 0 ? 'all' : config.namespaces,
    lease: config.leaderElection
      ? {
          name: config.leaseName,
          namespace: config.leaseNamespace ?? process.env['POD_NAMESPACE'] ?? ownNamespace(),
          times: { leaseDuration, renewDeadline: leaseRenewDeadline, retryPeriod: leaseRetryPeriod },
        }
      : undefined,
  };
}

/** The namespace of the pod's service account; `default` outside a cluster. */
function ownNamespace(): string {
  try {
    return readFileSync('/var/run/secrets/kubernetes.io/serviceaccount/namespace', 'utf8').trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 'default';
    throw error;
  }
}

process.exit(await main());
