import { describe, expect, test } from 'vitest';
import { minutes, seconds } from '../../../../src/base/time.ts';
import type { Farewell } from '../../../../src/core/model/decision.ts';
import type { ReleaseMemory, ServerSnapshot } from '../../../../src/core/model/snapshot.ts';
import { decide } from '../../../../src/core/server/decide.ts';
import { release } from '../../../../src/core/server/rules/release.ts';
import { ANNOTATION } from '../../../../src/resources/names.ts';
import {
  aLedger,
  aListing,
  aMemory,
  aNewSnapshot,
  aServer,
  aSettings,
  aSnapshot,
  aView,
  ago,
  anEntry,
  anObject,
  ATTEMPT,
  before,
  deleting,
  maybeSent,
  notFoundAt,
  NOW,
  OPEN,
  OTHER_ACCOUNT,
  ourTags,
  seeing,
  STRANGER,
  UID,
  unsent,
  uuid,
  withSpec,
} from '../../../support/builders.ts';
import type { Expected } from '../expectations.ts';
import { acts, after, asks, blocks, next, POLL, waits, writes } from '../expectations.ts';

const gone = deleting();
const forced = (what: string) => deleting({ annotations: { [ANNOTATION.forceForget]: what } });
const drops = (because: Farewell) => acts({ kind: 'dropFinalizer', because });
const releases = (n: number) => acts({ kind: 'releaseServer', server: uuid(n), cause: 'deleted' });

const sent = (agoMs: number, differing: Partial<ReleaseMemory> = {}): ReleaseMemory => ({
  firstSentAt: ago(agoMs),
  lastSentAt: ago(agoMs),
  failedSince: undefined,
  ...differing,
});
const releasing = (sending: ReleaseMemory, deletionSeenAgo = minutes(1)) =>
  aMemory({ releases: { [uuid(1)]: sending }, deletionSeenAt: ago(deletionSeenAgo) });

const THIRD = '33333333-cccc-4000-8000-000000000003';
const second = aServer({ uuid: uuid(2) });
const failed = aServer({ status: 'failed' });
const nothingSince = aMemory({ deletionSeenAt: ago(minutes(1)) });

const forgottenOne = aLedger({ outcome: { kind: 'forgotten', at: NOW }, forgotten: [uuid(1)] });

