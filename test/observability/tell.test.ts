import { describe, expect, test } from 'vitest';
import { objectKey, parseAttemptId, parseObjectUid, parseServerUuid } from '../../src/base/ids.ts';
import { millis, minutes } from '../../src/base/time.ts';
import type { EventToEmit } from '../../src/observability/event-sink.ts';
import type { Happening, ObjectRef } from '../../src/observability/happening.ts';
import type { LogFields, LogLevel, Logger } from '../../src/observability/logger.ts';
import { createMetrics } from '../../src/observability/metrics.ts';
import type { StandingHappening } from '../../src/observability/tell.ts';
import { createTeller } from '../../src/observability/tell.ts';
import { TELLINGS } from '../../src/observability/telling.ts';

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the test has a wrong id');
  return value;
}

const SERVER = known(parseServerUuid('0192c3b6-611f-7000-8000-000000000001'));
const OTHER = known(parseServerUuid('0192c3b6-611f-7000-8000-000000000002'));
const ATTEMPT = known(parseAttemptId('0123456789abcdef'));
const NEXT_ATTEMPT = known(parseAttemptId('fedcba9876543210'));
const refusal = { class: 'invalid', message: 'no such location.' } as const;
const failure = { kind: 'unavailable', message: 'HTTP 503' } as const;

const anObject = (name = 'web', uid = 'uid-1'): ObjectRef => ({
  apiVersion: 'flexmetal.i3d.net/v1alpha1',
  kind: 'FlexMetalServer',
  key: objectKey('games', name),
  uid: known(parseObjectUid(uid)),
});
const object = anObject();
const lease: ObjectRef = { ...anObject('operator', 'uid-lease'), apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' };

interface Line {
  readonly level: LogLevel;
  readonly fields: LogFields;
  readonly message: string;
}

function setUp(self: ObjectRef | undefined = lease) {
  const lines: Line[] = [];
  const events: EventToEmit[] = [];
  const at = (level: LogLevel) => (fields: LogFields, message: string) => void lines.push({ level, fields, message });
  const log: Logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), child: () => log };
  const metrics = createMetrics({ version: 'test', nodeVersion: 'test' });
  const teller = createTeller({ log, metrics, events: { emit: (event) => void events.push(event) }, self });
  return { ...teller, lines, events, metrics };
}

