import { describe, expect, test } from 'vitest';
import { hours, millis, minutes, seconds } from '../../../../src/base/time.ts';
import type { RefusalClass } from '../../../../src/core/model/outcomes.ts';
import type { ServerSnapshot } from '../../../../src/core/model/snapshot.ts';
import { decide } from '../../../../src/core/server/decide.ts';
import { ANNOTATION } from '../../../../src/resources/names.ts';
import {
  ACCOUNT,
  aLedger,
  aListing,
  aMemory,
  aNewSnapshot,
  anEntry,
  aRequest,
  aServer,
  aSettings,
  ATTEMPT,
  aView,
  ago,
  answering,
  before,
  MONO,
  NEXT_ATTEMPT,
  NOW,
  OPEN,
  OTHER_ACCOUNT,
  OTHER_CLUSTER,
  ourTags,
  seeing,
  SPEC_HASH,
  STRANGER,
  uuid,
} from '../../../support/builders.ts';
import type { Expected } from '../expectations.ts';
import { after, asks, blocks, next, waits, writes } from '../expectations.ts';

const ready = { kind: 'ready', request: aRequest() } as const;
const wanted = (differing: Partial<ServerSnapshot> = {}): ServerSnapshot =>
  aNewSnapshot({ inputs: ready, ...differing });
const firstIntent = writes({
  ...anEntry({ attempt: NEXT_ATTEMPT, revision: 1, requestedAt: NOW, account: ACCOUNT }),
  outcome: OPEN,
});
const secondIntent = (entry = anEntry()): Expected =>
  writes(
    next(entry, OPEN, { attempt: NEXT_ATTEMPT, attempts: 2, requestedAt: NOW, account: ACCOUNT, specHash: SPEC_HASH }),
  );
const formerTags = ourTags(ATTEMPT, STRANGER);
const answer = (verb: string): string =>
  `kubectl -n games annotate fms web --overwrite ${ANNOTATION.resolve}=${verb}=${uuid(1)}`;
const former = aServer({ tags: formerTags });

describe('an object without a server', () => {
  test.each<[string, ServerSnapshot, Expected]>([
    ['gets an intent when nothing stands against it', wanted(), firstIntent],
    [
      'looks at a listing begun after the last news of it first',
      wanted({ newsAt: ago(seconds(2)) }),
      asks({ kind: 'list', begunAfter: ago(seconds(2)) }),
    ],
    ['wants no listing of its own for a look without news', wanted({ queuedAt: ago(seconds(2)) }), firstIntent],
    [
      'is not content with an old listing, however old the news',
      wanted({ newsAt: ago(minutes(30)), view: aView([aListing([], minutes(3))]) }),
      asks({ kind: 'list', begunAfter: ago(minutes(2)) }),
    ],
    [
      "is not content with another account's listing",
      wanted({ view: { ...seeing(), account: OTHER_ACCOUNT } }),
      asks({ kind: 'list', begunAfter: MONO }),
    ],
    [
      'says why the listing does not come',
      wanted({
        view: aView([], {
          failure: {
            kind: 'unreadable',
            failure: { kind: 'credentials', message: 'HTTP 401: the key is wrong.' },
            at: ago(1),
          },
        }),
        memory: aMemory({ retries: { list: { failures: 1, notBefore: ago(-9_000), message: 'no list' } } }),
      }),
      waits('CredentialsInvalid', 'HTTP 401', { kind: 'onListing', atMost: seconds(9) }),
    ],
    ['asks for the order before the intent', wanted({ inputs: { kind: 'notAsked' } }), asks({ kind: 'inputs' })],
    [
      'holds no intent while Secrets are missing',
      wanted({ inputs: { kind: 'missing', message: 'spec.sshKeys[0]: the Secret games/keys does not exist.' } }),
      blocks('InputsMissing', 'games/keys', after(minutes(1))),
    ],
    [
      'holds no intent with a spec that cannot be used',
      wanted({ spec: { kind: 'invalid', message: 'spec.os: required' } }),
      blocks('InvalidSpec', 'spec.os', { kind: 'onChange' }),
    ],
    [
      'orders nothing in mode observe, and does not keep the poller quick',
      wanted({ settings: aSettings({ mode: 'observe' }) }),
      waits('ObserveMode', 'mode observe', { kind: 'onListing', atMost: minutes(10) }),
    ],
    [
      'orders nothing without a token',
      wanted({ account: { kind: 'unreadable', message: 'The token file is missing.' } }),
      blocks('CredentialsInvalid', 'token file'),
    ],
    [
      'is braked by the number of servers',
      wanted({ brakes: { servers: 100, ordersLastHour: 0 } }),
      waits('BrakeEngaged', '100 servers and open orders, the limit is 100 (setting serversMax)'),
    ],
    [
      'is braked by the number of orders in the last hour',
      wanted({ brakes: { servers: 0, ordersLastHour: 20 } }),
      waits('BrakeEngaged', '20 orders were made in the last hour, the limit is 20 (setting ordersPerHourMax)'),
    ],
    ['takes the last place', wanted({ brakes: { servers: 99, ordersLastHour: 19 } }), firstIntent],
    [
      'waits for its own time when the intent could not be written',
      wanted({ memory: aMemory({ retries: { ledger: { failures: 1, notBefore: ago(-1_000), message: 'no.' } } }) }),
      waits('Ordering', 'no.', after(seconds(1))),
    ],
    [
      "dates the intent by the vendor's clock",
      wanted({ view: aView([aListing([], seconds(5), before(minutes(10)))]) }),
      writes({
        ...anEntry({ attempt: NEXT_ATTEMPT, revision: 1, requestedAt: before(minutes(10) - seconds(5)) }),
        outcome: OPEN,
      }),
    ],
  ])('%s', (_name, snapshot, expected) => {
    expect(decide(snapshot)).toEqual(expected);
  });
});

