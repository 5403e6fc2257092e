import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { minutes, seconds } from '../../src/base/time.ts';
import { KubeClient } from '../../src/kube/client.ts';
import type { EventNote } from '../../src/kube/events.ts';
import { clipBytes, EventRecorder } from '../../src/kube/events.ts';
import type { KubeRequest, KubeResult } from '../../src/kube/transport.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { anObject } from './support/objects.ts';
import { failed, ok, ScriptedTransport, status } from './support/scripted-transport.ts';

const stored = ok({
  apiVersion: 'events.k8s.io/v1',
  kind: 'Event',
  metadata: { name: 'e', namespace: 'games', uid: 'uid-e', resourceVersion: '1' },
});

function setUp(answer: (request: KubeRequest) => KubeResult | Promise<KubeResult> = () => stored) {
  const clock = new VirtualClock();
  const transport = new ScriptedTransport();
  transport.answer = answer;
  const dropped: string[] = [];
  const recorder = new EventRecorder({
    client: new KubeClient({ transport, clock, random: seededRandom(1) }),
    clock,
    random: seededRandom(1),
    reportingController: 'flexmetal.i3d.net/operator',
    reportingInstance: 'operator-0',
    onDropped: (why) => dropped.push(why),
  });
  const bodies = (): Record<string, unknown>[] => transport.sent.map((request) => JSON.parse(request.body ?? ''));
  return { clock, transport, recorder, dropped, bodies };
}

const anEvent = (change: Partial<EventNote> = {}): EventNote => ({
  regarding: anObject(),
  type: 'Normal',
  reason: 'Ordered',
  action: 'Order',
  note: 'server ordered',
  ...change,
});

describe('one event', () => {
  test('is written whole, as the API server demands it', async () => {
    const { clock, transport, recorder, bodies } = setUp();
    recorder.record(anEvent());
    expect(transport.sent).toEqual([]);
    await clock.settle();
    expect(transport.sent.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /apis/events.k8s.io/v1/namespaces/games/events?fieldManager=flexmetal-operator',
    ]);
    expect(bodies()).toEqual([
      {
        apiVersion: 'events.k8s.io/v1',
        kind: 'Event',
        metadata: { namespace: 'games', name: expect.stringMatching(/^web-1\.[0-9a-f]{16}$/) },
        eventTime: '2026-11-24T20:00:00.000000Z',
        reportingController: 'flexmetal.i3d.net/operator',
        reportingInstance: 'operator-0',
        type: 'Normal',
        reason: 'Ordered',
        action: 'Order',
        note: 'server ordered',
        regarding: {
          apiVersion: 'flexmetal.i3d.net/v1alpha1',
          kind: 'FlexMetalServer',
          namespace: 'games',
          name: 'web-1',
          uid: 'uid-web-1',
          resourceVersion: '1',
        },
      },
    ]);
  });

  test('about a cluster-scoped object lives in default', async () => {
    const { clock, transport, recorder, bodies } = setUp();
    recorder.record(anEvent({ regarding: anObject({ metadata: { namespace: undefined } }) }));
    await clock.settle();
    expect(transport.sent[0]?.path).toContain('/namespaces/default/events');
    expect(bodies()[0]?.['regarding']).not.toHaveProperty('namespace');
  });

  test('about an object with the longest name there is still has a name', async () => {
    const { clock, recorder, bodies } = setUp();
    recorder.record(anEvent({ regarding: anObject({ name: 'n'.repeat(253), uid: 'u' }) }));
    await clock.settle();
    expect(JSON.stringify(bodies()[0]?.['metadata'])).toMatch(/"n{230}\.[0-9a-f]{16}"/);
  });
});