describe('a deleted object', () => {
  test.each<[string, ServerSnapshot, Expected]>([
    [
      'whose server was forgotten looks first: another one with its uid may live',
      aSnapshot({ object: gone, ledger: forgottenOne, memory: nothingSince, view: aView([]) }),
      asks({ kind: 'list', begunAfter: ago(minutes(1)) }),
    ],
    [
      'whose server was forgotten goes when a list shows no other',
      aSnapshot({ object: gone, ledger: forgottenOne, memory: nothingSince }),
      drops({ kind: 'forgotten', what: ATTEMPT }),
    ],
    [
      'whose server was forgotten releases the other one',
      aSnapshot({ object: gone, ledger: forgottenOne, memory: nothingSince, view: seeing(aServer(), second) }),
      releases(2),
    ],
    ['releases its server', aSnapshot({ object: gone }), releases(1)],
    [
      'releases nothing while paused',
      paused(),
      waits('Paused', 'keeps costing money', { kind: 'onListing', atMost: minutes(10) }),
    ],
    [
      'that has lost its finalizer is going',
      aSnapshot({ object: deleting({ finalizers: [] }) }),
      waits('Releasing', 'going', { kind: 'onChange' }),
    ],
    [
      'is released although duplicates exist, one server a pass',
      aSnapshot({ object: gone, view: seeing(aServer(), second) }),
      releases(1),
    ],
    [
      'goes on to the second server while the first is releasing',
      aSnapshot({ object: gone, view: seeing(aServer({ status: 'releasing' }), second) }),
      releases(2),
    ],
    [
      'waits while its server is releasing',
      aSnapshot({ object: gone, view: seeing(aServer({ status: 'releasing' })) }),
      waits('Releasing', 'the vendor says releasing'),
    ],
    [
      'goes when every server is released and a listing begun later shows no other',
      aSnapshot({ object: gone, view: seeing(aServer({ status: 'released' })), memory: nothingSince }),
      drops({ kind: 'released', servers: [uuid(1)] }),
    ],
    [
      'asks for a listing begun after its deletion was seen before it goes',
      aSnapshot({
        object: gone,
        view: seeing(aServer({ status: 'released' })),
        memory: aMemory({ deletionSeenAt: ago(seconds(3)) }),
      }),
      asks({ kind: 'list', begunAfter: ago(seconds(3)) }),
    ],
    [
      'asks for a listing begun after its last DELETE before it goes',
      aSnapshot({
        object: gone,
        view: seeing(aServer({ status: 'released' })),
        memory: releasing(sent(seconds(4))),
      }),
      asks({ kind: 'list', begunAfter: ago(seconds(4)) }),
    ],
    [
      'waits for the time of its own when the finalizer could not be taken off',
      aSnapshot({
        object: gone,
        view: seeing(aServer({ status: 'released' })),
        memory: {
          ...nothingSince,
          retries: { finalizer: { failures: 1, notBefore: ago(-2_000), message: 'no answer' } },
        },
      }),
      waits('Releasing', 'no answer', after(seconds(2))),
    ],
    [
      'asks for its server by itself when the list misses it',
      aSnapshot({ object: gone, view: seeing() }),
      asks({ kind: 'getServer', server: uuid(1) }),
    ],
    [
      'waits while its server is not proved gone',
      aSnapshot({ object: gone, view: seeing(), memory: aMemory({ reads: { [uuid(1)]: notFoundAt(seconds(3)) } }) }),
      waits('ObservationStale', '1 of 3 times', { kind: 'onListing', atMost: seconds(12) }),
    ],
    [
      'goes when its server is proved gone',
      aSnapshot({
        object: gone,
        view: seeing(),
        memory: aMemory({
          deletionSeenAt: ago(minutes(2)),
          reads: { [uuid(1)]: notFoundAt(seconds(70), seconds(50), seconds(30)) },
        }),
      }),
      drops({ kind: 'released', servers: [uuid(1)] }),
    ],
    [
      'believes no absence under another account',
      aSnapshot({
        object: gone,
        ledger: aLedger({ account: OTHER_ACCOUNT }),
        view: seeing(),
      }),
      blocks('AccountChanged', `force-forget=${uuid(1)}`),
    ],
    [
      'believes presence under another account',
      aSnapshot({ object: gone, ledger: aLedger({ account: OTHER_ACCOUNT }) }),
      releases(1),
    ],
  ])('%s', (_name, snapshot, expected) => {
    expect(decide(snapshot)).toEqual(expected);
  });

  function paused(): ServerSnapshot {
    return aSnapshot({ object: deleting({ annotations: { [ANNOTATION.paused]: 'true' } }) });
  }
});

describe('a deleted object that never had a server', () => {
  const noListing = aView([]);
  const refused = {
    kind: 'refused',
    refusal: { class: 'invalid', message: 'no' },
    at: before(minutes(1)),
  } as const;
  test.each<[string, ServerSnapshot, Expected]>([
    [
      'goes at once after a refusal, without the API',
      aSnapshot({ object: gone, ledger: aLedger({ outcome: refused }), view: noListing }),
      drops({ kind: 'neverOrdered' }),
    ],
    [
      'goes at once after a withdrawn intent, without the API',
      aSnapshot({ object: gone, ledger: aLedger({ outcome: { kind: 'withdrawn', at: before(1) } }), view: noListing }),
      drops({ kind: 'neverOrdered' }),
    ],
    [
      'goes at once while the intent is unsent in the memory of its writer',
      aSnapshot({
        object: gone,
        ledger: aLedger({ outcome: OPEN }),
        memory: aMemory({ intent: unsent() }),
        view: noListing,
      }),
      drops({ kind: 'neverOrdered' }),
    ],
    [
      'looks at a listing first when an attempt of it was ever unclear',
      aSnapshot({
        object: gone,
        ledger: aLedger({ outcome: refused, everUnclear: true }),
        view: noListing,
        memory: nothingSince,
      }),
      asks({ kind: 'list', begunAfter: ago(minutes(1)) }),
    ],
    [
      'looks at a listing first when its ledger was lost',
      aNewSnapshot({ object: gone, view: noListing, memory: nothingSince }),
      asks({ kind: 'list', begunAfter: ago(minutes(1)) }),
    ],
    [
      'stays when its ledger was lost just now, though a listing shows no server',
      aNewSnapshot({ object: gone, memory: nothingSince }),
      waits('OrderUnclear', 'ledger of this object was removed'),
    ],
    [
      'goes when its ledger was lost and two listings after the settle window show no server',
      aNewSnapshot({ object: gone, memory: { ...nothingSince, ledgerLostAt: ago(minutes(20)) } }),
      drops({ kind: 'neverOrdered' }),
    ],
    [
      'goes when a listing shows that nothing came of its last order',
      aSnapshot({
        object: gone,
        ledger: aLedger({ outcome: { kind: 'absent', at: before(1) }, everUnclear: true }),
        view: seeing(),
        memory: nothingSince,
      }),
      drops({ kind: 'released', servers: [] }),
    ],
    [
      'goes and names its released server when its ledger was lost long ago',
      aNewSnapshot({
        object: gone,
        view: seeing(aServer({ status: 'released' })),
        memory: { ...nothingSince, ledgerLostAt: ago(minutes(20)) },
      }),
      drops({ kind: 'released', servers: [uuid(1)] }),
    ],
    [
      'releases what carries its uid although the last order was refused',
      aSnapshot({ object: gone, ledger: aLedger({ outcome: refused }) }),
      releases(1),
    ],
  ])('%s', (_name, snapshot, expected) => {
    expect(decide(snapshot)).toEqual(expected);
  });
});

