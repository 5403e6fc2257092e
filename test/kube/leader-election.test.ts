import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { seconds } from '../../src/base/time.ts';
import { KubeClient } from '../../src/kube/client.ts';
import type { LeadershipEnd, LeaseTimes } from '../../src/kube/leader-election.ts';
import { LeaderElector } from '../../src/kube/leader-election.ts';
import type { KubeRequest, KubeResult } from '../../src/kube/transport.ts';
import { VirtualClock, VIRTUAL_START } from '../support/virtual-clock.ts';
import { LeaseServer } from './support/lease-server.ts';
import { failed, ScriptedTransport, status } from './support/scripted-transport.ts';

interface Candidate {
  readonly elector: LeaderElector;
  readonly clock: VirtualClock;
  readonly transport: ScriptedTransport;
  readonly told: string[];
  elected: number;
  end: LeadershipEnd | undefined;
}

function aCandidate(server: LeaseServer, seed: number, clock = new VirtualClock(), times?: LeaseTimes): Candidate {
  const transport = new ScriptedTransport();
  transport.answer = (request) => server.handle(request);
  const told: string[] = [];
  const elector = new LeaderElector({
    client: new KubeClient({ transport, clock, random: seededRandom(seed) }),
    clock,
    random: seededRandom(seed),
    lease: { namespace: 'flexmetal', name: 'operator' },
    name: `pod-${seed}`,
    ...(times === undefined ? {} : { times }),
    hooks: {
      transition: (isLeader) => told.push(isLeader ? 'leading' : 'not leading'),
      failed: (what, cause) => told.push(`${what}: ${cause}`),
      observed: (holder) => told.push(`holder ${holder.split('_')[0]}`),
    },
  });
  return { elector, clock, transport, told, elected: 0, end: undefined };
}

function run(candidate: Candidate): Candidate {
  void candidate.elector.run(() => (candidate.elected += 1)).then((end) => (candidate.end = end));
  return candidate;
}

async function aLeader(): Promise<Candidate & { readonly server: LeaseServer }> {
  const server = new LeaseServer();
  const candidate = run(aCandidate(server, 1));
  await candidate.clock.settle();
  return Object.assign(candidate, { server });
}

const leader = { kind: 'leader' };
const isPut = (request: KubeRequest): boolean => request.method === 'PUT';
const otherHolds = { holderIdentity: 'pod-9_x', leaseDurationSeconds: 15, leaseTransitions: 3 };

