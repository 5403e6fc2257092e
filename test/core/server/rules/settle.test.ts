import { describe, expect, test } from 'vitest';
import { minutes, monotonic, seconds } from '../../../../src/base/time.ts';
import type { Outcome } from '../../../../src/core/model/ledger.ts';
import type { ServerSnapshot } from '../../../../src/core/model/snapshot.ts';
import { decide } from '../../../../src/core/server/decide.ts';
import { ANNOTATION } from '../../../../src/resources/names.ts';
import {
  aLedger,
  aListing,
  aMemory,
  anEntry,
  aServer,
  aSnapshot,
  ATTEMPT,
  aView,
  ago,
  attemptId,
  before,
  deleting,
  maybeSent,
  MONO,
  NOW,
  objectUid,
  OPEN,
  OTHER_ACCOUNT,
  ourTags,
  seeing,
  STRANGER,
  unsent,
  uuid,
} from '../../../support/builders.ts';
import type { Expected } from '../expectations.ts';
import { acts, after, blocks, next, waits, writes } from '../expectations.ts';

const absent: Outcome = { kind: 'absent', at: NOW };
const settledAs = (n: number): Expected =>
  writes(next(anEntry({ outcome: OPEN }), { kind: 'created', server: uuid(n), proof: 'settled', at: NOW }));
const provedAbsent = writes(next(anEntry({ outcome: OPEN }), absent, { everUnclear: true }));

/** An open attempt that may have been sent, whose settle window has ended, and no server in sight. */
const unclear = (differing: Partial<ServerSnapshot> = {}): ServerSnapshot =>
  aSnapshot({
    ledger: aLedger({ outcome: OPEN }),
    memory: aMemory({ intent: maybeSent() }),
    view: seeing(),
    ...differing,
  });

/** The settle window and the order's own time: 5 and 2 minutes. */
const WINDOW = minutes(7);
const THIRD = objectUid('33333333-cccc-4000-8000-000000000003');
const answering = (verb: string, subject: string): string =>
  `kubectl -n games annotate fms web --overwrite ${ANNOTATION.resolve}=${verb}=${subject}`;
const ADOPT = answering('adopt', uuid(1));
const FORGET = answering('forget', uuid(1));
const OTHER_ATTEMPT = attemptId('eeeeeeeeeeeeeeee');
const suspect = aServer({ tags: ['web'] });
const provisioning = aServer({ status: 'provisioning', addresses: [] });

