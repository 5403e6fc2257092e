import { expect, test } from 'vitest';
import type { Random } from '../../src/base/random.ts';
import { seededRandom } from '../../src/base/random.ts';
import { millis } from '../../src/base/time.ts';
import { KubeClient } from '../../src/kube/client.ts';
import { Informer } from '../../src/kube/informer.ts';
import { LeaderElector } from '../../src/kube/leader-election.ts';
import type { Fault, FaultPlan } from '../support/api-server/faults.ts';
import { fieldsOf, toJsonObject } from '../support/api-server/json.ts';
import { aSample, SAMPLES } from '../support/api-server/sample.ts';
import { aCluster } from './harness.ts';

const RESOURCE = { group: 'contract.example.com', version: 'v1', plural: 'samples' };
const ONE_HOUR_MS = 3_600_000;

test.each(Array.from({ length: 20 }, (_, seed) => seed))(
  'an informer ends up with what the server has, whatever went wrong before (seed %i)',
  async (seed) => {
    const { clock, server, user } = aCluster(seed);
    const random = seededRandom(seed);
    let isCalm = false;
    const faults: FaultPlan = () => (isCalm ? undefined : someFault(random));
    const client = new KubeClient({ transport: server.transportFor('operator', faults), clock, random });
    const informer = new Informer({ client, resource: RESOURCE, namespaces: 'all', clock, random });
    informer.start();
    for (let step = 0; step < 150; step += 1) {
      someUse(random, user);
      if (!isCalm) someTrouble(random, server);
      await clock.advance(random.next() * 20_000);
    }
    isCalm = true;
    server.comeUp();
    server.thawWatches();
    await clock.advance(ONE_HOUR_MS);
    expect(versionsOf(informer.store.list())).toEqual(versionsOf(server.all(SAMPLES)));
    expect(server.all(SAMPLES)).not.toEqual([]);
    await informer.stop();
    expect(clock.pendingTimers).toBe(0);
  },
);

test('of two electors one leads; when it dies the other follows', async () => {
  const { clock, server } = aCluster();
  const elector = (name: string) => {
    const client = new KubeClient({ transport: server.transportFor(name), clock, random: seededRandom(1) });
    const lease = { namespace: 'default', name: 'leader' };
    const made = new LeaderElector({ client, clock, random: seededRandom(name.length), lease, name });
    void made.run(() => undefined);
    return made;
  };
  const [first, second] = [elector('one'), elector('second')];
  await clock.advance(60_000);
  expect([first.check().kind, second.check().kind].toSorted()).toEqual(['leader', 'notLeader']);
  const leader = first.check().kind === 'leader' ? 'one' : 'second';
  server.kill(leader);
  await clock.advance(60_000);
  const survivor = leader === 'one' ? second : first;
  expect(survivor.check().kind).toBe('leader');
});

function someFault(random: Random): Fault | undefined {
  if (random.next() > 0.3) return undefined;
  const carriedOut = random.next() < 0.5;
  const kinds: readonly Fault[] = [
    { kind: 'refuse' },
    { kind: 'reset', carriedOut },
    { kind: 'silence', carriedOut },
    { kind: 'answer', code: 500, reason: 'InternalError', carriedOut },
    { kind: 'answer', code: 429, reason: 'TooManyRequests', carriedOut: false, retryAfterSeconds: 2 },
    { kind: 'answer', code: 410, reason: 'Expired', carriedOut: false },
    { kind: 'delay', request: millis(random.next() * 5_000), reply: millis(random.next() * 5_000) },
  ];
  return kinds[Math.floor(random.next() * kinds.length)];
}

function someTrouble(random: Random, server: ReturnType<typeof aCluster>['server']): void {
  const troubles = [
    () => server.compact(),
    () => server.breakWatches(),
    () => server.endWatches(),
    () => server.expireWatches(),
    () => server.silenceWatches(),
    () => server.freezeWatches(),
    () => server.thawWatches(),
    () => server.goDown(),
    () => server.comeUp(),
  ];
  if (random.next() < 0.4) troubles[Math.floor(random.next() * troubles.length)]?.();
}

function someUse(random: Random, user: ReturnType<typeof aCluster>['user']): void {
  const sample = aSample(`sample-${Math.floor(random.next() * 6)}`);
  if (random.next() < 0.3) user.delete(sample);
  else user.apply({ ...sample, spec: { place: `at ${Math.floor(random.next() * 100)}` } });
}

/** Name, uid and version of each, in the order of names. */
const versionsOf = (objects: readonly object[]): readonly string[] =>
  objects
    .map((object) => fieldsOf(toJsonObject(object)['metadata']))
    .map(({ name, uid, resourceVersion }) => JSON.stringify({ name, uid, resourceVersion }))
    .toSorted();
