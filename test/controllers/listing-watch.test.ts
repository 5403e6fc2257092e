import { describe, expect, test } from 'vitest';
import type { ObjectKey, ServerUuid } from '../../src/base/ids.ts';
import { objectKey } from '../../src/base/ids.ts';
import { seededRandom } from '../../src/base/random.ts';
import { millis, minutes } from '../../src/base/time.ts';
import { Brakes } from '../../src/controllers/brakes.ts';
import { ListingWatch } from '../../src/controllers/listing-watch.ts';
import type { ServerRecord } from '../../src/core/model/server-record.ts';
import type { ViewFailure } from '../../src/core/model/snapshot.ts';
import { ObjectStore } from '../../src/kube/store.ts';
import { WorkQueue } from '../../src/kube/work-queue.ts';
import type { Happening } from '../../src/observability/happening.ts';
import { createMetrics } from '../../src/observability/metrics.ts';
import {
  ACCOUNT,
  aListing,
  anEntry,
  aServer,
  ago,
  CLUSTER,
  KEY,
  OTHER_ACCOUNT,
  ourTags,
  STRANGER,
  uuid,
} from '../support/builders.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { raw } from './server/support.ts';

const OTHER_KEY = objectKey('games', 'other');
const other = raw(undefined, { metadata: { name: 'other', uid: 'uid-other' } });
const failure: ViewFailure = { kind: 'incomplete', message: 'page cap', at: ago(1) };

