import { describe, expect, test } from 'vitest';
import { minutes, monotonic, seconds } from '../../src/base/time.ts';
import { sleep } from '../../src/base/clock.ts';
import { Poller } from '../../src/controllers/account-view.ts';
import type { Listing } from '../../src/core/model/listing.ts';
import { listingOf } from '../../src/core/model/listing.ts';
import type { ListOutcome } from '../../src/core/model/outcomes.ts';
import type { AccountFact, ViewFailure } from '../../src/core/model/snapshot.ts';
import { ACCOUNT, aServer, OTHER_ACCOUNT } from '../support/builders.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const failed: ListOutcome = { kind: 'unreadable', failure: { kind: 'unavailable', message: 'HTTP 503.' } };

/** A poller whose listings take a second each; a test says what comes of them. */
function polling(): {
  readonly clock: VirtualClock;
  readonly poller: Poller;
  readonly begun: number[];
  readonly told: (Listing | ViewFailure)[];
  moving: boolean;
  account: AccountFact;
  outcome: 'complete' | ListOutcome;
} {
  const clock = new VirtualClock();
  const begun: number[] = [];
  const told: (Listing | ViewFailure)[] = [];
  const list = async (): Promise<ListOutcome> => {
    const begunAt = clock.monotonic();
    begun.push(begunAt);
    await sleep(clock, seconds(1));
    if (bench.outcome !== 'complete') return bench.outcome;
    const when = { begunAt, endedAt: clock.monotonic(), apiDate: undefined };
    return { kind: 'complete', listing: listingOf([aServer()], when) };
  };
  const poller = new Poller({
    clock,
    list,
    account: async () => bench.account,
    moving: seconds(15),
    still: seconds(60),
    isMoving: () => bench.moving,
    continuedFrom: (listing, account) => listing.servers.size > 0 && account === OTHER_ACCOUNT,
    onListing: (listing) => told.push(listing),
    onFailure: (failure) => told.push(failure),
  });
  const bench: ReturnType<typeof polling> = {
    clock,
    poller,
    begun,
    told,
    moving: false,
    account: { kind: 'known', account: ACCOUNT },
    outcome: 'complete',
  };
  return bench;
}

