import { describe, expect, test } from 'vitest';
import { minutes, seconds } from '../../../src/base/time.ts';
import type { Outcome } from '../../../src/core/model/ledger.ts';
import type { ServerSnapshot } from '../../../src/core/model/snapshot.ts';
import type { AnswerReading } from '../../../src/core/server/answers.ts';
import { readAnswer } from '../../../src/core/server/answers.ts';
import { decide } from '../../../src/core/server/decide.ts';
import { ANNOTATION, ownerTags } from '../../../src/resources/names.ts';
import {
  ACCOUNT,
  aLedger,
  aListing,
  aMemory,
  aNewSnapshot,
  anEntry,
  answering,
  aServer,
  aSettings,
  aSnapshot,
  ATTEMPT,
  aView,
  ago,
  before,
  CLUSTER,
  deleting,
  maybeSent,
  MONO,
  NEXT_ATTEMPT,
  NOW,
  notFoundAt,
  OPEN,
  OTHER_ACCOUNT,
  OTHER_CLUSTER,
  ourTags,
  seeing,
  STRANGER,
  UID,
  unsent,
  uuid,
} from '../../support/builders.ts';
import type { Expected } from './expectations.ts';
import { asks, next, writes } from './expectations.ts';

const accepted = (decision: Expected): Expected => ({ kind: 'accepted', decision });
const refused = (said: string): Expected => ({ kind: 'refused', message: expect.stringContaining(said) });
const waiting = (said: string): Expected => ({ kind: 'waiting', message: expect.stringContaining(said) });

const failed = aServer({ status: 'failed' });
const absent: Outcome = { kind: 'absent', at: NOW };
const created = (n: number, proof: 'reply' | 'adopted' = 'reply'): Outcome => ({
  kind: 'created',
  server: uuid(n),
  proof,
  at: before(minutes(30)),
});
const wentLost: Outcome = { kind: 'lost', server: uuid(1), at: NOW };
/** Read after the object was queued. */
const readNow = (server: ReturnType<typeof aServer>) =>
  aMemory({ reads: { [server.uuid]: { server, at: ago(seconds(1)), notFoundAt: [] } } });

type Case = [string, ServerSnapshot, Expected];
describe('an answer', () => {
  test.each<Case>([
    ['that is not there', aSnapshot(), { kind: 'none' } satisfies AnswerReading],
    ['that is empty', aSnapshot({ object: answering(' ') }), { kind: 'none' } satisfies AnswerReading],
    [
      'that was acted on may stay where it is',
      aSnapshot({
        object: answering(`reorder=${ATTEMPT}`),
        ledger: aLedger({ answered: [`reorder=${ATTEMPT}`] }),
      }),
      { kind: 'done' } satisfies AnswerReading,
    ],
    [
      'that was acted on is given again with a number behind it',
      aSnapshot({
        object: answering(`reorder=${ATTEMPT}/2`),
        ledger: aLedger({ outcome: wentLost, answered: [`reorder=${ATTEMPT}`] }),
      }),
      accepted(
        writes(
          next(anEntry(), absent, { answered: [`reorder=${ATTEMPT}`, `reorder=${ATTEMPT}/2`], everUnclear: true }),
        ),
      ),
    ],
    [
      'with a number behind it is acted on once as well',
      aSnapshot({
        object: answering(`reorder=${ATTEMPT}/2`),
        ledger: aLedger({ outcome: wentLost, answered: [`reorder=${ATTEMPT}/2`] }),
      }),
      { kind: 'done' } satisfies AnswerReading,
    ],
    ['with something else behind its attempt', aSnapshot({ object: answering(`reorder=${ATTEMPT}/x`) }), refused('/x')],
    ['with an unknown verb', aSnapshot({ object: answering('restart') }), refused('"restart" is no answer')],
    ['about no uuid', aSnapshot({ object: answering('adopt=web') }), refused('"web" is no server')],
    [
      'with something behind its subject, which would not fit into the ledger',
      aSnapshot({ object: answering(`release=${uuid(2)}=${'x'.repeat(200)}`), view: seeing(aServer(), two()) }),
      refused('is no server'),
    ],
    [
      'with something behind its attempt',
      aSnapshot({
        object: answering(`reorder=${ATTEMPT}=${'x'.repeat(200)}`),
        ledger: aLedger({ outcome: { kind: 'lost', server: uuid(1), at: before(1) } }),
      }),
      refused('is about attempt'),
    ],
    [
      'waits while the ledger cannot be written',
      aSnapshot({
        object: answering(`forget=${ATTEMPT}`),
        memory: aMemory({ retries: { ledger: { failures: 1, notBefore: ago(-1_000), message: 'no' } } }),
      }),
      waiting('ledger'),
    ],
  ])('%s', (_name, snapshot, expected) => {
    expect(readAnswer(snapshot)).toEqual(expected);
  });

  test('of a paused object is not acted on', () => {
    const object = answering(`forget=${ATTEMPT}`);
    const annotations = { ...object.annotations, [ANNOTATION.paused]: 'true' };
    expect(decide(aSnapshot({ object: { ...object, annotations } }))).toMatchObject({ reason: 'Paused' });
  });
});

