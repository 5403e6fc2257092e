import { describe, expect, test } from 'vitest';
import { orderStillTrue, releaseStillTrue } from '../../../src/controllers/server/checks.ts';
import type { VendorPort } from '../../../src/controllers/server/ports.ts';
import { specHash } from '../../../src/controllers/server/spec-hash.ts';
import type { ReadOutcome } from '../../../src/core/model/outcomes.ts';
import type { KubeObject } from '../../../src/kube/object.ts';
import type { KubeResult } from '../../../src/kube/transport.ts';
import { ANNOTATION } from '../../../src/resources/names.ts';
import { failed, ok, status } from '../../kube/support/scripted-transport.ts';
import {
  ACCOUNT,
  anEntry,
  aServer,
  aSnapshot,
  aSpec,
  NEXT_ATTEMPT,
  OPEN,
  ourTags,
  seeing,
  STRANGER,
  uuid,
} from '../../support/builders.ts';
import { raw, talkingTo } from './support.ts';

const entry = anEntry({ outcome: OPEN, specHash: specHash(aSpec()) });
const deletionTimestamp = '2026-11-24T19:59:00Z';
const paused = { [ANNOTATION.paused]: 'true' };

const GO = { kind: 'go' };
const stops = (word: string) => ({ kind: 'stop', word, message: expect.any(String) as unknown });

async function order(answer: KubeResult) {
  const { client, transport } = talkingTo(undefined);
  transport.answer = () => answer;
  const verdict = await orderStillTrue(client, aSnapshot(), entry);
  return { verdict, asked: transport.sent.map(({ method, path }) => `${method} ${path}`) };
}

describe('an order goes out', () => {
  test('when the object, read from the API server itself, is what it was', async () => {
    expect(await order(ok(raw(entry)))).toEqual({
      verdict: GO,
      asked: ['GET /apis/flexmetal.i3d.net/v1alpha1/namespaces/games/flexmetalservers/web'],
    });
  });

  test('when only tags and policies changed', async () => {
    const { verdict } = await order(ok(raw(entry, { spec: aSpec({ tags: ['web'], deletionProtection: true }) })));
    expect(verdict).toEqual(GO);
  });
});

describe('an order is stopped', () => {
  test.each<[string, string, KubeObject]>([
    ['the object is being deleted', 'deleted', raw(entry, { metadata: { deletionTimestamp } })],
    ['the object was paused', 'paused', raw(entry, { annotations: paused })],
    ['its finalizer was removed', 'finalizer', raw(entry, { metadata: { finalizers: [] } })],
    ['another object has its name', 'uid', raw(entry, { metadata: { uid: STRANGER } })],
    ['its spec cannot be read', 'invalid', raw(entry, { spec: { location: 'x' } })],
    ['its spec changed', 'spec', raw(entry, { spec: aSpec({ location: 'US: Dallas' }) })],
    ['the annotation does not hold the intent', 'ledger', raw(entry, { metadata: { annotations: {} } })],
    ['status does not hold the intent', 'ledger', raw(entry, { status: {} })],
    ['the intent is another', 'ledger', raw({ ...entry, attempt: NEXT_ATTEMPT })],
    ['the intent was closed', 'ledger', raw({ ...entry, outcome: { kind: 'absent', at: aSnapshot().now } })],
    ['the intent was written again', 'ledger', raw({ ...entry, revision: entry.revision + 1 })],
  ])('when %s', async (_name, word, object) => {
    expect((await order(ok(object))).verdict).toEqual(stops(word));
  });

  test.each<[string, KubeResult]>([
    ['is gone', status(404, 'NotFound')],
    ['may not be read', status(403, 'Forbidden')],
  ])('when the object %s', async (_name, answer) => {
    expect((await order(answer)).verdict).toEqual(stops('objectUnseen'));
  });

  test('when the API server does not answer', async () => {
    const { client, transport, clock } = talkingTo(undefined);
    transport.answer = () => failed('maybe');
    const verdict = orderStillTrue(client, aSnapshot(), entry);
    await clock.advance(120_000);
    expect(await verdict).toEqual(stops('objectUnseen'));
  });
});