describe('getting the lease', () => {
  test('the first one makes it, in the form the API server demands', async () => {
    const { server, elector, elected } = await aLeader();
    expect([elected, elector.check()]).toEqual([1, leader]);
    expect(server.lease?.spec).toEqual({
      holderIdentity: elector.identity,
      leaseDurationSeconds: 15,
      acquireTime: '2026-11-24T20:00:00.000000Z',
      renewTime: '2026-11-24T20:00:00.000000Z',
      leaseTransitions: 0,
    });
  });

  test('before that it is no leader', () => {
    expect(aCandidate(new LeaseServer(), 1).elector.check()).toEqual({ kind: 'notLeader', reason: 'notElected' });
  });

  test('two processes of the same name have different identities', () => {
    const [one, other] = [1, 2].map((seed) => {
      const transport = new ScriptedTransport();
      const clock = new VirtualClock();
      const random = seededRandom(seed);
      const client = new KubeClient({ transport, clock, random });
      return new LeaderElector({ client, clock, random, lease: { namespace: 'a', name: 'b' }, name: 'pod' }).identity;
    });
    expect(one).not.toBe(other);
  });

  test('one that is held and renewed is left alone, whatever the clocks of the holder say', async () => {
    const server = new LeaseServer();
    server.write({ ...otherHolds, renewTime: '1999-01-01T00:00:00.000000Z' });
    const candidate = run(aCandidate(server, 1));
    for (let round = 0; round < 20; round += 1) {
      server.write({ renewTime: `1999-01-01T00:00:${10 + round}.000000Z` });
      await candidate.clock.advance(14_000);
    }
    expect([candidate.elected, server.writes]).toEqual([0, 0]);
  });

  test('one that is not renewed while we watch is taken after its duration, and not before', async () => {
    const server = new LeaseServer();
    server.write({ ...otherHolds, renewTime: '2035-01-01T00:00:00.000000Z', fieldOfTheFuture: 'kept' });
    const candidate = run(aCandidate(server, 1));
    await candidate.clock.advance(14_900);
    expect(candidate.elected).toBe(0);
    await candidate.clock.advance(2_600);
    expect(candidate.elected).toBe(1);
    expect(server.lease?.spec).toMatchObject({
      holderIdentity: candidate.elector.identity,
      leaseTransitions: 4,
      fieldOfTheFuture: 'kept',
    });
  });

  test('a holder that says it takes longer is given longer', async () => {
    const server = new LeaseServer();
    server.write({ ...otherHolds, leaseDurationSeconds: 60 });
    const candidate = run(aCandidate(server, 1));
    await candidate.clock.advance(59_000);
    expect(candidate.elected).toBe(0);
    await candidate.clock.advance(4_000);
    expect(candidate.elected).toBe(1);
  });

  test('labels that change are no renewal', async () => {
    const server = new LeaseServer();
    server.write(otherHolds);
    const candidate = run(aCandidate(server, 1));
    for (let round = 0; round < 18; round += 1) {
      server.write({}, { labels: { round: String(round) } });
      await candidate.clock.advance(1_000);
    }
    expect(candidate.elected).toBe(1);
  });

  test('one that was given back is taken at the next look', async () => {
    const server = new LeaseServer();
    server.write({ ...otherHolds, holderIdentity: '' });
    const candidate = run(aCandidate(server, 1));
    await candidate.clock.settle();
    expect(candidate.elected).toBe(1);
  });

  test("one that somebody deleted is still its holder's until that one must have noticed", async () => {
    const server = new LeaseServer();
    server.write(otherHolds);
    const candidate = run(aCandidate(server, 1));
    await candidate.clock.advance(1_000);
    server.drop();
    await candidate.clock.advance(13_000);
    expect(candidate.elected).toBe(0);
    await candidate.clock.advance(4_000);
    expect(candidate.elected).toBe(1);
  });

  test('when the reply to the taking is lost, it is ours at the next look', async () => {
    const server = new LeaseServer();
    const candidate = aCandidate(server, 1);
    let lost = 0;
    candidate.transport.answer = (request) => {
      const reply = server.handle(request);
      if (request.method !== 'POST') return reply;
      lost += 1;
      return failed('maybe');
    };
    run(candidate);
    await candidate.clock.advance(1_000);
    expect([candidate.elected, lost]).toEqual([0, 1]);
    await candidate.clock.advance(2_000);
    expect([candidate.elected, server.lease?.spec['holderIdentity']]).toEqual([1, candidate.elector.identity]);
  });

  test('of many that start at the same moment, one leads', async () => {
    const server = new LeaseServer();
    const clock = new VirtualClock();
    const candidates = [1, 2, 3, 4, 5].map((seed) => run(aCandidate(server, seed, clock)));
    await clock.advance(60_000);
    expect(candidates.filter((candidate) => candidate.elected === 1)).toHaveLength(1);
    expect(candidates.filter((candidate) => candidate.elector.check().kind === 'leader')).toHaveLength(1);
  });
});

describe('keeping it', () => {
  test('it is renewed every two seconds for as long as it runs', async () => {
    const { clock, server, elector, elected } = await aLeader();
    await clock.advance(60_000);
    expect([server.writes, elected, elector.check()]).toEqual([31, 1, leader]);
    expect(server.lease?.spec).toMatchObject({
      acquireTime: '2026-11-24T20:00:00.000000Z',
      renewTime: '2026-11-24T20:01:00.000000Z',
    });
  });

  test("somebody else's labels make it look again, not lose it", async () => {
    const candidate = await aLeader();
    candidate.server.write({}, { labels: { team: 'a' } });
    await candidate.clock.advance(30_000);
    expect([candidate.end, candidate.elector.check()]).toEqual([undefined, leader]);
    expect(candidate.server.lease?.metadata['labels']).toEqual({ team: 'a' });
    expect(candidate.told.filter((line) => line.startsWith('renew'))).toEqual(['renew: conflict']);
  });

  test('a lease that was deleted is made again', async () => {
    const candidate = await aLeader();
    candidate.server.drop();
    await candidate.clock.advance(5_000);
    expect([candidate.end, candidate.elector.check(), candidate.server.lease?.spec['holderIdentity']]).toEqual([
      undefined,
      leader,
      candidate.elector.identity,
    ]);
  });

  test('an API server that is away for seconds does not cost it', async () => {
    const candidate = await aLeader();
    candidate.transport.answer = () => failed('no', 'ECONNREFUSED');
    await candidate.clock.advance(8_000);
    candidate.transport.answer = (request) => candidate.server.handle(request);
    await candidate.clock.advance(4_000);
    expect([candidate.end, candidate.elector.check()]).toEqual([undefined, leader]);
  });

  test('requests that hang are given up in time for another try', async () => {
    const candidate = await aLeader();
    let hangs = 2;
    candidate.transport.answer = async (request): Promise<KubeResult> => {
      const { timeout } = candidate.transport.sent.at(-1) ?? { timeout: seconds(0) };
      if (hangs > 0) {
        hangs -= 1;
        await new Promise<void>((resolve) => candidate.clock.setTimer(timeout, resolve));
        return failed('maybe', 'timeout');
      }
      return candidate.server.handle(request);
    };
    await candidate.clock.advance(12_000);
    expect([candidate.end, candidate.elector.check()]).toEqual([undefined, leader]);
  });
});