function two(differing: Parameters<typeof aServer>[0] = {}) {
  return aServer({ uuid: uuid(2), ...differing });
}

describe('reorder=<attempt>', () => {
  const object = answering(`reorder=${ATTEMPT}`);
  const answered = { answered: [`reorder=${ATTEMPT}`] };
  const suspect = aServer({ tags: [] });
  const unclear = (view: ServerSnapshot['view'], memory = aMemory({ intent: maybeSent() })): ServerSnapshot =>
    aSnapshot({ object, ledger: aLedger({ outcome: OPEN }), memory, view });
  test.each<Case>([
    [
      'is refused for another attempt',
      aSnapshot({ object: answering(`reorder=${NEXT_ATTEMPT}`) }),
      refused(`last attempt is ${ATTEMPT}`),
    ],
    ['is refused without any attempt', aNewSnapshot({ object }), refused('last attempt is none')],
    ['is refused beside a live server', aSnapshot({ object }), refused('not known to be gone or failed')],
    [
      'is refused while the server was not seen',
      aSnapshot({ object, view: seeing() }),
      refused('not known to be gone or failed'),
    ],
    [
      'is refused while the server is only releasing',
      aSnapshot({ object, view: seeing(aServer({ status: 'releasing' })) }),
      refused('not known to be gone or failed'),
    ],
    [
      'replaces a failed server, of which a later deletion must look again',
      aSnapshot({ object, view: seeing(failed) }),
      accepted(writes(next(anEntry(), absent, { ...answered, everUnclear: true }))),
    ],
    [
      'replaces a lost server, of which a later deletion must look again',
      aSnapshot({ object, ledger: aLedger({ outcome: { kind: 'lost', server: uuid(1), at: before(1) } }) }),
      accepted(writes(next(anEntry(), absent, { ...answered, everUnclear: true }))),
    ],
    [
      'orders after what was forgotten',
      aSnapshot({ object, ledger: aLedger({ outcome: { kind: 'forgotten', at: before(1) }, everUnclear: true }) }),
      accepted(writes(next(anEntry({ everUnclear: true }), absent, answered))),
    ],
    [
      'orders after a refusal without its pause',
      aSnapshot({
        object,
        ledger: aLedger({ outcome: { kind: 'refused', refusal: { class: 'invalid', message: 'no' }, at: before(1) } }),
      }),
      accepted(writes(next(anEntry(), absent, answered))),
    ],
    [
      'waits for an open settling',
      unclear(seeing(suspect), aMemory({ intent: maybeSent(minutes(1)) })),
      waiting('being settled'),
    ],
    [
      'waits for an intent that is about to be sent',
      unclear(seeing(), aMemory({ intent: unsent() })),
      waiting('settled'),
    ],
    ['is not needed when nothing stands in the way', unclear(seeing()), waiting('settled without it')],
    [
      'says that the suspect is another',
      unclear(seeing(suspect)),
      accepted(writes(next(anEntry(), absent, { ...answered, everUnclear: true }))),
    ],
    [
      'says that the new account is right, and orders nothing by that',
      aSnapshot({ object, ledger: aLedger({ account: OTHER_ACCOUNT }), view: seeing() }),
      accepted(writes(next(anEntry(), created(1), answered))),
    ],
  ])('%s', (_name, snapshot, expected) => {
    expect(readAnswer(snapshot)).toEqual(expected);
  });
});