describe('what the user said keeps the servers of a deleted object', () => {
  const observe = aSettings({ mode: 'observe' });
  test.each<[string, ServerSnapshot, Expected]>([
    [
      'protection holds the deletion up',
      aSnapshot({ object: gone, spec: withSpec({ deletionProtection: true }) }),
      waits('Protected', 'is true: its server keeps running and costing money.'),
    ],
    [
      'protection that keeps two servers names both',
      aSnapshot({ object: gone, spec: withSpec({ deletionProtection: true }), view: seeing(aServer(), second) }),
      waits('Protected', `its 2 live servers (${uuid(1)}, ${uuid(2)}) keep running`),
    ],
    [
      'Retain lets the object go and the servers live',
      aSnapshot({ object: gone, spec: withSpec({ deletionPolicy: 'Retain' }), view: seeing(aServer(), second) }),
      drops({ kind: 'retained', servers: [uuid(1), uuid(2)] }),
    ],
    [
      'Retain names our own server though it failed',
      aSnapshot({ object: gone, spec: withSpec({ deletionPolicy: 'Retain' }), view: seeing(failed) }),
      drops({ kind: 'retained', servers: [uuid(1)] }),
    ],
    [
      'Retain names our own server though it carries no tag of ours',
      aSnapshot({ object: gone, spec: withSpec({ deletionPolicy: 'Retain' }), view: seeing(aServer({ tags: [] })) }),
      drops({ kind: 'retained', servers: [uuid(1)] }),
    ],
    [
      'Retain waits for an unclear order to be settled, so that it can name the server',
      aSnapshot({
        object: gone,
        spec: withSpec({ deletionPolicy: 'Retain' }),
        ledger: aLedger({ outcome: OPEN }),
        memory: aMemory({ intent: maybeSent(seconds(1)) }),
        view: seeing(),
      }),
      waits('OrderUnclear', 'not before'),
    ],
    [
      'Retain releases nothing of an unclear order whose server is there',
      aSnapshot({
        object: gone,
        spec: withSpec({ deletionPolicy: 'Retain' }),
        ledger: aLedger({ outcome: OPEN }),
        memory: aMemory({ intent: maybeSent(seconds(1)) }),
      }),
      drops({ kind: 'retained', servers: [uuid(1)] }),
    ],
    [
      'mode observe releases nothing, and does not keep the poller quick',
      aSnapshot({ object: gone, settings: observe }),
      waits('ObserveMode', 'released', { kind: 'onListing', atMost: minutes(10) }),
    ],
    [
      'an invalid spec releases nothing, for its policy is unknown',
      aSnapshot({ object: gone, spec: { kind: 'invalid', message: 'The spec cannot be used.' } }),
      blocks('InvalidSpec', 'deletionPolicy cannot be trusted', { kind: 'onChange' }),
    ],
  ])('%s', (_name, snapshot, expected) => {
    expect(decide(snapshot)).toEqual(expected);
  });
});