describe('a server of a former object of the same name', () => {
  test.each<[string, ServerSnapshot, Expected]>([
    [
      'blocks with both answers',
      wanted({ view: seeing(former) }),
      blocks(
        'PreviousServerExists',
        `To take it over, answer ${answer('adopt')}; to leave it alone and order another, ${answer('forget')}`,
      ),
    ],
    ['blocks while it lives', wanted({ view: seeing(former) }), blocks('PreviousServerExists', `adopt=${uuid(1)}`)],
    [
      'is waited for while it is going',
      wanted({ view: seeing({ ...former, status: 'releasing' }) }),
      waits('PreviousServerExists', 'the order follows'),
    ],
    ['is history when it is released', wanted({ view: seeing({ ...former, status: 'released' }) }), firstIntent],
    [
      'is none of ours in another cluster',
      wanted({
        view: seeing({
          ...former,
          tags: [...formerTags.filter((tag) => !tag.includes('cluster')), `flexmetal-cluster:${OTHER_CLUSTER}`],
        }),
      }),
      firstIntent,
    ],
    [
      'is left alone when a person said so',
      wanted({
        ledger: aLedger({ outcome: { kind: 'withdrawn', at: before(1) }, forgotten: [uuid(1)] }),
        view: seeing(former),
      }),
      secondIntent(anEntry({ forgotten: [uuid(1)] })),
    ],
  ])('%s', (_name, snapshot, expected) => {
    expect(decide(snapshot)).toEqual(expected);
  });
});