describe('an order that may have been sent', () => {
  test.each<[string, ServerSnapshot, Expected]>([
    ['is settled by its server at once', unclear({ view: seeing(provisioning), memory: aMemory() }), settledAs(1)],
    [
      'by a process that did not write it is never sent, but settled',
      unclear({ memory: aMemory() }),
      waits('OrderUnclear', 'not before 2026-11-24T20:07:00Z'),
    ],
    [
      'is not concluded from before the end of the settle window',
      unclear({ memory: aMemory({ intent: maybeSent(WINDOW - 1) }) }),
      waits('OrderUnclear', 'not before 2026-11-24T20:01:00Z'),
    ],
    [
      'is not concluded from with listings begun before the window ended',
      unclear({ memory: aMemory({ intent: maybeSent(WINDOW + seconds(1)) }) }),
      waits('OrderUnclear', 'once two complete listings in a row do not show it'),
    ],
    [
      'is not concluded from with one listing begun in time and one before',
      unclear({ memory: aMemory({ intent: maybeSent(WINDOW + seconds(10)) }) }),
      waits('OrderUnclear', 'two complete listings'),
    ],
    [
      'is not concluded from with a listing begun at the very end of the window',
      unclear({ memory: aMemory({ intent: maybeSent(WINDOW + seconds(20)) }) }),
      waits('OrderUnclear', 'two complete listings'),
    ],
    [
      'came to nothing when two successive listings begun after the window do not show it',
      unclear({ memory: aMemory({ intent: maybeSent(WINDOW + seconds(21)) }) }),
      provedAbsent,
    ],
    [
      'is not concluded from when a listing between failed',
      unclear({ view: aView([aListing([], seconds(20)), aListing()], { run: [aListing()] }) }),
      waits('OrderUnclear', 'two complete listings'),
    ],
    [
      'is not concluded from when the first of the two listings showed its server',
      unclear({ view: aView([aListing([provisioning], seconds(20)), aListing()]) }),
      waits('OrderUnclear', 'two complete listings'),
    ],
    [
      'is not concluded from when the first of the two listings showed a live server of another attempt',
      unclear({ view: aView([aListing([aServer({ tags: ourTags(OTHER_ATTEMPT) })], seconds(20)), aListing()]) }),
      waits('OrderUnclear', 'two complete listings'),
    ],
    [
      'is not concluded from when the first of the two listings showed its server, released already',
      unclear({ view: aView([aListing([aServer({ status: 'released' })], seconds(20)), aListing()]) }),
      waits('OrderUnclear', 'two complete listings'),
    ],
    [
      'came to nothing when the first of the two listings showed a dead server of another attempt',
      unclear({
        view: aView([
          aListing([aServer({ status: 'released', tags: ourTags(OTHER_ATTEMPT) })], seconds(20)),
          aListing(),
        ]),
      }),
      provedAbsent,
    ],
    [
      'says why listings tell nothing',
      unclear({
        view: aView([], { failure: { kind: 'incomplete', message: 'page cap 50 reached', at: ago(seconds(1)) } }),
      }),
      waits('OrderUnclear', 'page cap 50 reached'),
    ],
    [
      "is not concluded from with another account's listings",
      unclear({ view: { ...seeing(), account: OTHER_ACCOUNT } }),
      waits('OrderUnclear', 'two complete listings'),
    ],
    [
      'is not concluded from under another account than it was made with',
      unclear({ ledger: aLedger({ outcome: OPEN, account: OTHER_ACCOUNT }) }),
      blocks('AccountChanged', `reorder=${ATTEMPT}`),
    ],
    [
      'is settled by its server under another account too: presence needs no proof of account',
      unclear({ ledger: aLedger({ outcome: OPEN, account: OTHER_ACCOUNT }), view: seeing(provisioning) }),
      writes(
        next(anEntry({ outcome: OPEN, account: OTHER_ACCOUNT }), {
          kind: 'created',
          server: uuid(1),
          proof: 'settled',
          at: NOW,
        }),
      ),
    ],
    [
      'is concluded from when another token shows a server of the former one',
      unclear({
        ledger: aLedger({ outcome: OPEN, account: OTHER_ACCOUNT }),
        view: { ...seeing(), continuedFrom: () => true },
      }),
      writes(next(anEntry({ outcome: OPEN, account: OTHER_ACCOUNT }), absent, { everUnclear: true })),
    ],
    [
      'waits for its own time when the ledger could not be written',
      unclear({
        memory: aMemory({
          intent: maybeSent(),
          retries: { ledger: { failures: 1, notBefore: ago(-3_000), message: 'no answer' } },
        }),
      }),
      waits('OrderUnclear', 'no answer', after(seconds(3))),
    ],
    [
      'is settled by a server of its attempt whatever became of it',
      unclear({ view: seeing(aServer({ status: 'failed' })) }),
      settledAs(1),
    ],
    [
      'is not settled by dead servers of other attempts',
      unclear({ view: seeing(aServer({ status: 'released', tags: ourTags(OTHER_ATTEMPT) })) }),
      provedAbsent,
    ],
    [
      'is blocked by a live server of another attempt',
      unclear({ view: seeing(aServer({ tags: ourTags(OTHER_ATTEMPT) })) }),
      blocks('DuplicateServers', `adopt=${uuid(1)}`),
    ],
    [
      'is blocked by two servers of its attempt',
      unclear({ view: seeing(provisioning, aServer({ uuid: uuid(2) })) }),
      blocks('DuplicateServers', `${uuid(1)}, ${uuid(2)}`),
    ],
    [
      'is blocked by its server beside a live one of another attempt',
      unclear({ view: seeing(provisioning, aServer({ uuid: uuid(2), tags: ourTags(OTHER_ATTEMPT) })) }),
      blocks('DuplicateServers', `${uuid(1)}, ${uuid(2)}`),
    ],
    [
      'is settled by its server beside a dead one of another attempt',
      unclear({
        view: seeing(provisioning, aServer({ uuid: uuid(2), status: 'released', tags: ourTags(OTHER_ATTEMPT) })),
      }),
      settledAs(1),
    ],
    [
      'is settled by its server when the spec has become invalid since',
      unclear({ view: seeing(provisioning), spec: { kind: 'invalid', message: 'wrong' } }),
      settledAs(1),
    ],
    [
      'came to nothing when the spec has become invalid since: nothing tells what a suspect would look like',
      unclear({ view: seeing(suspect), spec: { kind: 'invalid', message: 'wrong' } }),
      provedAbsent,
    ],
    [
      'is not settled by a server at another place than ordered',
      unclear({ view: seeing(aServer({ location: 'US: Dallas' })) }),
      blocks('OwnershipUnproven', 'in US: Dallas, which is not what was ordered'),
    ],
    [
      'is not settled by a server of another type than ordered',
      unclear({ view: seeing(aServer({ instanceType: 'bm9.std.8' })) }),
      blocks('OwnershipUnproven', 'bm9.std.8'),
    ],
    [
      'is settled by a server whose names differ in case and blanks only',
      unclear({ view: seeing(aServer({ location: ' eu:  rotterdam', instanceType: 'BM7.STD.8' })) }),
      settledAs(1),
    ],
    [
      'is not settled by a server that another object claims too',
      unclear({ view: seeing(aServer({ tags: [...ourTags(), `flexmetal-uid:${STRANGER}`] })) }),
      blocks('OwnershipUnproven', STRANGER),
    ],
    [
      'names everybody who claims its server too, and both ways out',
      unclear({
        view: seeing(aServer({ tags: [...ourTags(), `flexmetal-uid:${STRANGER}`, `flexmetal-uid:${THIRD}`] })),
      }),
      blocks(
        'OwnershipUnproven',
        `(${STRANGER}, ${THIRD}). If it is this object's, answer ${ADOPT}; if not, answer ${FORGET} or`,
      ),
    ],
  ])('%s', (_name, snapshot, expected) => {
    expect(decide(snapshot)).toEqual(expected);
  });
});