describe('force-forget lets a deleted object go', () => {
  test.each<[string, ServerSnapshot, Expected]>([
    ['by its server', aSnapshot({ object: forced(uuid(1)) }), drops({ kind: 'forgotten', what: uuid(1) })],
    ['by its attempt', aSnapshot({ object: forced(ATTEMPT) }), drops({ kind: 'forgotten', what: ATTEMPT })],
    [
      'with blanks around what it names',
      aSnapshot({ object: forced(` ${uuid(1)} `) }),
      drops({ kind: 'forgotten', what: uuid(1) }),
    ],
    [
      'by a server that carries its uid and is not in its ledger',
      aSnapshot({ object: forced(uuid(2)), view: seeing(aServer(), second) }),
      drops({ kind: 'forgotten', what: uuid(2) }),
    ],
    ['but not by an empty word', aSnapshot({ object: forced(' ') }), releases(1)],
    ['but not by another server', aSnapshot({ object: forced(uuid(9)) }), releases(1)],
    [
      'although it is protected',
      aSnapshot({ object: forced(uuid(1)), spec: withSpec({ deletionProtection: true }) }),
      drops({ kind: 'forgotten', what: uuid(1) }),
    ],
    [
      'whose order is unclear, by its attempt',
      aSnapshot({
        object: forced(ATTEMPT),
        ledger: aLedger({ outcome: OPEN }),
        memory: aMemory({ intent: maybeSent() }),
        view: seeing(),
      }),
      drops({ kind: 'forgotten', what: ATTEMPT }),
    ],
    [
      'whose order is unclear and was made with another token, by its attempt',
      aSnapshot({
        object: forced(ATTEMPT),
        ledger: aLedger({ outcome: OPEN, account: OTHER_ACCOUNT }),
        memory: aMemory({ intent: maybeSent() }),
        view: seeing(),
      }),
      drops({ kind: 'forgotten', what: ATTEMPT }),
    ],
    [
      'never while it is paused',
      aSnapshot({
        object: deleting({ annotations: { [ANNOTATION.forceForget]: ATTEMPT, [ANNOTATION.paused]: 'true' } }),
      }),
      waits('Paused', 'keeps costing', { kind: 'onListing', atMost: minutes(10) }),
    ],
  ])('%s', (_name, snapshot, expected) => {
    expect(decide(snapshot)).toEqual(expected);
  });

  test('and does nothing to an object that is not deleted', () => {
    const object = anObject({ annotations: { [ANNOTATION.forceForget]: uuid(1) } });
    expect(decide(aSnapshot({ object }))).toEqual(
      waits('Ready', 'delivered', { kind: 'onListing', atMost: minutes(10) }),
    );
  });
});

describe('a release', () => {
  const live = (memory: ServerSnapshot['memory']) => aSnapshot({ object: gone, memory });
  const retry = { failures: 1, notBefore: ago(-4_000), message: 'in transition' };
  test.each<[string, ServerSnapshot, Expected]>([
    ['is not repeated soon', live(releasing(sent(minutes(9)))), waits('Releasing', 'the vendor says delivered')],
    ['is sent again after ten minutes without effect', live(releasing(sent(minutes(10)))), releases(1)],
    [
      'that was refused waits for its own time and says how long it was tried',
      live({ ...releasing(sent(minutes(3))), retries: { [`release:${uuid(1)}`]: retry } }),
      waits('Releasing', 'in transition Tried for 3 min.', { kind: 'onListing', atMost: seconds(4) }),
    ],
    [
      'that was refused just now says so',
      live({ ...releasing(sent(minutes(1) - 1)), retries: { [`release:${uuid(1)}`]: retry } }),
      waits('Releasing', 'Tried for less than a minute.', { kind: 'onListing', atMost: seconds(4) }),
    ],
    [
      'that was refused for a minute says so',
      live({ ...releasing(sent(minutes(1))), retries: { [`release:${uuid(1)}`]: retry } }),
      waits('Releasing', 'Tried for 1 min.', { kind: 'onListing', atMost: seconds(4) }),
    ],
    [
      'that was refused is sent again when its time has come',
      live({
        ...releasing(sent(minutes(3))),
        retries: { [`release:${uuid(1)}`]: { ...retry, notBefore: ago(1) } },
      }),
      releases(1),
    ],
    [
      'that was not sent says so',
      live({ ...nothingSince, retries: { [`release:${uuid(1)}`]: { ...retry, message: 'not leader' } } }),
      waits('Releasing', 'not leader It is tried again.', { kind: 'onListing', atMost: seconds(4) }),
    ],
    [
      'without effect for 30 minutes is stuck',
      live(releasing({ ...sent(minutes(30)), lastSentAt: ago(minutes(1)) })),
      blocks('ReleaseStuck', `force-forget=${uuid(1)}`),
    ],
    [
      'that is refused for 30 minutes is stuck',
      live({ ...releasing(sent(minutes(30))), retries: { [`release:${uuid(1)}`]: retry } }),
      blocks('ReleaseStuck', 'goes on trying'),
    ],
    [
      'by somebody else is stuck 30 minutes after the deletion was seen',
      aSnapshot({
        object: gone,
        view: seeing(aServer({ status: 'releasing' })),
        memory: aMemory({ deletionSeenAt: ago(minutes(30)) }),
      }),
      blocks('ReleaseStuck', 'still releasing'),
    ],
  ])('%s', (_name, snapshot, expected) => {
    expect(decide(snapshot)).toEqual(expected);
  });
});