describe('adopt=<uuid>', () => {
  const object = answering(`adopt=${uuid(2)}`);
  const foreign = two({ tags: ['web'] });
  const theirTags = ownerTags({ cluster: CLUSTER, uid: STRANGER, attempt: ATTEMPT, namespace: 'staging', name: 'web' });
  const adopted = (differing: Parameters<typeof next>[2] = {}): Expected =>
    accepted(
      writes(
        next(
          anEntry(),
          { kind: 'created', server: uuid(2), proof: 'adopted', at: NOW },
          { answered: [`adopt=${uuid(2)}`], ...differing },
        ),
      ),
    );
  const lost = aLedger({ outcome: { kind: 'lost', server: uuid(1), at: before(1) } });
  const withRead = (server: ReturnType<typeof aServer>, differing: Partial<ServerSnapshot> = {}): ServerSnapshot =>
    aSnapshot({ object, ledger: lost, view: seeing(), memory: readNow(server), ...differing });
  test.each<Case>([
    ['is refused for what it has', aSnapshot({ object: answering(`adopt=${uuid(1)}`) }), refused('server already')],
    ['is refused beside a live server', aSnapshot({ object }), refused(`has the live server ${uuid(1)}`)],
    [
      'reads the server first',
      aSnapshot({ object, ledger: lost, view: seeing() }),
      accepted(asks({ kind: 'getServer', server: uuid(2) })),
    ],
    [
      'does not trust a read from before the question',
      withRead(foreign, { queuedAt: ago(0) }),
      accepted(asks({ kind: 'getServer', server: uuid(2) })),
    ],
    [
      'waits while the server cannot be read',
      aSnapshot({
        object,
        ledger: lost,
        view: seeing(),
        memory: aMemory({ retries: { [`get:${uuid(2)}`]: { failures: 1, notBefore: ago(-1), message: 'HTTP 500' } } }),
      }),
      waiting('HTTP 500'),
    ],
    [
      'is refused for a server that is not there',
      aSnapshot({ object, ledger: lost, view: seeing(), memory: aMemory({ reads: { [uuid(2)]: notFoundAt(0) } }) }),
      refused('does not know'),
    ],
    ['is refused for a dead server', withRead(two({ status: 'failed' })), refused('is failed')],
    [
      'is refused for the server of an object that exists',
      withRead(two({ tags: ourTags(ATTEMPT, STRANGER) }), { livingUids: new Set([UID, STRANGER]) }),
      refused(STRANGER),
    ],
    [
      'is refused for a server of another cluster',
      withRead(two({ tags: [`flexmetal-cluster:${OTHER_CLUSTER}`] })),
      refused(OTHER_CLUSTER),
    ],
    ['takes a server that nobody claims', withRead(foreign), adopted()],
    [
      'is refused for what may be the server of an object in a namespace that is not watched',
      withRead(two({ tags: theirTags }), { settings: aSettings({ watchesAll: false }) }),
      refused('watches some namespaces only'),
    ],
    [
      'names every object that may live there',
      withRead(two({ tags: [...theirTags, 'flexmetal-uid:33333333-cccc-4000-8000-000000000003'] }), {
        settings: aSettings({ watchesAll: false }),
      }),
      refused(`flexmetal-uid:${STRANGER}, flexmetal-uid:33333333-cccc-4000-8000-000000000003.`),
    ],
    [
      'takes over from a former object of this name, whatever is watched',
      withRead(two({ tags: ourTags(ATTEMPT, STRANGER) }), { settings: aSettings({ watchesAll: false }) }),
      adopted(),
    ],
    ['takes over from an object of another name that is gone', withRead(two({ tags: theirTags })), adopted()],
    ['takes over from an object that is gone', withRead(two({ tags: ourTags(ATTEMPT, STRANGER) })), adopted()],
    [
      'chooses among duplicates',
      aSnapshot({ object, view: seeing(aServer(), two()), memory: readNow(two()) }),
      adopted(),
    ],
    [
      'takes back that the server was to be released',
      aSnapshot({
        object,
        ledger: aLedger({ releases: [uuid(2)] }),
        view: seeing(aServer(), two()),
        memory: readNow(two()),
      }),
      adopted({ releases: [] }),
    ],
    ['closes an order that may have been sent', withRead(foreign, { ledger: aLedger({ outcome: OPEN }) }), adopted()],
    [
      'waits for a readable token',
      withRead(foreign, { account: { kind: 'unreadable', message: 'The token file is missing.' } }),
      waiting('token file'),
    ],
    [
      'begins a ledger for an object that had none',
      withRead(foreign, { ledger: { kind: 'none' } }),
      accepted(
        writes({
          ...anEntry({ attempts: 0, attempt: NEXT_ATTEMPT, requestedAt: NOW, account: ACCOUNT }),
          revision: 1,
          outcome: { kind: 'created', server: uuid(2), proof: 'adopted', at: NOW },
          answered: [`adopt=${uuid(2)}`],
        }),
      ),
    ],
  ])('%s', (_name, snapshot, expected) => {
    expect(readAnswer(snapshot)).toEqual(expected);
  });
});

