import { expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { Secret } from '../../src/base/secret.ts';
import { millis, minutes, seconds } from '../../src/base/time.ts';
import { Operator } from '../../src/controllers/operator.ts';
import { createLogger } from '../../src/observability/logger.ts';
import { createMetrics } from '../../src/observability/metrics.ts';
import { createScrubber } from '../../src/observability/scrubber.ts';
import type { Attributes, Tracer } from '../../src/observability/tracing/tracer.ts';
import { readScenario } from '../../src/simulator/scenario.ts';
import { World } from '../../src/simulator/world.ts';
import { ApiServer } from '../support/api-server/api-server.ts';
import { ClusterUser } from '../support/api-server/user.ts';
import { aServer } from '../support/simulation/scenarios/user.ts';
import { simulatedTransport } from '../support/simulated-transport.ts';
import { VIRTUAL_START, VirtualClock } from '../support/virtual-clock.ts';

const TOKEN = 'canary-token-0123456789';

test('the passes of an order are spans with the object, its attempt and what they did', async () => {
  const clock = new VirtualClock();
  const random = seededRandom(1);
  const passes: { readonly name: string; readonly isRoot: boolean | undefined; attributes: Attributes }[] = [];
  const tracer: Tracer = {
    span: ({ name, isRoot, attributes }, work) => {
      const pass = { name, isRoot, attributes };
      passes.push(pass);
      const set = (more: Attributes): void => {
        pass.attributes = { ...pass.attributes, ...more };
      };
      return work({ set, fail: () => undefined });
    },
  };
  const api = new ApiServer({ clock, random });
  const world = World.start(readScenario({ seed: 1, tokens: [{ token: TOKEN }] }), VIRTUAL_START);
  const scrubber = createScrubber();
  const operator = new Operator(
    {
      apiUrl: 'https://api.simulated.example',
      clusterId: undefined,
      mode: 'normal',
      settleWindow: minutes(5),
      orderTimeout: seconds(180),
      requestTimeout: seconds(30),
      pollIntervalMoving: seconds(15),
      pollIntervalStill: seconds(60),
      pageSize: 100,
      pagesMax: 200,
      requestsPerSecond: 5,
      requestBurst: 10,
      serversMax: 100,
      ordersPerHourMax: 30,
      namespaces: 'all',
      workers: 1,
      lease: undefined,
    },
    {
      kube: api.transportFor('operator'),
      vendor: simulatedTransport({ world, clock, latency: { connect: millis(1), there: millis(1), back: millis(1) } }),
      tokens: { current: () => Promise.resolve({ kind: 'token', token: new Secret(TOKEN) }), refresh: () => undefined },
      clock,
      random,
      log: createLogger({ level: 'error', clock, scrubber, destination: { write: () => undefined } }),
      metrics: createMetrics({ version: 'x', nodeVersion: 'x' }, 'operator'),
      tracer,
      onSecret: () => undefined,
      name: 'operator',
      version: 'x',
    },
  );
  const stopping = new AbortController();
  const ended = operator.run(stopping.signal);
  const user = new ClusterUser(api);
  const object = user.create(aServer('web-1', { os: { slug: 'ubuntu-2404-lts' }, postInstallScript: undefined }));
  const ordered = passesThat('createServer');
  expect(await clock.advanceUntil(() => ordered().length > 0, minutes(5))).toBe(true);
  expect(ordered()).toEqual([
    {
      name: 'reconcile',
      isRoot: true,
      attributes: {
        'k8s.namespace.name': 'default',
        'flexmetal.object': 'web-1',
        'flexmetal.look': expect.any(String),
        'flexmetal.object.uid': expect.stringMatching(/^[0-9a-f-]{36}$/),
        'flexmetal.attempt': expect.stringMatching(/^[0-9a-z-]{6,}$/),
        'flexmetal.effect': 'createServer',
        'flexmetal.outcome': 'acted',
      },
    },
  ]);
  expect(JSON.stringify(object)).toContain(String(ordered()[0]?.attributes['flexmetal.object.uid']));
  await clock.advance(minutes(1));
  stopping.abort();
  await clock.advance(minutes(1));
  await ended;
  expect(passes.map(({ attributes }) => attributes['flexmetal.reason'])).toContain('Provisioning');
  expect(JSON.stringify(passes)).not.toContain('canary');

  function passesThat(effect: string) {
    return () => passes.filter(({ attributes }) => attributes['flexmetal.effect'] === effect);
  }
});
