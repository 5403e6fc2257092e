import { describe, expect, test } from 'vitest';
import { millis, minutes, monotonic, seconds } from '../../../src/base/time.ts';
import type { Memory, ServerSnapshot } from '../../../src/core/model/snapshot.ts';
import type { Result, WriteOutcome } from '../../../src/core/server/absorb.ts';
import { absorb } from '../../../src/core/server/absorb.ts';
import { maybeSentAttempt } from '../../../src/core/server/facts.ts';
import { learn } from '../../../src/core/server/learn.ts';
import { refresh } from '../../../src/core/server/refresh.ts';
import { restingPoint } from '../../../src/core/server/status.ts';
import {
  aLedger,
  aListing,
  aMemory,
  aNewSnapshot,
  anEntry,
  anObject,
  aRequest,
  aServer,
  aSnapshot,
  ATTEMPT,
  aView,
  ago,
  deleting,
  maybeSent,
  MONO,
  NEXT_ATTEMPT,
  notFoundAt,
  OPEN,
  seeing,
  storedWith,
  STRANGER,
  unsent,
  uuid,
} from '../../support/builders.ts';

const AT = monotonic(MONO + 2_000);
const open = anEntry({ outcome: OPEN });
const request = aRequest();
const refusal = { class: 'inTransition', message: 'In transition.' } as const;
const heldUntil = (ms: number) => monotonic(AT + ms);

const writing = (entry = open, outcome: WriteOutcome = { kind: 'written', object: storedWith(entry) }): Result => ({
  kind: 'writeLedger',
  effect: { kind: 'writeLedger', entry },
  outcome,
  at: AT,
});
const ordering = (outcome: Extract<Result, { kind: 'createServer' }>['outcome']): Result => ({
  kind: 'createServer',
  effect: { kind: 'createServer', entry: open, request },
  outcome,
  at: AT,
});
const releasing = (outcome: Extract<Result, { kind: 'releaseServer' }>['outcome']): Result => ({
  kind: 'releaseServer',
  effect: { kind: 'releaseServer', server: uuid(1), cause: 'deleted' },
  outcome,
  at: AT,
});
const tagging = (outcome: Extract<Result, { kind: 'changeTag' }>['outcome']): Result => ({
  kind: 'changeTag',
  effect: { kind: 'addTag', server: uuid(1), tag: 'web' },
  outcome,
  at: AT,
});

describe('writing an intent', () => {
  test('makes it unsent in the memory of its writer', () => {
    const after = absorb(aNewSnapshot(), writing());
    expect(after.memory.intent).toEqual({ attempt: ATTEMPT, progress: 'unsent', seenAt: AT, outcome: undefined });
    expect(after.ledger).toEqual({ kind: 'entry', entry: open, inAnnotation: true, inStatus: true });
  });

  test.each([
    ['the finalizer', { ...storedWith(open), finalizers: [] }],
    ['the annotation', { ...storedWith(open), annotationLedger: { kind: 'none' } as const }],
  ])('that comes back without %s is not tried again at once', (_what, object) => {
    const after = absorb(aNewSnapshot(), writing(open, { kind: 'written', object }));
    const again = absorb(after, writing(open, { kind: 'written', object }));
    expect(after.memory.retries['ledger']?.failures).toBe(1);
    expect(again.memory.retries['ledger']?.failures).toBe(2);
    expect(absorb(again, writing()).memory.retries['ledger']).toBeUndefined();
  });

  test('again, to put a copy back, does not make it unsent', () => {
    const after = absorb(aSnapshot({ ledger: aLedger({ outcome: OPEN }) }), writing());
    expect(maybeSentAttempt(after)).toEqual(open);
  });

  test.each<WriteOutcome>([{ kind: 'conflict' }, { kind: 'failed', message: 'no answer' }, { kind: 'gone' }])(
    'without a clear success ($kind) makes nothing unsent, and is not tried again at once',
    (outcome) => {
      const after = absorb(aNewSnapshot(), writing(open, outcome));
      expect(after.memory.intent).toBeUndefined();
      expect(after.memory.retries['ledger']).toMatchObject({ failures: 1, notBefore: heldUntil(2_000) });
      expect(restingPoint(after, { kind: 'writeLedger', entry: open })).toMatchObject({ kind: 'rest' });
    },
  );

  test('with an outcome ends what was remembered of sending', () => {
    const before = aSnapshot({ ledger: aLedger({ outcome: OPEN }), memory: aMemory({ intent: maybeSent() }) });
    expect(absorb(before, writing(anEntry({ revision: 3 }))).memory.intent).toBeUndefined();
  });
});