describe('after an attempt that led to nothing', () => {
  const absent = { kind: 'absent', at: before(minutes(1)) } as const;
  test.each<[string, ServerSnapshot, Expected]>([
    ['a withdrawn one is followed at once', ordered({ outcome: { kind: 'withdrawn', at: before(1) } }), secondIntent()],
    [
      'one proved absent is followed at once',
      ordered({ outcome: absent, everUnclear: true }),
      secondIntent(anEntry({ everUnclear: true })),
    ],
    [
      'one proved absent in another account is not followed',
      ordered({ outcome: absent, account: OTHER_ACCOUNT }),
      blocks('AccountChanged', `reorder=${ATTEMPT}`),
    ],
    [
      'one that was refused by another account is followed in this one',
      ordered({ outcome: refusedAs('credentials'), account: OTHER_ACCOUNT }),
      secondIntent(),
    ],
    [
      'one that was refused in another account after an unclear one is not',
      ordered({ outcome: refusedAs('credentials'), account: OTHER_ACCOUNT, everUnclear: true }),
      blocks('AccountChanged', `reorder=${ATTEMPT}`),
    ],
    [
      'a full quota of another account holds up this one too: only a new token ends a refusal of the token',
      ordered({ outcome: refusedAs('quota'), account: OTHER_ACCOUNT }),
      waits('QuotaExceeded', 'Ask i3D.net for more quota', after(minutes(1))),
    ],
    [
      'a refusal of this very moment waits its whole time',
      ordered({ outcome: { ...refusedAs('invalid'), at: NOW } }),
      blocks('OrderRefused', 'or at once when the spec is corrected', after(minutes(1))),
    ],
    [
      'one that named something unknown is tried again when the spec is corrected',
      ordered({ outcome: refusedAs('notFound') }),
      blocks('OrderRefused', 'or at once when the spec is corrected', after(minutes(1))),
    ],
    [
      'one that met a machine in transition is tried again, and there is nothing to do about it',
      ordered({ outcome: refusedAs('inTransition') }),
      waits('CapacityLimited', 'it is tried again at 2026-11-24T20:01:00Z.', after(minutes(1))),
    ],
    [
      'when an order before it was unclear, nobody is asked for a correction that the API server would refuse',
      ordered({ outcome: refusedAs('invalid'), everUnclear: true }),
      blocks('OrderRefused', 'delete this object and create another', after(minutes(1))),
    ],
    [
      'nor is another place or type named to whoever cannot choose one',
      ordered({ outcome: refusedAs('quota'), everUnclear: true }),
      waits('QuotaExceeded', 'release servers. The spec is fixed', after(minutes(1))),
    ],
    [
      'a corrected spec is tried at once',
      ordered({ outcome: refusedAs('invalid'), specHash: 'before' }),
      secondIntent(),
    ],
    [
      'a clock that was set back holds nothing up',
      ordered({ outcome: { ...refusedAs('invalid'), at: before(0 - hours(5)) } }),
      secondIntent(),
    ],
  ])('%s', (_name, snapshot, expected) => {
    expect(decide(snapshot)).toEqual(expected);
  });

  function ordered(differing: Parameters<typeof aLedger>[0]): ServerSnapshot {
    return wanted({ ledger: aLedger(differing) });
  }
});

function refusedAs(kind: RefusalClass, agoMs = 0) {
  return { kind: 'refused', refusal: { class: kind, message: 'The vendor said no.' }, at: before(agoMs) } as const;
}

describe('after a refusal the next order waits by its class', () => {
  const BY_CLASS: readonly [
    RefusalClass,
    number,
    number,
    (said: string, wakeUp: ReturnType<typeof after>) => Expected,
  ][] = [
    ['notConnected', seconds(5), minutes(5), (said, at) => waits('ApiUnavailable', said, at)],
    ['credentials', seconds(30), minutes(10), (said, at) => blocks('CredentialsInvalid', said, at)],
    ['quota', minutes(1), minutes(15), (said, at) => waits('QuotaExceeded', said, at)],
    ['inTransition', minutes(1), minutes(15), (said, at) => waits('CapacityLimited', said, at)],
    ['notFound', minutes(1), hours(1), (said, at) => blocks('OrderRefused', said, at)],
    ['invalid', minutes(1), hours(1), (said, at) => blocks('OrderRefused', said, at)],
  ];
  const refused = (kind: RefusalClass, attempts: number, agoMs: number): ServerSnapshot =>
    wanted({ ledger: aLedger({ outcome: refusedAs(kind, agoMs), attempts }) });

  test.each(BY_CLASS)('%s: first, doubled, longest', (kind, first, longest, expected) => {
    const said = 'The vendor said no.';
    expect(decide(refused(kind, 1, 1_000))).toEqual(expected(said, after(millis(first - 1_000))));
    expect(decide(refused(kind, 2, 1_000))).toEqual(expected(said, after(millis(2 * first - 1_000))));
    expect(decide(refused(kind, 500, 1_000))).toEqual(expected(said, after(millis(longest - 1_000))));
    expect(decide(refused(kind, 1, first))).toEqual(secondIntent());
  });
});

test('an answer that names a server holds the order up while that server cannot be read', () => {
  const snapshot = wanted({
    object: { ...answering(`adopt=${uuid(7)}`), finalizers: [] },
    memory: aMemory({
      retries: {
        [`get:${uuid(7)}`]: {
          failures: 1,
          notBefore: ago(-5_000),
          message: 'The FlexMetal API gave no answer.',
        },
      },
    }),
  });
  expect(decide(snapshot)).toEqual(waits('Pending', 'the answer in the annotation resolve'));
});