describe('a failed server of a deleted object', () => {
  const seen = (sending: ReleaseMemory, view = seeing(failed)) =>
    aSnapshot({ object: gone, view, memory: releasing(sending, minutes(40)) });
  test.each<[string, ServerSnapshot, Expected]>([
    ['is released once', aSnapshot({ object: gone, view: seeing(failed) }), releases(1)],
    [
      'waits for its own time when its release was not sent',
      aSnapshot({
        object: gone,
        view: seeing(failed),
        memory: aMemory({
          retries: { [`release:${uuid(1)}`]: { failures: 1, notBefore: ago(-1_000), message: 'not leader' } },
        }),
      }),
      waits('Releasing', 'does not release failed servers'),
    ],
    ['is not released again', seen(sent(minutes(15))), waits('Releasing', 'does not release failed servers')],
    [
      'is let go when it is still failed ten minutes after the first listing that said so',
      seen(sent(minutes(15), { failedSince: ago(minutes(10) + seconds(5)) })),
      drops({ kind: 'failedLetGo', servers: [uuid(1)] }),
    ],
    [
      'is not let go a moment sooner',
      seen(sent(minutes(15), { failedSince: ago(minutes(10) + seconds(4)) })),
      waits('Releasing', '10 min'),
    ],
    ['holds up no other: the live one is released', seen(sent(minutes(15)), seeing(failed, second)), releases(2)],
  ])('%s', (_name, snapshot, expected) => {
    expect(decide(snapshot)).toEqual(expected);
  });
});

describe('a server that is not proved to be ours', () => {
  const proof = (kind: 'reply' | 'found') =>
    aLedger({ outcome: { kind: 'created', server: uuid(1), proof: kind, at: before(minutes(5)) } });
  test.each<[string, ServerSnapshot, Expected]>([
    [
      'is not released while it carries another uid',
      aSnapshot({ object: gone, view: seeing(aServer({ tags: [...ourTags(), `flexmetal-uid:${STRANGER}`] })) }),
      blocks('OwnershipUnproven', STRANGER),
    ],
    [
      'is not released while it carries two other uids, and both are named',
      aSnapshot({
        object: gone,
        view: seeing(aServer({ tags: [...ourTags(), `flexmetal-uid:${STRANGER}`, `flexmetal-uid:${THIRD}`] })),
      }),
      blocks('OwnershipUnproven', `is not released: it carries the uid of another object (${STRANGER}, ${THIRD}). Put`),
    ],
    [
      'is not released without our tag, and that is said',
      aSnapshot({ object: gone, ledger: proof('found'), view: seeing(aServer({ tags: [] })) }),
      blocks('OwnershipUnproven', "is not released: this object's uid tag is not on it. Put"),
    ],
    [
      'is not released without our tag when it was only found',
      aSnapshot({ object: gone, ledger: proof('found'), view: seeing(aServer({ tags: [] })) }),
      blocks('OwnershipUnproven', `flexmetal-uid:${UID}`),
    ],
    [
      'is released without our tag when its uuid came in the reply to our order',
      aSnapshot({ object: gone, ledger: proof('reply'), view: seeing(aServer({ tags: [] })) }),
      releases(1),
    ],
  ])('%s', (_name, snapshot, expected) => {
    expect(decide(snapshot)).toEqual(expected);
  });
});