describe('a server without owner', () => {
  const blocked = blocks('SuspectServer', `adopt=${uuid(1)}`);
  test.each<[string, Partial<typeof suspect>, Expected]>([
    ['that looks like the order blocks', {}, blocked],
    ['with another spelling of the same names blocks', { name: 'WEB', location: 'eu: rotterdam' }, blocked],
    ['with another name is none', { name: 'db' }, provedAbsent],
    ['at another place is none', { location: 'US: Dallas' }, provedAbsent],
    ['of another type is none', { instanceType: 'bm9.std.8' }, provedAbsent],
    ['created a minute before the order blocks: clocks differ', { createdAt: before(minutes(31)) }, blocked],
    ['created more than a minute before the order is none', { createdAt: before(minutes(31) + 1) }, provedAbsent],
    ['of unknown age blocks', { createdAt: undefined }, blocked],
    ['that is over is none', { status: 'released' }, provedAbsent],
    ['that belongs to another object is none', { tags: ourTags(ATTEMPT, STRANGER) }, provedAbsent],
  ])('%s', (_name, differing, expected) => {
    expect(decide(unclear({ view: seeing({ ...suspect, ...differing }) }))).toEqual(expected);
  });

  test('names the answers, and what they are about', () => {
    const said = `If it is this object's, answer ${ADOPT}; if not, ${answering('reorder', ATTEMPT)}`;
    expect(decide(unclear({ view: seeing(suspect) }))).toEqual(blocks('SuspectServer', said));
  });

  test('that only the first of the two listings shows blocks too', () => {
    const view = aView([aListing([suspect], seconds(20)), aListing()]);
    expect(decide(unclear({ view }))).toEqual(blocked);
  });

  test('that a person said to leave alone is none', () => {
    const entry = anEntry({ outcome: OPEN, forgotten: [uuid(1)] });
    const ledger = { kind: 'entry', entry, inAnnotation: true, inStatus: true } as const;
    expect(decide(unclear({ ledger, view: seeing(suspect) }))).toEqual(
      writes(next(entry, absent, { everUnclear: true })),
    );
  });
});

describe('the open attempt of a deleted object', () => {
  const object = deleting();
  test.each<[string, ServerSnapshot, Expected]>([
    [
      'waits until what carries its uid is released',
      unclear({ object, view: seeing(provisioning) }),
      acts({ kind: 'releaseServer', server: uuid(1), cause: 'deleted' }),
    ],
    [
      'is settled by its released server',
      unclear({ object, view: seeing(aServer({ status: 'released' })) }),
      settledAs(1),
    ],
    [
      'is settled by its server wherever that stood',
      unclear({ object, view: seeing(aServer({ status: 'released', location: 'US: Dallas' })) }),
      settledAs(1),
    ],
    [
      'holds the deletion up while the settle window lasts',
      unclear({ object, memory: aMemory({ intent: maybeSent(seconds(1)) }) }),
      waits('OrderUnclear', 'not before'),
    ],
    ['comes to nothing as any other', unclear({ object }), provedAbsent],
    [
      'is blocked by a suspect, with the way out of a deletion',
      unclear({ object, view: seeing(suspect) }),
      blocks(
        'SuspectServer',
        `answer ${ADOPT} and it is released; if not, kubectl -n games annotate fms web --overwrite ${ANNOTATION.forceForget}=${ATTEMPT}`,
      ),
    ],
    [
      'is not settled by its released server when another object claims that too',
      unclear({
        object,
        view: seeing(aServer({ status: 'released', tags: [...ourTags(), `flexmetal-uid:${STRANGER}`] })),
      }),
      blocks('OwnershipUnproven', STRANGER),
    ],
  ])('%s', (_name, snapshot, expected) => {
    expect(decide(snapshot)).toEqual(expected);
  });
});

test('an intent that its writer has not sent is not settled', () => {
  expect(decide(unclear({ memory: aMemory({ intent: unsent() }), view: seeing() }))).toEqual({
    kind: 'ask',
    query: { kind: 'inputs' },
  });
});

test('a restart begins the settle window anew', () => {
  const restarted = unclear({ memory: aMemory(), monotonic: monotonic(MONO) });
  expect(decide(restarted)).toEqual(waits('OrderUnclear', 'not before'));
});