/** One of each kind. The type makes this complete. */
const EXAMPLES: { readonly [K in Happening['kind']]: Extract<Happening, { kind: K }> } = {
  intentRecorded: { kind: 'intentRecorded', object, attempt: ATTEMPT },
  orderSent: { kind: 'orderSent', object, attempt: ATTEMPT },
  orderCreated: { kind: 'orderCreated', object, attempt: ATTEMPT, server: SERVER, tookMs: millis(1_200) },
  orderRefused: { kind: 'orderRefused', object, attempt: ATTEMPT, refusal },
  orderUnclear: { kind: 'orderUnclear', object, attempt: ATTEMPT, cause: 'timeout', settleWindowMs: minutes(5) },
  orderSettled: { kind: 'orderSettled', object, attempt: ATTEMPT, became: { kind: 'adopted', server: SERVER } },
  serverAdopted: { kind: 'serverAdopted', object, server: SERVER, how: 'answer' },
  duplicateServers: { kind: 'duplicateServers', object, servers: [SERVER, OTHER] },
  previousServerFound: { kind: 'previousServerFound', object, servers: [SERVER] },
  suspectServer: { kind: 'suspectServer', object, servers: [SERVER], attempt: ATTEMPT },
  ownershipUnproven: { kind: 'ownershipUnproven', object, server: SERVER },
  accountChanged: { kind: 'accountChanged', object, attempt: ATTEMPT },
  answerRefused: { kind: 'answerRefused', object, answer: 'adopt=x', cause: 'x is no uuid' },
  inputsMissing: { kind: 'inputsMissing', object, cause: 'Secret keys has no key web' },
  invalidSpec: { kind: 'invalidSpec', object, cause: 'os.slug is missing' },
  brakeEngaged: { kind: 'brakeEngaged', object, brake: 'serversMax', count: 100, limit: 100 },
  paused: { kind: 'paused', object },
  resumed: { kind: 'resumed', object },
  heldByObserveMode: { kind: 'heldByObserveMode', object, action: 'release' },
  serverDelivered: { kind: 'serverDelivered', object, server: SERVER, sinceOrderMs: minutes(20) },
  provisioningSlow: { kind: 'provisioningSlow', object, server: SERVER, elapsedMs: minutes(46) },
  provisioningFailed: { kind: 'provisioningFailed', object, server: SERVER, statusMessage: 'disk broken' },
  serverLost: { kind: 'serverLost', object, server: SERVER },
  releaseSent: { kind: 'releaseSent', object, server: SERVER },
  releaseRefused: { kind: 'releaseRefused', object, server: SERVER, refusal },
  releaseUnclear: { kind: 'releaseUnclear', object, server: SERVER, cause: 'timeout' },
  serverReleased: { kind: 'serverReleased', object, server: SERVER },
  releaseStuck: { kind: 'releaseStuck', object, server: SERVER, elapsedMs: minutes(30) },
  deletionProtected: { kind: 'deletionProtected', object },
  retained: { kind: 'retained', object, servers: [SERVER] },
  forgotten: { kind: 'forgotten', object, what: SERVER },
  failedLetGo: { kind: 'failedLetGo', object, servers: [SERVER] },
  tagAdded: { kind: 'tagAdded', object, server: SERVER, tag: 'web' },
  tagRemoved: { kind: 'tagRemoved', object, server: SERVER, tag: 'web' },
  tagRefused: { kind: 'tagRefused', object, server: SERVER, tag: 'web', action: 'add', refusal },
  ruled: { kind: 'ruled', object, rule: 'settle', step: 'OrderUnclear', because: 'It may exist.' },
  fenceRefused: { kind: 'fenceRefused', object, action: 'order', cause: 'notLeader' },
  passFailed: { kind: 'passFailed', object, error: new Error('bug') },
  brakeReleased: { kind: 'brakeReleased', brake: 'serversMax' },
  orphanSeen: {
    kind: 'orphanSeen',
    server: SERVER,
    serverName: 'web',
    location: 'EU: Rotterdam',
    serverStatus: 'delivered',
  },
  listingIncomplete: { kind: 'listingIncomplete', cause: 'pagesMax (200) reached' },
  apiUnavailable: { kind: 'apiUnavailable', failure },
  crdOutdated: { kind: 'crdOutdated', fields: ['order.revision'] },
  crdFits: { kind: 'crdFits' },
  apiRecovered: { kind: 'apiRecovered' },
  credentialsInvalid: { kind: 'credentialsInvalid', cause: 'HTTP 403' },
  credentialsRecovered: { kind: 'credentialsRecovered' },
  leadershipAcquired: { kind: 'leadershipAcquired', lease: 'flexmetal-operator', identity: 'pod-1' },
  leadershipLost: { kind: 'leadershipLost', lease: 'flexmetal-operator', identity: 'pod-1', cause: 'not renewed' },
};
const ALL = Object.values(EXAMPLES);
/** What must have been told before. */
const BEFORE: Partial<Record<Happening['kind'], Happening>> = {
  resumed: EXAMPLES.paused,
  crdFits: EXAMPLES.crdOutdated,
  apiRecovered: EXAMPLES.apiUnavailable,
  credentialsRecovered: EXAMPLES.credentialsInvalid,
};