async function watching(differing: { readonly countsOrphans?: boolean; readonly moving?: readonly ObjectKey[] } = {}) {
  const store = new ObjectStore((error) => {
    throw error;
  });
  store.upsert(raw(anEntry()));
  store.upsert(other);
  const clock = new VirtualClock();
  const queue = new WorkQueue<ObjectKey>({ clock, random: seededRandom(1) });
  const metrics = createMetrics({ version: '0', nodeVersion: 'v24' });
  const told: Happening[] = [];
  const owners = new Map<ServerUuid, ObjectKey>();
  const watch = new ListingWatch({
    store,
    queue,
    brakes: new Brakes(CLUSTER),
    teller: { tell: (happening) => told.push(happening), standing: () => undefined, forget: () => undefined },
    metrics,
    cluster: CLUSTER,
    countsOrphans: differing.countsOrphans ?? true,
    controller: () => ({ moving: new Set(differing.moving ?? []), ownerOf: (server) => owners.get(server) }),
  });
  const looked: ObjectKey[] = [];
  const stopping = new AbortController();
  void queue.run(async ({ key }) => void looked.push(key), { concurrency: 1, signal: stopping.signal });
  /** The objects that are looked at because of what was done since the last call. */
  const lookedAt = async (): Promise<readonly ObjectKey[]> => {
    await clock.settle();
    return [...new Set(looked.splice(0))].toSorted();
  };
  const orphans = async (): Promise<string> =>
    (await metrics.render()).body.split('\n').find((line) => /^flexmetal_orphans[ {]/.test(line)) ?? '';
  return { watch, store, owners, told, lookedAt, orphans };
}

describe('a listing', () => {
  test('makes every object be looked at when it is the first', async () => {
    const { watch, lookedAt } = await watching();
    watch.onListing(aListing([aServer()]), undefined);
    expect(await lookedAt()).toEqual([OTHER_KEY, KEY]);
  });

  test.each<[string, Partial<ServerRecord> | undefined, readonly ObjectKey[]]>([
    ['looks the same', {}, []],
    ['has another status', { status: 'releasing' }, [KEY]],
    ['has another address', { addresses: ['192.0.2.11'] }, [KEY]],
    ['has other tags', { tags: [...ourTags(), 'web'] }, [KEY]],
    ['has lost the tags by which it is known', { tags: [] }, []],
    ['is gone', undefined, [KEY]],
  ])('makes the owner of a server be looked at that %s', async (_name, differing, expected) => {
    const { watch, lookedAt } = await watching();
    const previous = aListing([aServer()]);
    watch.onListing(previous, previous);
    await lookedAt();
    watch.onListing(aListing(differing === undefined ? [] : [aServer(differing)]), previous);
    expect(await lookedAt()).toEqual(expected);
  });

  test('makes the owner be looked at whose ledger knows the server, whatever its tags', async () => {
    const { watch, owners, lookedAt } = await watching();
    owners.set(uuid(1), OTHER_KEY);
    watch.onListing(aListing([aServer({ tags: [] })]), aListing([]));
    expect(await lookedAt()).toEqual([OTHER_KEY]);
  });

  test('makes moving objects be looked at, changed or not', async () => {
    const { watch, lookedAt } = await watching({ moving: [OTHER_KEY] });
    const same = aListing([aServer()]);
    watch.onListing(same, same);
    expect(await lookedAt()).toEqual([OTHER_KEY]);
  });
});

describe('listings that fail', () => {
  test('make every object say so once they have failed for five minutes, and once only', async () => {
    const { watch, lookedAt } = await watching({ moving: [KEY] });
    watch.onFailure(failure, minutes(5));
    expect(await lookedAt()).toEqual([KEY]);
    watch.onFailure(failure, millis(minutes(5) + 1));
    expect(await lookedAt()).toEqual([OTHER_KEY, KEY]);
    watch.onFailure(failure, minutes(6));
    expect(await lookedAt()).toEqual([KEY]);
  });

  test('make every object be looked at when they come again', async () => {
    const { watch, lookedAt } = await watching();
    watch.onFailure(failure, undefined);
    await lookedAt();
    const same = aListing([aServer()]);
    watch.onListing(same, same);
    expect(await lookedAt()).toEqual([OTHER_KEY, KEY]);
    watch.onListing(same, same);
    expect(await lookedAt()).toEqual([]);
  });
});

describe('an orphan', () => {
  const orphan = aServer({ uuid: uuid(5), tags: ourTags(undefined, STRANGER) });
  const seen = (told: readonly Happening[]) => told.filter(({ kind }) => kind === 'orphanSeen');

  test('is counted and told', async () => {
    const { watch, told, orphans } = await watching();
    watch.onListing(aListing([aServer(), orphan]), undefined);
    expect(await orphans()).toMatch(/ 1$/);
    expect(seen(told)).toMatchObject([{ server: uuid(5) }]);
  });

  test.each<[string, Partial<ServerRecord>]>([
    ['that is released is none', { status: 'released' }],
    ['without our cluster tag is none of ours', { tags: ['theirs'] }],
    ['whose object exists is none', { tags: ourTags() }],
  ])('%s', async (_name, differing) => {
    const { watch, told, orphans } = await watching();
    watch.onListing(aListing([{ ...orphan, ...differing }]), undefined);
    expect(await orphans()).toMatch(/ 0$/);
    expect(seen(told)).toEqual([]);
  });

  test('that some ledger knows is none', async () => {
    const { watch, owners, told } = await watching();
    owners.set(uuid(5), OTHER_KEY);
    watch.onListing(aListing([orphan]), undefined);
    expect(seen(told)).toEqual([]);
  });

  test('cannot be told by who sees some namespaces only', async () => {
    const { watch, told } = await watching({ countsOrphans: false });
    watch.onListing(aListing([orphan]), undefined);
    expect(seen(told)).toEqual([]);
  });
});

test('an account is the former one when it lists a server that a ledger recorded under that', async () => {
  const { watch, store } = await watching();
  const listing = aListing([aServer()]);
  expect(watch.continuedFrom(listing, ACCOUNT)).toBe(true);
  expect(watch.continuedFrom(listing, OTHER_ACCOUNT)).toBe(false);
  expect(watch.continuedFrom(aListing([aServer({ uuid: uuid(2) })]), ACCOUNT)).toBe(false);
  for (const object of store.list()) store.remove(object);
  expect(watch.continuedFrom(listing, ACCOUNT)).toBe(false);
});