describe('a deleted object whose server a person had it take over', () => {
  const former = `flexmetal-uid:${STRANGER}`;
  const [ours, theirs] = [ourTags(), ourTags().map((tag) => (tag === `flexmetal-uid:${UID}` ? former : tag))];
  const taken = (tags: readonly string[], differing: Partial<ServerSnapshot> = {}) =>
    aSnapshot({
      object: gone,
      ledger: aLedger({ outcome: { kind: 'created', server: uuid(1), proof: 'adopted', at: before(minutes(5)) } }),
      view: seeing(aServer({ tags })),
      ...differing,
    });
  const retry = { failures: 1, notBefore: ago(-4_000), message: 'no' };
  test.each<[string, ServerSnapshot, Expected]>([
    ['puts its tag on first', taken(theirs), acts({ kind: 'addTag', server: uuid(1), tag: `flexmetal-uid:${UID}` })],
    ['also where nobody has one', taken([]), acts({ kind: 'addTag', server: uuid(1), tag: `flexmetal-uid:${UID}` })],
    [
      'then takes the former one off',
      taken([...ours, former]),
      acts({ kind: 'removeTag', server: uuid(1), tag: former }),
    ],
    ['then releases it', taken(ours), releases(1)],
    [
      'leaves it alone while the former object lives',
      taken([...ours, former], { livingUids: { has: () => true } }),
      blocks('OwnershipUnproven', STRANGER),
    ],
    [
      'says what is in the way while the vendor refuses the tag',
      taken(theirs, {
        memory: aMemory({ retries: { [`tag:+flexmetal-uid:${UID}`]: retry, [`tag:-${former}`]: retry } }),
      }),
      blocks('OwnershipUnproven', STRANGER),
    ],
  ])('%s', (_name, snapshot, expected) => {
    expect(decide(snapshot)).toEqual(expected);
  });
});

describe("a person's release of a duplicate", () => {
  const both = seeing(aServer(), second);
  const answered = acts({ kind: 'releaseServer', server: uuid(2), cause: 'answered' });
  test.each<[string, ServerSnapshot, Expected]>([
    [
      'is taken back when the other server went meanwhile',
      aSnapshot({
        ledger: aLedger({ releases: [uuid(2), uuid(3)], answered: ['forget=x', `release=${uuid(2)}`] }),
        view: seeing(second),
      }),
      writes(next(anEntry(), anEntry().outcome, { releases: [uuid(3)], answered: ['forget=x'] })),
    ],
    [
      'is taken back when another object claims the other server by now',
      aSnapshot({
        ledger: aLedger({ releases: [uuid(2)], answered: [`release=${uuid(2)}`] }),
        view: seeing(aServer({ tags: [...ourTags(), `flexmetal-uid:${STRANGER}`] }), second),
      }),
      writes(next(anEntry(), anEntry().outcome, { releases: [], answered: [] })),
    ],
    ['releases that server only', aSnapshot({ ledger: aLedger({ releases: [uuid(2)] }), view: both }), answered],
    [
      'releases nothing in mode observe',
      aSnapshot({ ledger: aLedger({ releases: [uuid(2)] }), view: both, settings: aSettings({ mode: 'observe' }) }),
      blocks('DuplicateServers', uuid(2)),
    ],
    [
      'is over when the server is going',
      aSnapshot({
        ledger: aLedger({ releases: [uuid(2)] }),
        view: seeing(aServer(), aServer({ uuid: uuid(2), status: 'releasing' })),
      }),
      waits('Ready', 'delivered', { kind: 'onListing', atMost: minutes(10) }),
    ],
    [
      'does not touch a server that is no longer ours alone',
      aSnapshot({
        ledger: aLedger({ releases: [uuid(2)] }),
        view: seeing(aServer(), aServer({ uuid: uuid(2), tags: [...ourTags(), `flexmetal-uid:${STRANGER}`] })),
      }),
      blocks('DuplicateServers', uuid(2), POLL),
    ],
    [
      'waits for its own time after a refusal',
      aSnapshot({
        ledger: aLedger({ releases: [uuid(2)] }),
        view: aView([aListing([aServer(), second])]),
        memory: aMemory({
          retries: { [`release:${uuid(2)}`]: { failures: 1, notBefore: ago(-2_000), message: 'no.' } },
        }),
      }),
      waits('Releasing', 'no.', { kind: 'onListing', atMost: seconds(2) }),
    ],
  ])('%s', (_name, snapshot, expected) => {
    expect(decide(snapshot)).toEqual(expected);
  });
});