describe('an order', () => {
  const before = aSnapshot({
    ledger: aLedger({ outcome: OPEN }),
    memory: aMemory({ intent: unsent(), retries: { create: { failures: 3, notBefore: ago(1), message: 'no' } } }),
    view: seeing(),
  });

  test('that was not sent stays unsent and has its next time', () => {
    const { memory } = absorb(before, ordering({ kind: 'notSent', message: 'No.', retryAfter: millis(40_000) }));
    expect(memory).toEqual<Memory>({
      ...before.memory,
      retries: { create: { failures: 4, notBefore: heldUntil(40_000), message: 'No.' } },
    });
  });

  test('without a clear answer may have been sent, and its window runs from the end of the order', () => {
    const outcome = { kind: 'unclear', cause: 'timeout' } as const;
    const { memory } = absorb(before, ordering(outcome));
    expect(memory).toEqual<Memory>({
      ...before.memory,
      intent: { attempt: ATTEMPT, progress: 'maybeSent', seenAt: AT, outcome },
      retries: {},
    });
  });

  test('that created a server remembers it until it is written down', () => {
    const outcome = { kind: 'created', server: aServer({ uuid: uuid(7) }) } as const;
    const { memory } = absorb(before, ordering(outcome));
    expect(memory.intent).toMatchObject({ progress: 'maybeSent', outcome });
    expect(memory.reads[uuid(7)]).toEqual({ server: outcome.server, at: AT, notFoundAt: [] });
  });
});

describe('a release', () => {
  const key = `release:${uuid(1)}`;
  const first = aSnapshot({ object: deleting() });
  const sent = { firstSentAt: AT, lastSentAt: AT, failedSince: undefined };
  test.each<[string, Result, Partial<Memory>]>([
    ['accepted', releasing({ kind: 'accepted', server: undefined }), { releases: { [uuid(1)]: sent } }],
    ['not found', releasing({ kind: 'notFound' }), { releases: { [uuid(1)]: sent } }],
    [
      'refused',
      releasing({ kind: 'refused', refusal }),
      {
        releases: { [uuid(1)]: sent },
        retries: { [key]: { failures: 1, notBefore: heldUntil(2_000), message: 'In transition.' } },
      },
    ],
    [
      'unclear',
      releasing({ kind: 'unclear', cause: 'timeout', retryAfter: millis(9_000) }),
      {
        releases: { [uuid(1)]: sent },
        retries: {
          [key]: { failures: 1, notBefore: heldUntil(9_000), message: 'there was no clear answer (timeout).' },
        },
      },
    ],
    [
      'not sent',
      releasing({ kind: 'notSent', message: 'Paused.', retryAfter: undefined }),
      { retries: { [key]: { failures: 1, notBefore: heldUntil(2_000), message: 'Paused.' } } },
    ],
  ])('%s', (_name, result, expected) => {
    expect(absorb(first, result).memory).toEqual({ ...first.memory, ...expected });
  });

  test('sent again keeps the time of the first', () => {
    const again = absorb(absorb(first, releasing({ kind: 'notFound' })), {
      ...releasing({ kind: 'notFound' }),
      at: heldUntil(5),
    });
    expect(again.memory.releases[uuid(1)]).toEqual({ ...sent, lastSentAt: heldUntil(5) });
  });
});

describe('a change of tags', () => {
  test('shows the server as it was answered', () => {
    const server = aServer({ tags: ['web'] });
    expect(absorb(aSnapshot(), tagging({ kind: 'applied', server })).memory.reads).toEqual({
      [uuid(1)]: { server, at: AT, notFoundAt: [] },
    });
  });

  test.each<[string, Result, string]>([
    ['refused', tagging({ kind: 'refused', refusal }), 'refused to add the tag web: In transition.'],
    ['unclear', tagging({ kind: 'unclear', cause: 'reset' }), 'no clear answer to add the tag web (reset)'],
    ['not sent', tagging({ kind: 'notSent', message: 'Stopping.', retryAfter: undefined }), 'Stopping.'],
  ])('%s has a time of its own', (_name, result, said) => {
    expect(absorb(aSnapshot(), result).memory.retries).toEqual({
      'tag:+web': { failures: 1, notBefore: heldUntil(2_000), message: expect.stringContaining(said) },
    });
  });
});