describe('release=<uuid>', () => {
  const object = answering(`release=${uuid(2)}`);
  const answered = [`release=${uuid(2)}`];
  test.each<Case>([
    ['waits for the first listing', aSnapshot({ object, view: aView([]) }), waiting('first listing')],
    ['is refused for an unknown server', aSnapshot({ object }), refused("does not carry this object's uid tag alone")],
    [
      'is refused for a server that another object claims too',
      aSnapshot({ object, view: seeing(aServer(), two({ tags: [...ourTags(), `flexmetal-uid:${STRANGER}`] })) }),
      refused('alone'),
    ],
    [
      'is refused for a dead server',
      aSnapshot({ object, view: seeing(aServer(), two({ status: 'failed' })) }),
      refused('failed already'),
    ],
    [
      'is refused for the only live server',
      aSnapshot({ object: answering(`release=${uuid(1)}`) }),
      refused('Delete the object'),
    ],
    [
      'is refused when another object claims the other one',
      aSnapshot({ object, view: seeing(aServer({ tags: [...ourTags(), `flexmetal-uid:${STRANGER}`] }), two()) }),
      refused('Delete the object'),
    ],
    [
      'is recorded for a duplicate',
      aSnapshot({ object, view: seeing(aServer(), two()) }),
      accepted(writes(next(anEntry(), created(1), { answered, releases: [uuid(2)] }))),
    ],
    [
      'begins a ledger that says that servers may be left, for an object that had none',
      aSnapshot({ object, ledger: { kind: 'none' }, view: seeing(aServer(), two()) }),
      accepted(
        writes({
          ...anEntry({ attempts: 0, attempt: NEXT_ATTEMPT, requestedAt: NOW }),
          revision: 1,
          outcome: { kind: 'withdrawn', at: NOW },
          everUnclear: true,
          answered,
          releases: [uuid(2)],
        }),
      ),
    ],
  ])('%s', (_name, snapshot, expected) => {
    expect(readAnswer(snapshot)).toEqual(expected);
  });
});

describe('forget=<attempt or uuid>', () => {
  const answered = (subject: string) => ({ answered: [`forget=${subject}`] });
  test.each<Case>([
    [
      'gives up an attempt and its server',
      aSnapshot({ object: answering(`forget=${ATTEMPT}`) }),
      accepted(
        writes(
          next(
            anEntry(),
            { kind: 'forgotten', at: NOW },
            { ...answered(ATTEMPT), forgotten: [uuid(1)], everUnclear: true },
          ),
        ),
      ),
    ],
    [
      'gives up an order that may have been sent',
      aSnapshot({ object: answering(`forget=${ATTEMPT}`), ledger: aLedger({ outcome: OPEN }), view: seeing() }),
      accepted(writes(next(anEntry(), { kind: 'forgotten', at: NOW }, { ...answered(ATTEMPT), everUnclear: true }))),
    ],
    [
      'gives up the own server',
      aSnapshot({ object: answering(`forget=${uuid(1)}`) }),
      accepted(writes(next(anEntry(), { kind: 'forgotten', at: NOW }, { ...answered(uuid(1)), forgotten: [uuid(1)] }))),
    ],
    [
      'leaves a duplicate alone and keeps the own server',
      aSnapshot({ object: answering(`forget=${uuid(2)}`), view: seeing(aServer(), two()) }),
      accepted(writes(next(anEntry(), created(1), { ...answered(uuid(2)), forgotten: [uuid(2)] }))),
    ],
    [
      'takes back that the server was to be released',
      aSnapshot({
        object: answering(`forget=${uuid(2)}`),
        ledger: aLedger({ releases: [uuid(2), uuid(3)] }),
        view: seeing(aServer(), two()),
      }),
      accepted(
        writes(next(anEntry(), created(1), { ...answered(uuid(2)), forgotten: [uuid(2)], releases: [uuid(3)] })),
      ),
    ],
    ['is refused for anything else', aSnapshot({ object: answering('forget=it') }), refused('is no server')],
    [
      'waits for a readable token',
      aSnapshot({
        object: answering(`forget=${uuid(2)}`),
        account: { kind: 'unreadable', message: 'The token file is missing.' },
      }),
      waiting('token file'),
    ],
  ])('%s', (_name, snapshot, expected) => {
    expect(readAnswer(snapshot)).toEqual(expected);
  });
});