describe('the same event again', () => {
  test('is one event with a count: the second at once, the others gathered', async () => {
    const { clock, transport, recorder, bodies } = setUp();
    for (let index = 0; index < 5; index += 1) {
      recorder.record(anEvent());
      await clock.advance(1_000);
    }
    expect(transport.sent.map(({ method }) => method)).toEqual(['POST', 'PATCH']);
    expect(bodies()[1]).toEqual({ series: { count: 2, lastObservedTime: '2026-11-24T20:00:01.000000Z' } });
    await clock.advance(60_000);
    expect(bodies().slice(2)).toEqual([{ series: { count: 5, lastObservedTime: '2026-11-24T20:00:04.000000Z' } }]);
    await clock.advance(600_000);
    expect(transport.sent).toHaveLength(3);
    expect(clock.pendingTimers).toBe(0);
  });

  test('is not waited for longer than it would count: what is idle is forgotten with the next event', async () => {
    const { clock, recorder } = setUp();
    const about = (name: string) => recorder.record(anEvent({ regarding: anObject({ name, uid: name }) }));
    for (let index = 0; index < 50; index += 1) about(`old-${index}`);
    await clock.advance(minutes(5));
    about('old-0');
    await clock.advance(minutes(1));
    expect(recorder.seriesHeld).toBe(50);
    about('new');
    expect(recorder.seriesHeld).toBe(2);
  });

  test('patches the event that was written', async () => {
    const { clock, transport, recorder, bodies } = setUp();
    recorder.record(anEvent());
    await clock.settle();
    recorder.record(anEvent());
    await clock.settle();
    const name = JSON.stringify(bodies()[0]?.['metadata']).match(/web-1\.[0-9a-f]+/)?.[0];
    expect(transport.sent[1]?.path).toBe(
      `/apis/events.k8s.io/v1/namespaces/games/events/${name}?fieldManager=flexmetal-operator`,
    );
  });

  test('after more than six minutes is a new event', async () => {
    const { clock, transport, recorder } = setUp();
    recorder.record(anEvent());
    await clock.advance(minutes(6));
    recorder.record(anEvent());
    await clock.settle();
    expect(transport.sent.map(({ method }) => method)).toEqual(['POST', 'POST']);
  });

  test('when the event has been cleaned away meanwhile, is a new one with the count', async () => {
    const { clock, transport, recorder, bodies } = setUp((request) =>
      request.method === 'PATCH' ? status(404, 'NotFound') : stored,
    );
    recorder.record(anEvent());
    await clock.settle();
    recorder.record(anEvent());
    await clock.settle();
    expect(transport.sent.map(({ method }) => method)).toEqual(['POST', 'PATCH', 'POST']);
    expect(bodies()[2]).toMatchObject({ note: 'server ordered', series: { count: 2 } });
  });

  test.each<[string, Partial<EventNote>]>([
    ['another reason', { reason: 'Delivered' }],
    ['another action', { action: 'Observe' }],
    ['another type', { type: 'Warning' }],
    ['another note', { note: 'another server ordered' }],
    ['another object', { regarding: anObject({ uid: 'uid-2' }) }],
  ])('%s makes it another event', async (_name, change) => {
    const { clock, transport, recorder } = setUp();
    recorder.record(anEvent());
    recorder.record(anEvent(change));
    await clock.settle();
    expect(transport.sent.map(({ method }) => method)).toEqual(['POST', 'POST']);
  });

  test('a newer version of the object does not make it another event', async () => {
    const { clock, transport, recorder } = setUp();
    recorder.record(anEvent());
    await clock.settle();
    recorder.record(anEvent({ regarding: anObject({ version: '2' }) }));
    await clock.settle();
    expect(transport.sent.map(({ method }) => method)).toEqual(['POST', 'PATCH']);
  });
});