describe('a read of one server', () => {
  const read = (s: ServerSnapshot, agoMs: number) =>
    learn(s, { kind: 'getServer', server: uuid(1), outcome: { kind: 'notFound' }, at: ago(agoMs) });
  const failure = { kind: 'unavailable', message: 'HTTP 500', retryAfter: millis(30_000) } as const;

  test('that said not found counts once in 15 s, the newest three', () => {
    const times = [80, 70, 65, 50, 30].map((count) => seconds(count));
    const all = times.reduce(read, aSnapshot());
    expect(all.memory.reads[uuid(1)]?.notFoundAt).toEqual([65, 50, 30].map((count) => ago(seconds(count))));
  });

  test('that shows the server ends every doubt', () => {
    const doubted = aSnapshot({ memory: aMemory({ reads: { [uuid(1)]: notFoundAt(minutes(1)) } }) });
    const seen = learn(doubted, {
      kind: 'getServer',
      server: uuid(1),
      outcome: { kind: 'present', server: aServer() },
      at: ago(1),
    });
    expect(seen.memory.reads).toEqual({ [uuid(1)]: { server: aServer(), at: ago(1), notFoundAt: [] } });
  });

  test('that failed changes no belief and has its next time', () => {
    const doubted = aSnapshot({ memory: aMemory({ reads: { [uuid(1)]: notFoundAt(minutes(1)) } }) });
    const after = learn(doubted, {
      kind: 'getServer',
      server: uuid(1),
      outcome: { kind: 'unreadable', failure },
      at: MONO,
    });
    expect(after.memory).toEqual({
      ...doubted.memory,
      retries: { [`get:${uuid(1)}`]: { failures: 1, notBefore: monotonic(MONO + 30_000), message: 'HTTP 500' } },
    });
  });

  test('waits twice as long after each failure, five minutes at most, spread by a fifth', () => {
    const fail = (s: ServerSnapshot) =>
      learn(s, {
        kind: 'getServer',
        server: uuid(1),
        outcome: { kind: 'unreadable', failure: { kind: 'unavailable', message: '' } },
        at: MONO,
      });
    const waits: number[] = [];
    let s = aSnapshot({ jitter: 0.5 });
    for (let count = 0; count < 10; count += 1) {
      s = fail(s);
      waits.push((s.memory.retries[`get:${uuid(1)}`]?.notBefore ?? MONO) - MONO);
    }
    expect(waits.slice(0, 3)).toEqual([2_200, 4_400, 8_800]);
    expect(waits.at(-1)).toBe(330_000);
  });
});

describe('a look at the object', () => {
  test('takes an intent that it has not seen before for maybe sent, since now', () => {
    expect(refresh(aSnapshot({ ledger: aLedger({ outcome: OPEN }) })).memory.intent).toEqual(maybeSent(0));
  });

  test('keeps what it knows of the intent, but not of another attempt', () => {
    const ledger = aLedger({ outcome: OPEN });
    expect(refresh(aSnapshot({ ledger, memory: aMemory({ intent: unsent() }) })).memory.intent).toEqual(unsent());
    const other = unsent({ attempt: NEXT_ATTEMPT });
    expect(refresh(aSnapshot({ ledger, memory: aMemory({ intent: other }) })).memory.intent).toEqual(maybeSent(0));
  });

  test('drops a single read when a later listing shows the server, and only then', () => {
    const reads = { [uuid(1)]: notFoundAt(seconds(30)), [uuid(2)]: notFoundAt(seconds(30)) };
    expect(refresh(aSnapshot({ memory: aMemory({ reads }) })).memory.reads).toEqual({ [uuid(2)]: reads[uuid(2)] });
    const newer = { [uuid(1)]: notFoundAt(seconds(1)) };
    expect(refresh(aSnapshot({ memory: aMemory({ reads: newer }) })).memory.reads).toEqual(newer);
  });

  test('notes since which listing after its DELETE a server is still failed', () => {
    const release = {
      firstSentAt: ago(minutes(1)),
      lastSentAt: ago(minutes(1)),
      failedSince: undefined,
    };
    const look = (status: string, failedSince: typeof release.firstSentAt | undefined, listedAgo = seconds(5)) =>
      refresh(
        aSnapshot({
          object: deleting(),
          view: aView([aListing([aServer({ status })], listedAgo)]),
          memory: aMemory({ releases: { [uuid(1)]: { ...release, failedSince } } }),
        }),
      ).memory.releases[uuid(1)]?.failedSince;
    expect(look('failed', undefined)).toBe(ago(seconds(5)));
    expect(look('failed', ago(seconds(50)))).toBe(ago(seconds(50)));
    expect(look('failed', undefined, minutes(2))).toBeUndefined();
    expect(look('delivered', ago(seconds(50)))).toBeUndefined();
  });

  test('remembers since when it knows of the deletion', () => {
    expect(refresh(aSnapshot({ object: deleting() })).memory.deletionSeenAt).toBe(MONO);
    const known = aMemory({ deletionSeenAt: ago(9) });
    expect(refresh(aSnapshot({ object: deleting(), memory: known })).memory.deletionSeenAt).toBe(ago(9));
    expect(refresh(aSnapshot({ object: anObject(), memory: known })).memory.deletionSeenAt).toBeUndefined();
  });
});