test('a server that was first to be released and then forgotten lives on', () => {
  const ledger = aLedger({ releases: [uuid(2)] });
  const asked = aSnapshot({ object: answering(`forget=${uuid(2)}`), ledger, view: seeing(aServer(), two()) });
  const decision = decide({ ...asked, settings: aSettings() });
  if (decision.kind !== 'act' || decision.effect.kind !== 'writeLedger') throw new Error('the answer was not taken');
  const after = aSnapshot({
    ledger: { kind: 'entry', entry: decision.effect.entry, inAnnotation: true, inStatus: true },
    view: seeing(aServer(), two()),
  });
  expect(decide(after)).toMatchObject({ kind: 'rest', reason: 'Ready' });
});

test('after a lost ledger and an answer, a deleted object is not let go before a listing was seen', () => {
  const object = answering(`release=${uuid(2)}`);
  const decision = decide(aSnapshot({ object, ledger: { kind: 'none' }, view: seeing(aServer(), two()) }));
  if (decision.kind !== 'act' || decision.effect.kind !== 'writeLedger') throw new Error('the answer was not taken');
  const afterRestart = aSnapshot({
    object: deleting(),
    ledger: { kind: 'entry', entry: decision.effect.entry, inAnnotation: true, inStatus: true },
    view: aView([]),
    memory: aMemory({ deletionSeenAt: ago(0) }),
  });
  expect(decide(afterRestart)).toEqual(asks({ kind: 'list', begunAfter: MONO }));
});

test('at most 20 answers and 20 forgotten servers are kept, the newest', () => {
  const many = Array.from({ length: 20 }, (_, index) => uuid(100 + index));
  const reading = readAnswer(
    aSnapshot({
      object: answering(`forget=${uuid(2)}`),
      ledger: aLedger({ forgotten: many, answered: many.map((server) => `forget=${server}`) }),
      view: aView([aListing([aServer()])]),
    }),
  );
  const expected = next(anEntry(), created(1), {
    forgotten: [...many.slice(1), uuid(2)],
    answered: [...many.slice(1).map((server) => `forget=${server}`), `forget=${uuid(2)}`],
  });
  expect(reading).toEqual(accepted(writes(expected)));
});

