import { describe, expect, test } from 'vitest';
import { minutes, seconds } from '../../../src/base/time.ts';
import type { ServerRead, ServerSnapshot } from '../../../src/core/model/snapshot.ts';
import { answeredToo } from '../../../src/core/server/entries.ts';
import {
  carryingOurUid,
  formerOwners,
  heldBack,
  lostLedgerSettled,
  owns,
  recordOf,
} from '../../../src/core/server/facts.ts';
import { clusterTag, ownerTags, uidTag } from '../../../src/resources/names.ts';
import {
  ago,
  aLedger,
  aListing,
  aMemory,
  anEntry,
  aNewSnapshot,
  anObject,
  aServer,
  aSettings,
  aSnapshot,
  ATTEMPT,
  aView,
  CLUSTER,
  NOW,
  ourTags,
  seeing,
  STRANGER,
  UID,
  uuid,
} from '../../support/builders.ts';

const reading = (server: ReturnType<typeof aServer> | undefined, agoMs: number): ServerRead => ({
  server,
  at: ago(agoMs),
  notFoundAt: [],
});

describe('the newest that is known of a server', () => {
  const listed = aServer({ statusMessage: 'listed' });
  const read = aServer({ statusMessage: 'read' });
  const known = (servers: readonly ReturnType<typeof aServer>[], single: ServerRead | undefined): ServerSnapshot =>
    aSnapshot({
      view: aView([aListing(servers, seconds(5))]),
      memory: aMemory(single === undefined ? {} : { reads: { [uuid(1)]: single } }),
    });
  test.each<[string, ServerSnapshot, ReturnType<typeof recordOf>]>([
    ['the listing, when it was not read', known([listed], undefined), { server: listed, at: ago(seconds(5)) }],
    [
      'the listing, when it began after the read',
      known([listed], reading(read, 5_001)),
      { server: listed, at: ago(seconds(5)) },
    ],
    [
      'the listing, when it began with the read',
      known([listed], reading(read, 5_000)),
      { server: listed, at: ago(seconds(5)) },
    ],
    [
      'the read, when the listing began before it',
      known([listed], reading(read, 4_999)),
      { server: read, at: ago(4_999) },
    ],
    ['the read, when no listing shows it', known([], reading(read, 9_000)), { server: read, at: ago(9_000) }],
    ['nothing, when the read said not found after the listing', known([listed], reading(undefined, 4_999)), undefined],
    ['nothing, when neither shows it', known([], undefined), undefined],
  ])('is %s', (_name, s, expected) => {
    expect(recordOf(s, uuid(1))).toEqual(expected);
  });
});

test('a server that was read carries our uid only by its tag', () => {
  const theirs = aServer({ uuid: uuid(2), tags: [uidTag(STRANGER)] });
  const bare = aServer({ uuid: uuid(3), tags: [] });
  const ours = aServer({ uuid: uuid(4) });
  const reads = Object.fromEntries([theirs, bare, ours].map((server) => [server.uuid, reading(server, 1)]));
  expect(carryingOurUid(aSnapshot({ view: seeing(), memory: aMemory({ reads }) }))).toEqual([ours]);
});

describe('former owners of an adopted server', () => {
  const tags = [clusterTag(CLUSTER), uidTag(UID), uidTag(STRANGER)];
  const adopted = aLedger({ outcome: { kind: 'created', server: uuid(1), proof: 'adopted', at: NOW } });
  const s = aSnapshot({ ledger: adopted });
  test('are those that no longer exist', () => {
    expect(formerOwners(s, aServer({ tags }))).toEqual([STRANGER]);
  });

  test('are never this object itself, though the cache does not show it yet', () => {
    expect(formerOwners({ ...s, livingUids: new Set() }, aServer({ tags }))).toEqual([STRANGER]);
  });

  test('are of this name only, where others may live in namespaces that are not watched', () => {
    const some = { ...s, settings: aSettings({ watchesAll: false }) };
    const theirs = ownerTags({ cluster: CLUSTER, uid: STRANGER, attempt: ATTEMPT, namespace: 'staging', name: 'web' });
    expect(formerOwners(some, aServer({ tags: [...ourTags(), uidTag(STRANGER)] }))).toEqual([STRANGER]);
    expect(formerOwners(some, aServer({ tags: [...ourTags(), ...theirs] }))).toEqual([]);
    expect(formerOwners(some, aServer({ tags }))).toEqual([]);
  });

  test('are none on another server, nor without the tag of this cluster', () => {
    expect(formerOwners(s, aServer({ uuid: uuid(2), tags }))).toEqual([]);
    expect(formerOwners(s, aServer({ tags: tags.slice(1) }))).toEqual([]);
  });
});

test.each([
  ['its uid tag', uuid(2), [uidTag(UID)], true],
  ['the reply to its order', uuid(1), [], true],
  ['the reply to its order, which named another server', uuid(2), [], false],
  ["its uid tag and another object's", uuid(1), [uidTag(UID), uidTag(STRANGER)], false],
])("a server is this object's by %s", (_name, server, tags, expected) => {
  expect(owns(aSnapshot(), aServer({ uuid: server, tags }))).toBe(expected);
});

test.each([
  ['ahead', -1, true],
  ['now', 0, false],
  ['past', 1, false],
])('a retry time that is %s holds back: %s', (_name, agoMs, held) => {
  const retry = { failures: 1, notBefore: ago(agoMs), message: 'no' };
  expect(heldBack(aSnapshot({ memory: aMemory({ retries: { list: retry } }) }), 'list')).toEqual(
    held ? retry : undefined,
  );
});

describe('what a lost ledger may have held', () => {
  const lostLongAgo = (...listings: readonly ReturnType<typeof aListing>[]) =>
    aNewSnapshot({ object: anObject(), memory: aMemory({ ledgerLostAt: ago(minutes(20)) }), view: aView(listings) });
  const [earlier, later] = [seconds(20), seconds(5)];
  test.each([
    ['no server in either listing', lostLongAgo(aListing([], earlier), aListing([], later)), true],
    ['a live server in the first', lostLongAgo(aListing([aServer()], earlier), aListing([], later)), false],
    ['a live server in the second', lostLongAgo(aListing([], earlier), aListing([aServer()], later)), false],
    [
      'released and failed servers alone',
      lostLongAgo(
        aListing([aServer({ status: 'released' })], earlier),
        aListing([aServer({ status: 'failed' })], later),
      ),
      true,
    ],
    [
      "another object's server",
      lostLongAgo(aListing([aServer({ tags: ourTags(undefined, STRANGER) })], earlier), aListing([], later)),
      true,
    ],
  ])('is settled with %s', (_name, s, expected) => {
    expect(lostLedgerSettled(s)).toBe(expected);
  });
});

test('an answer that is given again moves to the end', () => {
  expect(answeredToo(anEntry({ answered: ['a', 'b'] }), 'a')).toEqual(['b', 'a']);
});