describe('a release', () => {
  const owned = anEntry();
  const deleted = raw(owned, { metadata: { deletionTimestamp } });
  const present = (differing = {}): ReadOutcome => ({ kind: 'present', server: aServer(differing) });
  const vendorWith = (read: ReadOutcome): VendorPort => {
    const none = () => Promise.reject(new Error('only reading is part of a check'));
    return {
      account: () => Promise.resolve({ kind: 'known', account: ACCOUNT }),
      getServer: () => Promise.resolve(read),
      addTag: none,
      removeTag: none,
      openOrder: none,
      openRelease: none,
    };
  };
  const check = (object: KubeObject, read: ReadOutcome) =>
    releaseStillTrue(talkingTo(object).client, vendorWith(read), aSnapshot(), uuid(1), 'deleted');
  const deletedWith = (spec: object) => raw(owned, { metadata: { deletionTimestamp }, spec: aSpec({ ...spec }) });

  test.each<[string, KubeObject, ReadOutcome]>([
    ['of a live server', deleted, present()],
    ['of a failed server', deleted, present({ status: 'failed' })],
    ['of a server in a state that nobody knows', deleted, present({ status: 'quarantined' })],
    ['of a server without our tag that our order was answered with', deleted, present({ tags: [] })],
  ])('%s goes out', async (_name, object, read) => {
    expect(await check(object, read)).toEqual(GO);
  });

  test.each<[string, string, KubeObject, ReadOutcome]>([
    ['the object is not being deleted', 'notDeleted', raw(owned), present()],
    [
      'the object was paused',
      'paused',
      raw(owned, { metadata: { deletionTimestamp }, annotations: paused }),
      present(),
    ],
    [
      'a person said meanwhile to let it live',
      'forgotten',
      raw(owned, { metadata: { deletionTimestamp }, annotations: { [ANNOTATION.forceForget]: uuid(1) } }),
      present(),
    ],
    ['its policy is Retain by now', 'retained', deletedWith({ deletionPolicy: 'Retain' }), present()],
    ['it is protected by now', 'protected', deletedWith({ deletionProtection: true }), present()],
    ['another object has its name', 'uid', raw(owned, { metadata: { deletionTimestamp, uid: STRANGER } }), present()],
    ['the server is not found', 'serverUnseen', deleted, { kind: 'notFound' }],
    [
      'the server cannot be read',
      'serverUnseen',
      deleted,
      { kind: 'unreadable', failure: { kind: 'unavailable', message: 'HTTP 503' } },
    ],
    [
      'another object claims the server too',
      'ownership',
      deleted,
      present({ tags: [...ourTags(), `flexmetal-uid:${STRANGER}`] }),
    ],
    [
      'the ledger does not name the server any more and the tag is off',
      'ownership',
      raw(anEntry({ outcome: { kind: 'lost', server: uuid(1), at: aSnapshot().now } }), {
        metadata: { deletionTimestamp },
      }),
      present({ tags: [] }),
    ],
    ['the server is going already', 'serverState', deleted, present({ status: 'releasing' })],
    ['the server is gone already', 'serverState', deleted, present({ status: 'released' })],
  ])('is stopped when %s', async (_name, word, object, read) => {
    expect(await check(object, read)).toEqual(stops(word));
  });

  describe('that a person answered for', () => {
    const allowed = raw(anEntry({ releases: [uuid(1)] }));
    const second = aServer({ uuid: uuid(2) });
    const answered = (object: KubeObject, other: ReadOutcome, view = seeing(aServer(), second)) => {
      const vendor = vendorWith(present());
      const getServer: VendorPort['getServer'] = (server) => Promise.resolve(server === uuid(1) ? present() : other);
      const { client } = talkingTo(object);
      return releaseStillTrue(client, { ...vendor, getServer }, aSnapshot({ view }), uuid(1), 'answered');
    };
    const there: ReadOutcome = { kind: 'present', server: second };

    test('goes out while the ledger says so and another server lives', async () => {
      expect(await answered(allowed, there)).toEqual(GO);
    });

    test.each<[string, string, Promise<unknown>]>([
      ['the ledger allows it no more', 'ledger', answered(raw(anEntry()), there)],
      ['there is no other', 'lastServer', answered(allowed, there, seeing(aServer()))],
      ['the other is gone', 'lastServer', answered(allowed, { kind: 'notFound' })],
      [
        'the other is going',
        'lastServer',
        answered(allowed, { kind: 'present', server: { ...second, status: 'releasing' } }),
      ],
      [
        'the other is somebody else’s by now',
        'lastServer',
        answered(allowed, { kind: 'present', server: { ...second, tags: [] } }),
      ],
    ])('is stopped when %s', async (_name, word, verdict) => {
      expect(await verdict).toEqual(stops(word));
    });
  });
});