describe('too many', () => {
  test('one object has 25 at once, then one every five minutes; another object is not held back', async () => {
    const { clock, transport, recorder, dropped } = setUp();
    for (let index = 0; index < 30; index += 1) recorder.record(anEvent({ note: `note ${index}` }));
    await clock.advance(0);
    expect([transport.sent.length, dropped]).toEqual([25, Array.from({ length: 5 }, () => 'rateLimited')]);
    recorder.record(anEvent({ regarding: anObject({ uid: 'uid-2' }) }));
    await clock.advance(minutes(5));
    recorder.record(anEvent({ note: 'allowed again' }));
    recorder.record(anEvent({ note: 'not yet' }));
    await clock.settle();
    expect(transport.sent).toHaveLength(27);
  });

  test('more than a thousand waiting are dropped, and nobody waits for them', () => {
    const { recorder, dropped } = setUp(() => new Promise(() => undefined));
    for (let index = 0; index < 1_100; index += 1)
      recorder.record(anEvent({ regarding: anObject({ uid: `uid-${index}` }) }));
    expect(dropped).toEqual(Array.from({ length: 100 }, () => 'queueFull'));
  });
});

describe('when it does not work', () => {
  test.each<[string, KubeResult, { readonly tries: number; readonly dropped: string[] }]>([
    ['the API server is away', failed('no'), { tries: 5, dropped: ['unavailable'] }],
    ['it answers 500', status(500, 'InternalError'), { tries: 5, dropped: ['unavailable'] }],
    ['it refuses the event', status(422, 'Invalid'), { tries: 1, dropped: ['refused'] }],
    ['the namespace is being deleted', status(403, 'Forbidden'), { tries: 1, dropped: ['refused'] }],
    ['the event is there already, its first reply lost', status(409, 'AlreadyExists'), { tries: 1, dropped: [] }],
  ])('%s', async (_name, answer, expected) => {
    const { clock, transport, recorder, dropped } = setUp(() => answer);
    recorder.record(anEvent());
    await clock.advance(300_000);
    expect({ tries: transport.sent.length, dropped }).toEqual(expected);
  });

  test('the next ones are still written', async () => {
    const { clock, transport, recorder } = setUp(() => (transport.sent.length <= 5 ? failed('no') : stored));
    recorder.record(anEvent());
    recorder.record(anEvent({ reason: 'Delivered' }));
    await clock.advance(300_000);
    expect(transport.sent).toHaveLength(6);
  });
});

describe('closing', () => {
  test('sends what waits, counts included, and drops what comes later', async () => {
    const { clock, transport, recorder, dropped, bodies } = setUp();
    for (let index = 0; index < 4; index += 1) {
      recorder.record(anEvent());
      await clock.settle();
    }
    await recorder.close(seconds(5));
    expect(bodies().at(-1)).toMatchObject({ series: { count: 4 } });
    recorder.record(anEvent({ reason: 'Late' }));
    await clock.advance(100_000);
    expect([transport.sent.length, dropped, clock.pendingTimers]).toEqual([3, ['closed'], 0]);
  });

  test('does not wait longer than it was told', async () => {
    const { clock, recorder, dropped } = setUp(() => failed('no'));
    for (const reason of ['A', 'B', 'C']) recorder.record(anEvent({ reason }));
    let closed = false;
    void recorder.close(seconds(2)).then(() => (closed = true));
    await clock.advance(2_000);
    expect(closed).toBe(true);
    expect(dropped).toEqual(['unavailable', 'closed', 'closed']);
  });
});

test.each<[string, string, number, string]>([
  ['short text stays', 'abc', 3, 'abc'],
  ['long text ends in an ellipsis', 'abcdefgh', 6, 'abc…'],
  ['no character is cut in two', 'aä€😀b', 8, 'aä…'],
  ['four-byte characters', '😀😀😀', 11, '😀😀…'],
])('clipping: %s', (_name, text, bytesMax, expected) => {
  expect(clipBytes(text, bytesMax)).toBe(expected);
  expect(Buffer.byteLength(clipBytes(text, bytesMax))).toBeLessThanOrEqual(bytesMax);
});

test('a note that is too long is cut to what the API server takes', async () => {
  const { clock, recorder, bodies } = setUp();
  recorder.record(anEvent({ note: 'ä'.repeat(2_000) }));
  await clock.settle();
  expect(Buffer.byteLength(String(bodies()[0]?.['note']))).toBe(1_023);
});