describe('losing it', () => {
  test('without a renewal it ends at the deadline, five seconds before anybody else may take it', async () => {
    const candidate = await aLeader();
    candidate.transport.answer = () => failed('no', 'ECONNREFUSED');
    await candidate.clock.advance(9_999);
    expect([candidate.end, candidate.elector.check(), candidate.elector.lostSignal.aborted]).toEqual([
      undefined,
      leader,
      false,
    ]);
    await candidate.clock.advance(1);
    expect(candidate.end).toEqual({ kind: 'lost', reason: 'not renewed for 10 s' });
    expect(candidate.elector.check()).toEqual({ kind: 'notLeader', reason: 'lost' });
    expect(candidate.elector.lostSignal.aborted).toBe(true);
    expect(candidate.told).toContain('not leading');
    expect(candidate.clock.pendingTimers).toBe(0);
  });

  test('a renewal of which no reply came does not count', async () => {
    const candidate = await aLeader();
    candidate.transport.answer = (request) => {
      candidate.server.handle(request);
      return failed('maybe');
    };
    await candidate.clock.advance(10_000);
    expect(candidate.end).toEqual({ kind: 'lost', reason: 'not renewed for 10 s' });
  });

  test('time counts from when the renewal was sent, not from when its reply came', async () => {
    const candidate = await aLeader();
    candidate.transport.answer = async (request): Promise<KubeResult> => {
      const reply = candidate.server.handle(request);
      await new Promise<void>((resolve) => candidate.clock.setTimer(seconds(3), resolve));
      candidate.transport.answer = () => failed('no');
      return reply;
    };
    // Sent at 2 s, answered at 5 s.
    await candidate.clock.advance(11_999);
    expect(candidate.elector.check()).toEqual(leader);
    await candidate.clock.advance(1);
    expect(candidate.elector.check().kind).toBe('notLeader');
  });

  test('another holder ends it at once', async () => {
    const candidate = await aLeader();
    candidate.server.write({ holderIdentity: 'pod-9_x' });
    await candidate.clock.advance(2_000);
    expect(candidate.end).toEqual({ kind: 'lost', reason: 'taken by pod-9_x' });
    expect(candidate.server.lease?.spec['holderIdentity']).toBe('pod-9_x');
  });

  test.each<[string, (clock: VirtualClock) => void, boolean]>([
    ['a process that was frozen for 11 s', (clock) => clock.freeze(11_000), true],
    ['a process that was frozen for 5 s', (clock) => clock.freeze(5_000), false],
    ['a machine that slept, its monotonic clock standing still', (clock) => clock.jumpWall(11_000), true],
    ['a wall clock that was set back', (clock) => clock.jumpWall(-3_600_000), false],
  ])('whether it is refused before any timer runs: %s', async (_name, happen, isRefused) => {
    const candidate = await aLeader();
    happen(candidate.clock);
    expect(candidate.elector.check()).toEqual(isRefused ? { kind: 'notLeader', reason: 'renewalTooOld' } : leader);
    await candidate.clock.advance(3_000);
    expect(candidate.end?.kind).toBe(isRefused ? 'lost' : undefined);
  });

  test('a wall clock that was set back does not make a dead lease look alive', async () => {
    const candidate = await aLeader();
    candidate.clock.jumpWall(-3_600_000);
    candidate.transport.answer = () => failed('no');
    await candidate.clock.advance(9_999);
    expect(candidate.elector.check()).toEqual(leader);
    await candidate.clock.advance(1);
    expect(candidate.elector.check().kind).toBe('notLeader');
  });

  test('a renewal that was frozen on its way is too old when its reply comes', async () => {
    const candidate = await aLeader();
    let answer: () => void = () => undefined;
    candidate.transport.answer = (request) =>
      new Promise((resolve) => {
        answer = () => resolve(candidate.server.handle(request));
      });
    await candidate.clock.advance(2_000);
    candidate.clock.freeze(20_000);
    answer();
    await candidate.clock.settle();
    expect(candidate.elector.check()).toEqual({ kind: 'notLeader', reason: 'renewalTooOld' });
    await candidate.clock.advance(0);
    expect(candidate.end?.kind).toBe('lost');
  });
});