describe('one happening', () => {
  test('is one line, one metric and one Event', async () => {
    const { tell, lines, events, metrics } = setUp();
    tell(EXAMPLES.orderUnclear);
    expect(lines).toEqual([
      {
        level: 'warn',
        message: 'order has no clear outcome',
        fields: {
          happening: 'orderUnclear',
          resource: 'FlexMetalServer',
          namespace: 'games',
          name: 'web',
          uid: 'uid-1',
          attempt: ATTEMPT,
          cause: 'timeout',
          settleWindowMs: 300_000,
        },
      },
    ]);
    expect(events).toEqual([
      {
        object,
        type: 'Warning',
        reason: 'OrderUnclear',
        action: 'Order',
        note:
          `Nobody knows yet whether the order went through (attempt ${ATTEMPT}: timeout). ` +
          'No other order is sent until complete listings after 5 min have settled it.',
      },
    ]);
    expect((await metrics.render()).body).toContain('flexmetal_order_attempts_total{result="unclear"} 1');
  });

  test.each(ALL.map((happening) => [happening.kind, happening] as const))('%s is told', (kind, happening) => {
    const { tell, lines, events } = setUp();
    const before = BEFORE[kind];
    if (before !== undefined) tell(before);
    tell(happening);
    expect(lines.at(-1)?.fields).toMatchObject({ happening: kind });
    for (const { reason, action, note } of events) {
      expect(reason).toMatch(/^[A-Z][A-Za-z]{1,127}$/);
      expect(action).toMatch(/^[A-Z][A-Za-z]{1,127}$/);
      expect(note).toMatch(/^\S.{2,999}$/u);
      expect(note).not.toMatch(/undefined|NaN|\[object/);
    }
  });

  test('an error goes into the line, never into the Event', () => {
    const { tell, lines, events } = setUp();
    const error = new Error('canary');
    tell({ kind: 'passFailed', object, error });
    expect(lines[0]?.fields).toMatchObject({ err: error });
    expect(events[0]?.note).not.toContain('canary');
  });

  test('a long note is cut to what the API server takes', () => {
    const { tell, events } = setUp();
    tell({ kind: 'invalidSpec', object, cause: 'x'.repeat(5_000) });
    expect(events[0]?.note).toHaveLength(1_000);
  });

  test('many uuids are named up to five', () => {
    const { tell, events } = setUp();
    const servers = Array.from({ length: 7 }, (_, at) =>
      known(parseServerUuid(`0192c3b6-611f-7000-8000-00000000000${at}`)),
    );
    tell({ kind: 'duplicateServers', object, servers });
    expect(events[0]?.note).toContain('000000000004 and 2 more');
  });

  test('what concerns no object is an Event about the operator', () => {
    const { tell, events } = setUp();
    tell(EXAMPLES.credentialsInvalid);
    expect(events[0]).toMatchObject({ object: lease, reason: 'CredentialsInvalid' });
  });

  test('without an object of the operator it is a line only', () => {
    const lines: string[] = [];
    const events: EventToEmit[] = [];
    const log: Logger = {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: (_fields, message) => void lines.push(message),
      child: () => log,
    };
    const metrics = createMetrics({ version: '', nodeVersion: '' });
    createTeller({ log, metrics, events: { emit: (event) => void events.push(event) }, self: undefined }).tell(
      EXAMPLES.credentialsInvalid,
    );
    expect([lines.length, events.length]).toEqual([1, 0]);
  });
});

describe('metrics', () => {
  test.each<[string, readonly Happening[], string]>([
    ['a created order', [EXAMPLES.orderCreated], 'flexmetal_order_attempts_total{result="created"} 1'],
    ['a refused order', [EXAMPLES.orderRefused], 'flexmetal_order_attempts_total{result="refused"} 1'],
    ['an order told twice', [EXAMPLES.orderCreated, EXAMPLES.orderCreated], 'result="created"} 1'],
    ['duplicates', [EXAMPLES.duplicateServers], 'flexmetal_duplicates_detected_total 1'],
    ['a brake', [EXAMPLES.brakeEngaged], 'flexmetal_brake_engaged{brake="serversMax"} 1'],
    [
      'a brake released',
      [EXAMPLES.brakeEngaged, EXAMPLES.brakeReleased],
      'flexmetal_brake_engaged{brake="serversMax"} 0',
    ],
    ['a delivery after 20 minutes', [EXAMPLES.serverDelivered], 'flexmetal_time_to_ready_seconds_bucket{le="1200"} 1'],
    ['a lost server', [EXAMPLES.serverLost], 'flexmetal_lost_total 1'],
    ['a release sent', [EXAMPLES.releaseSent], 'flexmetal_releases_total{result="sent"} 1'],
    ['a release done', [EXAMPLES.serverReleased], 'flexmetal_releases_total{result="released"} 1'],
    ['servers retained', [{ kind: 'retained', object, servers: [SERVER, OTHER] }], 'result="retained"} 2'],
    [
      'the fence',
      [EXAMPLES.fenceRefused, EXAMPLES.fenceRefused],
      'flexmetal_fence_refusals_total{reason="notLeader"} 2',
    ],
    ['the leader', [EXAMPLES.leadershipAcquired], 'leader_election_master_status{name="flexmetal-operator"} 1'],
    [
      'no leader any more',
      [EXAMPLES.leadershipAcquired, EXAMPLES.leadershipLost],
      'leader_election_master_status{name="flexmetal-operator"} 0',
    ],
  ])('%s', async (_name, happenings, expected) => {
    const { tell, metrics } = setUp();
    for (const happening of happenings) tell(happening);
    expect((await metrics.render()).body).toContain(expected);
  });
});

describe('told once a transition', () => {
  test.each<[string, readonly Happening[], number]>([
    ['the same transition seen twice', [EXAMPLES.orderUnclear, EXAMPLES.orderUnclear], 1],
    [
      'another attempt is another transition',
      [EXAMPLES.orderSent, { ...EXAMPLES.orderSent, attempt: NEXT_ATTEMPT }],
      2,
    ],
    [
      'a state that only grew older',
      [EXAMPLES.provisioningSlow, { ...EXAMPLES.provisioningSlow, elapsedMs: minutes(50) }],
      1,
    ],
    [
      'the same servers in another order',
      [EXAMPLES.duplicateServers, { ...EXAMPLES.duplicateServers, servers: [OTHER, SERVER] }],
      1,
    ],
    [
      'the same ruling with its reason in other words',
      [EXAMPLES.ruled, { ...EXAMPLES.ruled, because: 'It may still exist.' }],
      1,
    ],
    ['other servers', [EXAMPLES.duplicateServers, { ...EXAMPLES.duplicateServers, servers: [SERVER] }], 2],
    ['a brake whose count moves', [EXAMPLES.brakeEngaged, { ...EXAMPLES.brakeEngaged, count: 101 }], 1],
    [
      'two brakes by turns',
      [EXAMPLES.brakeEngaged, { ...EXAMPLES.brakeEngaged, brake: 'ordersPerHourMax' }, EXAMPLES.brakeEngaged],
      2,
    ],
    ['two refused tags by turns', [EXAMPLES.tagRefused, { ...EXAMPLES.tagRefused, tag: 'b' }, EXAMPLES.tagRefused], 2],
    ['a tag added, and refused later', [EXAMPLES.tagRefused, EXAMPLES.tagAdded, EXAMPLES.tagRefused], 3],
    ['the same state of another object', [EXAMPLES.paused, { kind: 'paused', object: anObject('db', 'uid-2') }], 2],
    ['the same name with another uid', [EXAMPLES.paused, { kind: 'paused', object: anObject('web', 'uid-2') }], 2],
    ['resumed without a pause', [EXAMPLES.resumed], 0],
    ['paused, resumed, resumed, paused', [EXAMPLES.paused, EXAMPLES.resumed, EXAMPLES.resumed, EXAMPLES.paused], 3],
    ['recovered without a failure', [EXAMPLES.credentialsRecovered, EXAMPLES.apiRecovered], 0],
    [
      'recovered from two failures at once',
      [EXAMPLES.apiUnavailable, EXAMPLES.listingIncomplete, EXAMPLES.apiRecovered, EXAMPLES.apiRecovered],
      3,
    ],
    [
      'delivered, failed, delivered again',
      [EXAMPLES.serverDelivered, EXAMPLES.provisioningFailed, EXAMPLES.serverDelivered],
      3,
    ],
    [
      'two orphans, again and again',
      [EXAMPLES.orphanSeen, { ...EXAMPLES.orphanSeen, server: OTHER }, EXAMPLES.orphanSeen],
      2,
    ],
    ['each release', [EXAMPLES.releaseSent, EXAMPLES.releaseSent], 2],
  ])('%s', (_name, happenings, expected) => {
    const { tell, lines } = setUp();
    for (const happening of happenings) tell(happening);
    expect(lines).toHaveLength(expected);
  });

  test.each<[string, readonly (readonly StandingHappening[])[], number]>([
    ['a state that holds pass after pass', [[EXAMPLES.duplicateServers], [EXAMPLES.duplicateServers]], 1],
    ['a state that ended and came back', [[EXAMPLES.duplicateServers], [], [EXAMPLES.duplicateServers]], 2],
    ['two states, one of which ends', [[EXAMPLES.invalidSpec, EXAMPLES.provisioningSlow], [EXAMPLES.invalidSpec]], 2],
    [
      'one brake follows the other',
      [[EXAMPLES.brakeEngaged], [{ ...EXAMPLES.brakeEngaged, brake: 'ordersPerHourMax' }], [EXAMPLES.brakeEngaged]],
      3,
    ],
  ])('over passes: %s', (_name, passes, expected) => {
    const { standing, lines } = setUp();
    for (const happenings of passes) standing(object, happenings);
    expect(lines).toHaveLength(expected);
  });

  test('a pass without states ends none of another object, and no pause', () => {
    const { tell, standing, lines } = setUp();
    standing(object, [EXAMPLES.duplicateServers]);
    tell(EXAMPLES.paused);
    standing(anObject('db', 'uid-2'), []);
    standing(object, [EXAMPLES.duplicateServers]);
    tell(EXAMPLES.paused);
    expect(lines).toHaveLength(2);
  });

  test('a forgotten object is news again', () => {
    const { tell, forget, lines } = setUp();
    tell(EXAMPLES.paused);
    forget(object);
    tell(EXAMPLES.paused);
    expect(lines).toHaveLength(2);
  });

  test('of too many objects the one told about for longest is forgotten, the others are not', () => {
    const { tell, lines } = setUp();
    for (let at = 0; at <= 20_000; at += 1) tell({ kind: 'paused', object: anObject('web', `uid-${at}`) });
    const before = lines.length;
    tell({ kind: 'paused', object: anObject('web', 'uid-20000') });
    expect(lines.length - before).toBe(0);
    tell({ kind: 'paused', object: anObject('web', 'uid-0') });
    expect(lines.length - before).toBe(1);
  });
});

test('messages are static and tell kinds apart', () => {
  const messages = Object.values(TELLINGS).map(({ message }) => message);
  expect(new Set(messages).size).toBe(messages.length);
});
