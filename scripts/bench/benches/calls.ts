import { parseClusterId } from '../../../src/base/ids.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { Secret } from '../../../src/base/secret.ts';
import { hours, minutes, seconds } from '../../../src/base/time.ts';
import { Operator } from '../../../src/controllers/operator.ts';
import { createLogger } from '../../../src/observability/logger.ts';
import { createMetrics } from '../../../src/observability/metrics.ts';
import { createScrubber } from '../../../src/observability/scrubber.ts';
import { DEFAULT_TOKEN } from '../../../src/simulator/config.ts';
import { ApiServer } from '../../../test/support/api-server/api-server.ts';
import { fieldsOf } from '../../../test/support/api-server/json.ts';
import { ClusterUser } from '../../../test/support/api-server/user.ts';
import { simulatedTransport } from '../../../test/support/simulated-transport.ts';
import { aWorld } from '../../../test/support/simulated-world.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { aServerManifest } from '../objects.ts';
import type { BenchResult, Measured } from '../result.ts';

const NAMESPACE = 'bench';
const CLIENT = 'operator';
const FLEET_SIZES = [10, 100, 1_000];
/** One GET per object and minute, what an operator costs that asks for each of its servers by itself. */
const GETS_AN_HOUR = 60;
/** Long enough for a thousand orders, one after another in virtual time. */
const ORDERING_LIMIT = hours(2);

/** What still servers cost in calls of the vendor's API: the whole operator, an hour of virtual time. */
export async function benchCalls(): Promise<BenchResult> {
  const measured: Measured[] = [];
  for (const servers of FLEET_SIZES) measured.push(...(await anHourWith(servers)));
  return {
    bench: 'calls',
    title: 'Calls in an hour in which nothing happens',
    measured,
    notes: [
      'virtual time: the whole operator with default intervals over an in-memory API server and the simulated world, from the time on at which all objects are Ready; calls are counted where they arrive',
      'without leader election, whose renewals are no calls of the FlexMetal API and the only Kubernetes writes of an idle operator (see the idle bench)',
    ],
  };
}

async function anHourWith(servers: number): Promise<readonly Measured[]> {
  const clock = new VirtualClock();
  const random = seededRandom(servers);
  const apiServer = new ApiServer({ clock, random });
  apiServer.addNamespace(NAMESPACE);
  const { world } = aWorld({ delivery: { takes: '0' } });
  const ready = watchReady(apiServer);
  const stopping = new AbortController();
  const ended = operatorOver(apiServer, world, clock).run(stopping.signal);
  const user = new ClusterUser(apiServer);
  for (let index = 0; index < servers; index += 1) user.create(aServerManifest(NAMESPACE, `server-${index}`));

  const allReady = await clock.advanceUntil(() => ready.size === servers, ORDERING_LIMIT);
  if (!allReady) throw new Error(`${ready.size} of ${servers} objects are Ready after hours of virtual time`);
  await clock.advance(minutes(5));

  const before = { calls: total(world.calls()), writes: apiServer.traffic.writes({ client: CLIENT }) };
  await clock.advance(hours(1));
  const calls = total(world.calls()) - before.calls;
  const writes = apiServer.traffic.writes({ client: CLIENT }) - before.writes;
  stopping.abort();
  await clock.advance(minutes(1));
  await ended;
  return [
    {
      what: `FlexMetal API calls for ${servers} still servers`,
      ratio: { value: calls / (servers * GETS_AN_HOUR), to: 'one GET per object and minute' },
      value: calls,
      unit: 'calls/h',
    },
    { what: `Kubernetes writes for ${servers} still servers`, value: writes, unit: 'writes/h', goalMost: 0 },
  ];
}

const total = (calls: Readonly<Record<string, number>>): number =>
  Object.values(calls).reduce((left, right) => left + right, 0);

function operatorOver(apiServer: ApiServer, world: ReturnType<typeof aWorld>['world'], clock: VirtualClock): Operator {
  const settings = {
    apiUrl: 'http://127.0.0.1:1',
    clusterId: parseClusterId('0123456789ab'),
    mode: 'normal',
    settleWindow: minutes(5),
    orderTimeout: seconds(180),
    requestTimeout: seconds(30),
    pollIntervalMoving: seconds(15),
    pollIntervalStill: seconds(60),
    pageSize: 100,
    pagesMax: 200,
    requestsPerSecond: 1_000,
    requestBurst: 10_000,
    serversMax: 100_000,
    ordersPerHourMax: 100_000,
    namespaces: 'all',
    workers: 4,
    lease: undefined,
  } as const;
  return new Operator(settings, {
    kube: apiServer.transportFor(CLIENT),
    vendor: simulatedTransport({ world, clock }),
    tokens: {
      current: () => Promise.resolve({ kind: 'token', token: new Secret(DEFAULT_TOKEN) }),
      refresh: () => undefined,
    },
    clock,
    random: seededRandom(1),
    log: createLogger({
      level: 'error',
      clock,
      scrubber: createScrubber(),
      destination: { write: (line: string) => void process.stderr.write(line) },
    }),
    metrics: createMetrics({ version: 'bench', nodeVersion: process.version }),
    onSecret: () => undefined,
    name: CLIENT,
    version: 'bench',
  });
}

/** The names of the objects that are Ready, kept up to date. */
function watchReady(apiServer: ApiServer): ReadonlySet<string> {
  const ready = new Set<string>();
  apiServer.onChange(({ key, object }) => {
    // The printed phase is Ready exactly when the condition is.
    if (fieldsOf(object['status'])['phase'] === 'Ready') ready.add(key);
    else ready.delete(key);
  });
  return ready;
}