describe('stopping', () => {
  test('the lease is kept until stop, then given back, and the next one leads at once', async () => {
    const server = new LeaseServer();
    const clock = new VirtualClock();
    const first = run(aCandidate(server, 1, clock));
    await clock.settle();
    const second = run(aCandidate(server, 2, clock));
    await clock.advance(30_000);
    expect([first.elector.check(), second.elected]).toEqual([leader, 0]);
    const stopped = first.elector.stop();
    expect(first.elector.check()).toEqual(leader);
    await stopped;
    expect(first.elector.check()).toEqual({ kind: 'notLeader', reason: 'released' });
    expect([first.end, first.elector.lostSignal.aborted]).toEqual([{ kind: 'stopped' }, false]);
    expect(server.lease?.spec['holderIdentity']).toBe('');
    await clock.advance(2_400);
    expect([second.elected, second.elector.check()]).toEqual([1, leader]);
  });

  test('it does not lead any more when the release is sent', async () => {
    const candidate = await aLeader();
    const checks: unknown[] = [];
    candidate.transport.answer = (request) => {
      if (isPut(request)) checks.push(candidate.elector.check());
      return candidate.server.handle(request);
    };
    await candidate.elector.stop();
    expect(checks).toEqual([{ kind: 'notLeader', reason: 'released' }]);
  });

  test("another's lease is not given back", async () => {
    const candidate = await aLeader();
    candidate.server.write({ holderIdentity: 'pod-9_x' });
    await candidate.elector.stop();
    expect(candidate.server.lease?.spec['holderIdentity']).toBe('pod-9_x');
  });

  test('a release that fails ends all the same', async () => {
    const candidate = await aLeader();
    candidate.transport.answer = (request) =>
      isPut(request) ? status(503, 'ServiceUnavailable') : candidate.server.handle(request);
    await candidate.elector.stop();
    expect([candidate.end, candidate.told.at(-1)]).toEqual([{ kind: 'stopped' }, 'release: ServiceUnavailable']);
  });

  test('one that waits for its turn stops at once, writes nothing and leaves no timer', async () => {
    const server = new LeaseServer();
    server.write(otherHolds);
    const candidate = run(aCandidate(server, 1));
    await candidate.clock.advance(5_000);
    await candidate.elector.stop();
    expect([candidate.end, server.writes, candidate.clock.pendingTimers]).toEqual([{ kind: 'stopped' }, 0, 0]);
  });

  test('one that was stopped before it began never asks for the lease', async () => {
    const candidate = aCandidate(new LeaseServer(), 1);
    await candidate.elector.stop();
    run(candidate);
    await candidate.clock.settle();
    expect([candidate.end, candidate.elected, candidate.transport.sent]).toEqual([{ kind: 'stopped' }, 0, []]);
  });
});

test('over many candidates, clocks, freezes and lost replies there are never two leaders', async () => {
  for (let seed = 1; seed <= 15; seed += 1) {
    const random = seededRandom(seed);
    const server = new LeaseServer();
    // Wall clocks hours apart; time passes alike, but for freezes.
    const clocks = [0, 1, 2].map((index) => {
      const clock = new VirtualClock();
      clock.jumpWall((index - 1) * 7_200_000);
      return clock;
    });
    let next = 1;
    const aFlaky = (clock: VirtualClock): Candidate => {
      const candidate = aCandidate(server, seed * 1_000 + next++, clock);
      candidate.transport.answer = (request) => {
        if (random.next() < 0.25) return failed('no');
        const reply = server.handle(request);
        return random.next() < 0.25 ? failed('maybe') : reply;
      };
      return run(candidate);
    };
    let candidates = clocks.map(aFlaky);
    let led = 0;
    // How much of the shared time a frozen one has still to miss.
    const frozen = [0, 0, 0];
    for (let step = 0; step < 300; step += 1) {
      for (const [index, clock] of clocks.entries()) {
        const stillFrozen = frozen[index] ?? 0;
        if (stillFrozen > 0) {
          clock.freeze(500);
          frozen[index] = stillFrozen - 500;
        } else {
          await clock.advance(500);
          if (random.next() < 0.01) frozen[index] = 20_000;
        }
      }
      const leaders = candidates.filter((candidate) => candidate.elector.check().kind === 'leader');
      expect(leaders.length).toBeLessThanOrEqual(1);
      led += leaders.length;
      candidates = candidates.map((candidate) => (candidate.end === undefined ? candidate : aFlaky(candidate.clock)));
    }
    expect(led).toBeGreaterThan(100);
    await Promise.all(candidates.map((candidate) => candidate.elector.stop()));
  }
});

test.each([
  ['no margin', { leaseDuration: seconds(10), renewDeadline: seconds(10), retryPeriod: seconds(2) }],
  ['no time for a second try', { leaseDuration: seconds(15), renewDeadline: seconds(3), retryPeriod: seconds(2) }],
  ['half seconds', { leaseDuration: seconds(15.5), renewDeadline: seconds(10), retryPeriod: seconds(2) }],
])('times that cannot be safe are refused: %s', (_name, times) => {
  expect(() => aCandidate(new LeaseServer(), 1, new VirtualClock(VIRTUAL_START), times)).toThrow('lease times');
});