describe('the poller', () => {
  test('lists every minute while all is still, every 15 s while something moves or listings fail', async () => {
    const bench = polling();
    bench.poller.start();
    await bench.clock.advance(seconds(61));
    expect(bench.begun).toEqual([0, 61_000]);
    bench.moving = true;
    await bench.clock.advance(seconds(33));
    expect(bench.begun.slice(2)).toEqual([77_000, 93_000]);
    bench.moving = false;
    bench.outcome = failed;
    await bench.clock.advance(seconds(36));
    expect(bench.begun.slice(4)).toEqual([109_000, 125_000]);
  });

  test('comes sooner when something begins to move, but not sooner than its quick rhythm', async () => {
    const bench = polling();
    bench.poller.start();
    await bench.clock.advance(seconds(5));
    bench.moving = true;
    bench.poller.hurry();
    await bench.clock.advance(seconds(11));
    expect(bench.begun).toEqual([0, 16_000]);
  });

  test('lists once for everybody who waits', async () => {
    const bench = polling();
    bench.poller.start();
    await bench.clock.advance(seconds(10));
    const asked = monotonic(9_999);
    const waiting = Promise.all([bench.poller.begunAfter(asked), bench.poller.begunAfter(asked)]);
    await bench.clock.advance(seconds(1));
    expect(await waiting).toEqual([undefined, undefined]);
    expect(bench.begun).toEqual([0, 10_000]);
  });

  test('is not content with the listing that runs: who asks during it waits for the next', async () => {
    const bench = polling();
    bench.poller.start();
    await bench.clock.advance(500);
    const waiting = bench.poller.begunAfter(monotonic(400));
    await bench.clock.advance(seconds(2));
    expect(await waiting).toBeUndefined();
    expect(bench.begun).toEqual([0, 1_000]);
  });

  test('answers at once when it has such a listing', async () => {
    const bench = polling();
    bench.poller.start();
    await bench.clock.advance(seconds(30));
    expect(await bench.poller.begunAfter(monotonic(-1))).toBeUndefined();
    expect(bench.begun).toEqual([0]);
  });

  test('says why there is none', async () => {
    const bench = polling();
    bench.outcome = failed;
    bench.poller.start();
    await bench.clock.advance(seconds(2));
    const waiting = bench.poller.begunAfter(monotonic(1_500));
    await bench.clock.advance(seconds(1));
    expect(await waiting).toBe('HTTP 503.');
  });

  test('a failed listing breaks the run and keeps what was last seen', async () => {
    const bench = polling();
    bench.poller.start();
    await bench.clock.advance(seconds(65));
    expect(bench.poller.view().run.map(({ begunAt }) => begunAt)).toEqual([0, 61_000]);
    bench.outcome = failed;
    await bench.clock.advance(seconds(60));
    expect(bench.poller.view()).toMatchObject({
      latest: { begunAt: 61_000 },
      run: [],
      failure: { kind: 'unreadable', at: 123_000 },
    });
    bench.outcome = 'complete';
    await bench.clock.advance(seconds(20));
    expect(bench.poller.view()).toMatchObject({ run: [{ begunAt: 138_000 }], failure: undefined });
  });

  test('an incomplete listing breaks the run too', async () => {
    const bench = polling();
    bench.poller.start();
    await bench.clock.advance(seconds(2));
    bench.outcome = { kind: 'incomplete', message: 'page cap' };
    await bench.clock.advance(seconds(61));
    expect(bench.poller.view()).toMatchObject({ run: [], failure: { kind: 'incomplete', message: 'page cap' } });
  });

  test("another account's listings begin another run", async () => {
    const bench = polling();
    bench.poller.start();
    await bench.clock.advance(seconds(65));
    bench.account = { kind: 'known', account: OTHER_ACCOUNT };
    await bench.clock.advance(seconds(60));
    expect(bench.poller.view()).toMatchObject({ account: OTHER_ACCOUNT, run: [{ begunAt: 122_000 }] });
  });

  test('a token that changes while it lists makes that listing worth nothing', async () => {
    const bench = polling();
    bench.poller.start();
    await bench.clock.advance(500);
    bench.account = { kind: 'known', account: OTHER_ACCOUNT };
    await bench.clock.advance(seconds(1));
    expect(bench.poller.view()).toMatchObject({ latest: undefined, run: [], failure: { kind: 'incomplete' } });
    expect(bench.told).toMatchObject([{ kind: 'incomplete' }]);
  });

  test('knows an account by a server of its', async () => {
    const bench = polling();
    expect(bench.poller.view().continuedFrom(OTHER_ACCOUNT)).toBe(false);
    bench.poller.start();
    await bench.clock.advance(seconds(2));
    expect(bench.poller.view().continuedFrom(OTHER_ACCOUNT)).toBe(true);
    expect(bench.poller.view().continuedFrom(ACCOUNT)).toBe(false);
  });

  test('stopped, it ends what runs and begins nothing', async () => {
    const bench = polling();
    bench.poller.start();
    await bench.clock.advance(500);
    let stopped = false;
    void bench.poller.stop().then(() => (stopped = true));
    await bench.clock.settle();
    expect(stopped).toBe(false);
    await bench.clock.advance(minutes(5));
    expect([stopped, bench.clock.pendingTimers, bench.begun]).toEqual([true, 0, [0]]);
    expect(await bench.poller.begunAfter(bench.clock.monotonic())).toContain('stopping');
  });

  test('says how old the newest complete listing is', async () => {
    const bench = polling();
    expect(bench.poller.age()).toBeUndefined();
    bench.poller.start();
    await bench.clock.advance(seconds(30));
    expect(bench.poller.age()).toBe(seconds(30));
  });
});