/** Settling stands before release in the chain; should it ever not, release must not let such an object go. */
describe('by itself, release of an order that may have been sent', () => {
  const maybe = (differing: Partial<ServerSnapshot> = {}) =>
    aSnapshot({
      object: gone,
      ledger: aLedger({ outcome: OPEN }),
      memory: aMemory({ intent: maybeSent(seconds(1)), deletionSeenAt: ago(minutes(1)) }),
      view: seeing(),
      ...differing,
    });
  test.each<[string, ServerSnapshot]>([
    ['does not let the object go', maybe()],
    ['does not let the object go with Retain either', maybe({ spec: withSpec({ deletionPolicy: 'Retain' }) })],
    [
      'does not let the object go with a released server of it',
      maybe({ view: seeing(aServer({ status: 'released' })) }),
    ],
  ])('%s', (_name, snapshot) => {
    expect(release(snapshot)).toEqual(waits('OrderUnclear', 'The last order of this object is not settled yet.'));
  });
});

describe('the log says why', () => {
  const released = seeing(aServer({ status: 'released' }));
  const stuckFor = (agoMs: number) => sent(agoMs, { failedSince: ago(agoMs) });
  test.each<[string, ServerSnapshot, string]>([
    ['a server is released', aSnapshot({ object: gone }), 'its object is going'],
    [
      'a server is released again',
      aSnapshot({ object: gone, memory: releasing(sent(minutes(10))) }),
      'the last DELETE had no effect',
    ],
    [
      'a failed server is released',
      aSnapshot({ object: gone, view: seeing(failed) }),
      'a failed server is released once',
    ],
    [
      'an object goes that nothing was ordered for',
      aSnapshot({ object: gone, ledger: aLedger({ outcome: { kind: 'withdrawn', at: before(1) } }), view: seeing() }),
      'nothing was ever ordered',
    ],
    [
      'an object goes whose servers are released',
      aSnapshot({ object: gone, view: released, memory: nothingSince }),
      `all servers are released (${uuid(1)})`,
    ],
    [
      'an object goes whose servers stay',
      aSnapshot({ object: gone, spec: withSpec({ deletionPolicy: 'Retain' }) }),
      'deletionPolicy is Retain',
    ],
    ['an object goes that is forgotten', aSnapshot({ object: forced(uuid(1)) }), 'a person said to forget it'],
    [
      'an object goes whose server failed',
      aSnapshot({ object: gone, view: seeing(failed), memory: releasing(stuckFor(minutes(15)), minutes(40)) }),
      'failed servers cannot be released',
    ],
  ])('%s', (_name, snapshot, why) => {
    expect(decide(snapshot)).toMatchObject({ why });
  });
});

describe("a person's release of what is the last live server by now", () => {
  const answers = [`release=${uuid(2)}`, `release=${uuid(2)}/2`, `forget=${uuid(2)}`];
  const alone = (memory = aMemory()) =>
    aSnapshot({ ledger: aLedger({ releases: [uuid(3), uuid(2)], answered: answers }), view: seeing(second), memory });

  test('is taken back, however often it was asked for', () => {
    const entry = { ...anEntry({ releases: [uuid(3)], answered: [`forget=${uuid(2)}`] }), revision: 3 };
    expect(release(alone())).toEqual(acts({ kind: 'writeLedger', entry }));
  });

  test('is not taken back while the ledger cannot be written', () => {
    const retries = { ledger: { failures: 1, notBefore: ago(-1_000), message: 'no answer' } };
    expect(release(alone(aMemory({ retries })))).toBeUndefined();
  });
});