describe('taking the finalizer off', () => {
  const dropping = (outcome: WriteOutcome): Result => ({
    kind: 'dropFinalizer',
    effect: { kind: 'dropFinalizer', because: { kind: 'neverOrdered' } },
    outcome,
    at: AT,
  });
  const failedBefore = aMemory({ retries: { finalizer: { failures: 1, notBefore: AT, message: 'no answer' } } });

  test('shows the object as it was written, and its next failure starts over', () => {
    const object = storedWith(anEntry(), { finalizers: [] });
    const after = absorb(aSnapshot({ memory: failedBefore }), dropping({ kind: 'written', object }));
    expect(after.object).toEqual(object);
    expect(after.memory.retries).toEqual({});
  });

  test.each<[string, WriteOutcome, string]>([
    ['the object is gone', { kind: 'gone' }, 'The object is gone.'],
    [
      'somebody wrote first',
      { kind: 'conflict' },
      'Somebody else changed the object at the same moment; it is looked at again.',
    ],
    ['it failed', { kind: 'failed', message: 'HTTP 500' }, 'HTTP 500'],
  ])('has its next time when %s', (_name, outcome, message) => {
    expect(absorb(aSnapshot(), dropping(outcome)).memory.retries).toEqual({
      finalizer: { failures: 1, notBefore: heldUntil(2_000), message },
    });
  });
});

describe('what an earlier failure left behind goes', () => {
  const failures = (key: string) => aMemory({ retries: { [key]: { failures: 3, notBefore: AT, message: 'no' } } });
  test('with an order that was answered', () => {
    const answered = ordering({ kind: 'created', server: aServer() });
    expect(absorb(aSnapshot({ memory: failures('create') }), answered).memory.retries).toEqual({});
  });

  test('with a release that was accepted, which shows the server as it was answered', () => {
    const server = aServer({ status: 'releasing' });
    const s = aSnapshot({ memory: failures(`release:${uuid(1)}`) });
    const after = absorb(s, releasing({ kind: 'accepted', server }));
    expect(after.memory.retries).toEqual({});
    expect(after.memory.reads).toEqual({ [uuid(1)]: { server, at: AT, notFoundAt: [] } });
  });
});

test("a reply that names a server with another object's uid is no clear answer, and the server is not ours", () => {
  const server = aServer({ tags: [`flexmetal-uid:${STRANGER}`] });
  const after = absorb(aSnapshot(), ordering({ kind: 'created', server }));
  expect(after.memory.intent).toEqual({
    attempt: ATTEMPT,
    progress: 'maybeSent',
    seenAt: AT,
    outcome: { kind: 'unclear', cause: "the reply names a server with another object's uid tag" },
  });
  expect(after.memory.reads).toEqual({});
});

test('a tag that could not be removed has its own time and says so', () => {
  const effect = { kind: 'removeTag', server: uuid(1), tag: 'old' } as const;
  const outcome = { kind: 'refused', refusal } as const;
  expect(absorb(aSnapshot(), { kind: 'changeTag', effect, outcome, at: AT }).memory.retries).toEqual({
    'tag:-old': {
      failures: 1,
      notBefore: heldUntil(2_000),
      message: 'The vendor refused to remove the tag old: In transition.',
    },
  });
});