describe('an answer about the wrong thing names what it read', () => {
  const adopting = (server: ReturnType<typeof aServer>, differing: Partial<ServerSnapshot> = {}) =>
    aSnapshot({ object: answering(`adopt=${server.uuid}`), memory: readNow(server), ...differing });
  const invalid = { kind: 'invalid', message: 'wrong' } as const;
  const THIRD = '33333333-cccc-4000-8000-000000000003';
  test.each<Case>([
    [
      'the whole text behind the verb',
      aSnapshot({ object: answering('reorder=a=b') }),
      refused(`The answer is about attempt a=b, but the object's last attempt is ${ATTEMPT}.`),
    ],
    [
      'a number that counts no second asking',
      aSnapshot({ object: answering(`reorder=${ATTEMPT}/2x`) }),
      refused(`about attempt ${ATTEMPT}/2x,`),
    ],
    [
      'a first asking by number',
      aSnapshot({ object: answering(`reorder=${ATTEMPT}/1`) }),
      refused(`attempt ${ATTEMPT}/1,`),
    ],
    [
      'an answer that was asked for the twelfth time',
      aSnapshot({
        object: answering(`reorder=${ATTEMPT}/12`),
        ledger: aLedger({ outcome: { kind: 'lost', server: uuid(1), at: before(1) } }),
      }),
      accepted(writes(next(anEntry(), absent, { everUnclear: true, answered: [`reorder=${ATTEMPT}/12`] }))),
    ],
    [
      'a server of ours that is released may be followed by another',
      aSnapshot({ object: answering(`reorder=${ATTEMPT}`), view: seeing(aServer({ status: 'released' })) }),
      accepted(writes(next(anEntry(), absent, { everUnclear: true, answered: [`reorder=${ATTEMPT}`] }))),
    ],
    [
      'another server is adopted in place of a dead one',
      aSnapshot({ object: answering(`adopt=${uuid(3)}`), view: seeing(failed, two()) }),
      accepted(asks({ kind: 'getServer', server: uuid(3) })),
    ],
    [
      'another server is not adopted beside a live one, whatever else is there',
      aSnapshot({ object: answering(`adopt=${uuid(3)}`), view: seeing(aServer(), two()) }),
      refused(`This object has the live server ${uuid(1)}; release or forget that one first.`),
    ],
    [
      'a server that was read at the very moment the object was queued is not read again',
      aSnapshot({
        object: answering(`adopt=${uuid(2)}`),
        view: seeing(failed),
        queuedAt: ago(seconds(1)),
        memory: readNow(two({ status: 'failed' })),
      }),
      refused(`Server ${uuid(2)} is failed`),
    ],
    [
      'a server that was read a moment before the object was queued is read again',
      aSnapshot({
        object: answering(`adopt=${uuid(2)}`),
        view: seeing(failed),
        queuedAt: ago(seconds(1) - 1),
        memory: readNow(two({ status: 'failed' })),
      }),
      accepted(asks({ kind: 'getServer', server: uuid(2) })),
    ],
    [
      'all living owners of a server',
      adopting(two({ tags: [`flexmetal-uid:${STRANGER}`, `flexmetal-uid:${THIRD}`] }), {
        view: seeing(failed),
        livingUids: { has: () => true },
      }),
      refused(`(uid ${STRANGER}, ${THIRD})`),
    ],
    [
      'all clusters of a server',
      adopting(two({ tags: [`flexmetal-cluster:${OTHER_CLUSTER}`, 'flexmetal-cluster:e2e2e2e2e2e2'] }), {
        view: seeing(failed),
      }),
      refused(`(flexmetal-cluster:${OTHER_CLUSTER}, flexmetal-cluster:e2e2e2e2e2e2)`),
    ],
    [
      'an adopted server of an object without ledger and with an invalid spec has no hash of a spec',
      adopting(two({ tags: [] }), { ledger: { kind: 'none' }, spec: invalid, view: seeing() }),
      accepted(
        writes(
          next(
            anEntry({ attempt: NEXT_ATTEMPT, attempts: 0, revision: 0, requestedAt: NOW, specHash: '' }),
            { kind: 'created', server: uuid(2), proof: 'adopted', at: NOW },
            { answered: [`adopt=${uuid(2)}`] },
          ),
        ),
      ),
    ],
    [
      'a forgotten server of an object without ledger and with an invalid spec has no hash of a spec',
      aSnapshot({
        object: answering(`forget=${uuid(2)}`),
        ledger: { kind: 'none' },
        spec: invalid,
        view: seeing(two()),
      }),
      accepted(
        writes(
          next(
            anEntry({ attempt: NEXT_ATTEMPT, attempts: 0, revision: 0, requestedAt: NOW, specHash: '' }),
            { kind: 'withdrawn', at: NOW },
            { everUnclear: true, forgotten: [uuid(2)], answered: [`forget=${uuid(2)}`] },
          ),
        ),
      ),
    ],
  ])('%s', (_name, snapshot, expected) => {
    expect(readAnswer(snapshot)).toEqual(expected);
  });
});
