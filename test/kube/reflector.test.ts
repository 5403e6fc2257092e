import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../src/kube/object.ts';
import { KubeClient } from '../../src/kube/client.ts';
import { Informer } from '../../src/kube/informer.ts';
import type { KubeRequest, KubeResult, KubeWatch } from '../../src/kube/transport.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { aList, anObject, aServer, SERVERS } from './support/objects.ts';
import type { Draft } from './support/objects.ts';
import { failed, ok, ScriptedTransport, status } from './support/scripted-transport.ts';

interface Options {
  readonly namespaces?: 'all' | readonly string[];
  readonly list?: (request: KubeRequest) => KubeResult | Promise<KubeResult>;
  readonly transform?: (object: KubeObject) => KubeObject;
}

/** An informer whose list is what `list` says, at first one object of version 1 in a list of version 10. */
function setUp(options: Options = {}) {
  const clock = new VirtualClock();
  const transport = new ScriptedTransport();
  transport.answer = options.list ?? (() => ok(aList([aServer()], '10')));
  const random = { next: () => 1, hex: () => '' };
  const client = new KubeClient({ transport, clock, random });
  const told: string[] = [];
  const handlerErrors: unknown[] = [];
  const informer = new Informer({
    client,
    clock,
    random,
    resource: SERVERS,
    namespaces: options.namespaces ?? 'all',
    ...(options.transform === undefined ? {} : { transform: options.transform }),
    hooks: {
      listed: ({ items }) => told.push(`listed ${items}`),
      listFailed: ({ failure, retryIn }) => told.push(`list failed: ${failure.kind}, again in ${retryIn}`),
      watchEnded: ({ end, cause, events }) => told.push(`watch ${end}: ${cause} after ${events}`),
      unreadable: ({ count }) => told.push(`unreadable ${count}`),
      handlerFailed: (error) => handlerErrors.push(error),
    },
  });
  const seen: string[] = [];
  informer.store.onEvent(({ kind, object: { metadata } }) =>
    seen.push(`${kind} ${metadata.name} ${metadata.uid} ${metadata.resourceVersion}`),
  );
  const lists = (): number => transport.sent.length;
  return { clock, transport, informer, told, seen, lists, handlerErrors };
}

const event = (type: string, draft: Draft = {}): unknown => ({ type, object: aServer(draft) });
const bookmark = (version: string): unknown => ({
  type: 'BOOKMARK',
  object: { metadata: { resourceVersion: version } },
});
const error = (code: number, reason: string): unknown => ({ type: 'ERROR', object: { kind: 'Status', code, reason } });
const versionOf = (request: KubeRequest): string | null =>
  new URLSearchParams(request.path.split('?')[1]).get('resourceVersion');

describe('list and watch', () => {
  test('lists, then watches from the version of the list, asking for bookmarks and a time-out', async () => {
    const { clock, transport, informer, seen } = setUp();
    expect(informer.hasSynced).toBe(false);
    informer.start();
    await clock.settle();
    expect(informer.hasSynced).toBe(true);
    expect(seen).toEqual(['upserted web-1 uid-web-1 1']);
    expect(transport.sent.map((request) => request.path)).toEqual([
      '/apis/flexmetal.i3d.net/v1alpha1/flexmetalservers?limit=500',
    ]);
    const query = new URLSearchParams(transport.lastWatch.request.path.split('?')[1]);
    expect(Object.fromEntries(query)).toEqual({
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: '10',
      timeoutSeconds: '600',
    });
  });

  test('takes in what the watch tells', async () => {
    const { clock, transport, informer, seen } = setUp();
    informer.start();
    await clock.settle();
    transport.lastWatch.line(event('ADDED', { name: 'web-2', version: '11' }));
    transport.lastWatch.line(event('MODIFIED', { version: '12' }));
    transport.lastWatch.line(event('DELETED', { version: '13' }));
    await clock.settle();
    expect(seen.slice(1)).toEqual([
      'upserted web-2 uid-web-2 11',
      'upserted web-1 uid-web-1 12',
      'deleted web-1 uid-web-1 13',
    ]);
    expect(informer.store.keys()).toEqual(['games/web-2']);
  });

  test('reads page by page and counts as synced only after the last', async () => {
    const release: (() => void)[] = [];
    const { clock, informer, seen, transport } = setUp({
      list: async (request) => {
        if (!request.path.includes('continue=')) return ok(aList([aServer({ name: 'a' })], '10', 'more'));
        await new Promise<void>((resolve) => release.push(resolve));
        return ok(aList([aServer({ name: 'b' })], '10'));
      },
    });
    informer.start();
    await clock.settle();
    expect([informer.hasSynced, seen.length]).toEqual([false, 1]);
    release[0]?.();
    await clock.settle();
    expect([informer.hasSynced, seen.length]).toEqual([true, 2]);
    expect(versionOf(transport.lastWatch.request)).toBe('10');
  });

  test('a list that expires between two pages begins anew, and nothing is lost or told twice', async () => {
    let expired = false;
    const { clock, informer, seen, told } = setUp({
      list: (request) => {
        if (!request.path.includes('continue='))
          return ok(aList([aServer({ name: 'a' })], expired ? '20' : '10', 'more'));
        if (expired) return ok(aList([aServer({ name: 'b' })], '20'));
        expired = true;
        return status(410, 'Expired');
      },
    });
    informer.start();
    await clock.advance(1_000);
    expect(seen).toEqual(['upserted a uid-a 1', 'upserted b uid-b 1']);
    expect(told).toEqual(['list failed: gone, again in 500', 'listed 2']);
  });

  test('what is cached is trimmed, by the house and by its user', async () => {
    const annotations = { keep: 'me', 'kubectl.kubernetes.io/last-applied-configuration': '{}' };
    const { clock, informer } = setUp({
      list: () => ok(aList([aServer({ metadata: { managedFields: [{}], annotations } })])),
      transform: ({ spec: _spec, ...object }) => object,
    });
    informer.start();
    await clock.settle();
    const { spec: _spec, ...expected } = anObject({ metadata: { annotations: { keep: 'me' } } });
    expect(informer.store.list()).toEqual([expected]);
  });

  test('a transform that throws leaves the object whole and is named', async () => {
    const { clock, informer, told } = setUp({
      transform: () => {
        throw new Error('a bug');
      },
    });
    informer.start();
    await clock.settle();
    expect(informer.store.list()).toEqual([anObject()]);
    expect(told).toEqual(['unreadable 1', 'listed 1']);
  });

  test('several namespaces are watched apart into one store, and a list of one takes nothing from another', async () => {
    const { clock, transport, informer } = setUp({
      namespaces: ['games', 'tests', 'games'],
      list: (request) =>
        ok(aList(request.path.includes('/games/') ? [aServer()] : [aServer({ namespace: 'tests', uid: 'uid-t' })])),
    });
    informer.start();
    await clock.settle();
    expect(transport.watches).toHaveLength(2);
    expect(informer.store.keys().toSorted()).toEqual(['games/web-1', 'tests/web-1']);
  });

  test('hasSynced waits for the slowest namespace', async () => {
    const { clock, informer } = setUp({
      namespaces: ['games', 'tests'],
      list: (request) => (request.path.includes('/games/') ? ok(aList([])) : status(403, 'Forbidden')),
    });
    informer.start();
    await clock.advance(100_000);
    expect(informer.hasSynced).toBe(false);
    expect(informer.age()).toBeUndefined();
  });
});

describe('whatever ends a watch, it goes on', () => {
  type Happening = (transport: ScriptedTransport) => void;
  const later = 60_000;
  test.each<[string, Happening, { readonly from: string; readonly relists: number; readonly told: string }]>([
    [
      'closed by the API server',
      (t) => t.lastWatch.end(),
      { from: '12', relists: 0, told: 'watch closed: closed by the server after 2' },
    ],
    [
      'a reset',
      (t) => t.lastWatch.break('ECONNRESET'),
      { from: '12', relists: 0, told: 'watch broken: ECONNRESET after 2' },
    ],
    ['half open', (t) => t.lastWatch.break('idle'), { from: '12', relists: 0, told: 'watch broken: idle after 2' }],
    [
      '410 inside',
      (t) => t.lastWatch.line(error(410, 'Expired')),
      { from: '10', relists: 1, told: 'watch expired: ERROR event after 2' },
    ],
    [
      '500 inside',
      (t) => t.lastWatch.line(error(500, 'InternalError')),
      { from: '10', relists: 1, told: 'watch expired: ERROR event after 2' },
    ],
    [
      '429 inside',
      (t) => t.lastWatch.line(error(429, 'TooManyRequests')),
      { from: '12', relists: 0, told: 'watch refused: ERROR event after 2' },
    ],
    [
      'an ERROR without a Status',
      (t) => t.lastWatch.line({ type: 'ERROR' }),
      { from: '10', relists: 1, told: 'watch expired: ERROR event after 2' },
    ],
  ])('%s', async (_name, happen, expected) => {
    const { clock, transport, informer, told, lists } = setUp();
    informer.start();
    await clock.settle();
    transport.lastWatch.line(event('MODIFIED', { version: '11' }));
    transport.lastWatch.line(bookmark('12'));
    await clock.advance(later);
    happen(transport);
    await clock.advance(1_000);
    expect(transport.watches).toHaveLength(2);
    expect(transport.openWatches).toBe(1);
    expect(versionOf(transport.lastWatch.request)).toBe(expected.from);
    expect(lists()).toBe(1 + expected.relists);
    expect(told).toContain(expected.told);
  });

  test.each<[string, KubeWatch, { readonly relists: number; readonly waited: number }]>([
    ['410', status(410, 'Expired'), { relists: 1, waited: 500 }],
    ['400', status(400, 'BadRequest'), { relists: 1, waited: 500 }],
    [
      '429 with a wait',
      status(429, 'TooManyRequests', { headers: { 'retry-after': '7' } }),
      { relists: 0, waited: 7_000 },
    ],
    ['503', status(503, 'ServiceUnavailable'), { relists: 0, waited: 500 }],
    ['403', status(403, 'Forbidden'), { relists: 0, waited: 500 }],
    ['401', status(401, 'Unauthorized'), { relists: 0, waited: 500 }],
    ['no connection', { kind: 'failed', cause: 'ECONNREFUSED' }, { relists: 0, waited: 500 }],
  ])('not opened: %s', async (_name, answer, expected) => {
    const { clock, transport, informer, lists } = setUp();
    transport.answerWatch = () => (transport.watches.length === 1 ? answer : undefined);
    informer.start();
    expect(await clock.advanceUntil(() => transport.watches.length === 2, 60_000)).toBe(true);
    expect([clock.monotonic(), lists()]).toEqual([expected.waited, 1 + expected.relists]);
  });

  test('an API server that is away is asked ever more rarely, and found again', async () => {
    let isAway = true;
    const { clock, informer, told } = setUp({
      list: () => (isAway ? failed('no', 'ECONNREFUSED') : ok(aList([aServer()]))),
    });
    informer.start();
    await clock.advance(300_000);
    const waits = told.map((line) => Number(line.split(' ').at(-1)));
    expect(waits.slice(0, 7)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
    isAway = false;
    await clock.advance(30_000);
    expect(informer.hasSynced).toBe(true);
  });

  test('the back-off starts small again after a healthy watch', async () => {
    const { clock, transport, informer } = setUp();
    transport.answerWatch = () =>
      transport.watches.length <= 4 ? { kind: 'failed', cause: 'ECONNREFUSED' } : undefined;
    informer.start();
    await clock.advance(500 + 1_000 + 2_000 + 4_000);
    expect(transport.watches).toHaveLength(5);
    transport.lastWatch.line(bookmark('11'));
    await clock.advance(60_000);
    transport.answerWatch = () => ({ kind: 'failed', cause: 'ECONNREFUSED' });
    transport.lastWatch.end();
    await clock.advance(499);
    expect(transport.watches).toHaveLength(6);
    await clock.advance(1);
    expect(transport.watches).toHaveLength(7);
  });

  test('watches that end at once do not spin', async () => {
    const { clock, transport, informer } = setUp();
    transport.answerWatch = () => {
      transport.lastWatch.line(bookmark('10'));
      transport.lastWatch.end();
      return undefined;
    };
    informer.start();
    await clock.advance(10_000);
    expect(transport.watches.length).toBeLessThan(25);
    expect(transport.watches.length).toBeGreaterThan(5);
  });

  test('a version that the API server does not get along with is given up after some tries', async () => {
    const { clock, transport, informer, lists } = setUp();
    transport.answerWatch = () => status(504, 'Timeout');
    informer.start();
    await clock.advance(500 + 1_000 + 2_000 + 4_000 + 8_000);
    expect(lists()).toBe(2);
  });

  test('after an outage a version that has expired costs no long wait', async () => {
    const { clock, transport, informer, lists } = setUp();
    informer.start();
    await clock.settle();
    transport.answerWatch = () => ({ kind: 'failed', cause: 'ECONNREFUSED' });
    transport.lastWatch.break('ECONNRESET');
    await clock.advance(500 + 1_000 + 2_000);
    transport.answerWatch = () => status(410, 'Expired');
    await clock.advance(4_000 + 499);
    expect(lists()).toBe(1);
    await clock.advance(1);
    expect(lists()).toBe(2);
  });

  test('lists that only lead to the next list become ever rarer', async () => {
    const { clock, transport, informer, lists } = setUp();
    transport.answerWatch = () => status(410, 'Expired');
    informer.start();
    await clock.advance(600_000);
    expect(lists()).toBeLessThan(20);
    expect(lists()).toBeGreaterThan(10);
  });

  test('nothing is said when a relist finds what was known, and differences are told', async () => {
    let items = [
      aServer({ name: 'a' }),
      aServer({ name: 'b' }),
      aServer({ name: 'c' }),
      aServer({ name: 'd', uid: 'd-1' }),
    ];
    const { clock, transport, informer, seen } = setUp({ list: () => ok(aList(items, '10')) });
    informer.start();
    await clock.settle();
    seen.length = 0;
    items = [
      aServer({ name: 'a' }),
      aServer({ name: 'b', version: '5' }),
      aServer({ name: 'd', uid: 'd-2', version: '6' }),
      aServer({ name: 'e' }),
    ];
    transport.lastWatch.line(error(410, 'Expired'));
    await clock.advance(1_000);
    expect(seen).toEqual([
      'upserted b uid-b 5',
      'deleted d d-1 1',
      'upserted d d-2 6',
      'upserted e uid-e 1',
      'deleted c uid-c 1',
    ]);
  });

  test('an object that was deleted and made anew under the same name is told as both, also inside a watch', async () => {
    const { clock, transport, informer, seen } = setUp();
    informer.start();
    await clock.settle();
    transport.lastWatch.line(event('MODIFIED', { uid: 'uid-2', version: '20' }));
    await clock.settle();
    expect(seen.slice(1)).toEqual(['deleted web-1 uid-web-1 1', 'upserted web-1 uid-2 20']);
  });

  test('while a list holds something unreadable, what it lacks is not taken for gone', async () => {
    let items: unknown[] = [aServer({ name: 'a' }), aServer({ name: 'b' })];
    const { clock, transport, informer, told } = setUp({ list: () => ok(aList(items)) });
    informer.start();
    await clock.settle();
    items = [aServer({ name: 'a' }), { metadata: {} }];
    transport.lastWatch.line(error(410, 'Expired'));
    await clock.advance(1_000);
    expect(informer.store.size).toBe(2);
    expect(told).toContain('unreadable 1');
  });

  test('lines that are no events are named and passed over', async () => {
    const { clock, transport, informer, seen, told } = setUp();
    informer.start();
    await clock.settle();
    for (const line of [
      'text',
      { type: 'NEW', object: aServer() },
      { type: 'ADDED', object: {} },
      { type: 'BOOKMARK' },
    ])
      transport.lastWatch.line(line);
    transport.lastWatch.line(event('MODIFIED', { version: '12' }));
    await clock.settle();
    expect(seen.at(-1)).toBe('upserted web-1 uid-web-1 12');
    expect(told.filter((line) => line.startsWith('unreadable'))).toHaveLength(4);
  });

  test('a handler that throws stops nothing', async () => {
    const { clock, transport, informer, seen, handlerErrors } = setUp();
    const bug = new Error('a bug');
    informer.store.onEvent(() => {
      throw bug;
    });
    informer.start();
    await clock.settle();
    transport.lastWatch.line(event('MODIFIED', { version: '12' }));
    await clock.settle();
    expect(seen).toHaveLength(2);
    expect(handlerErrors).toEqual([bug, bug]);
    expect(transport.watches).toHaveLength(1);
  });
});

describe('start and stop', () => {
  test('starting twice is starting once', async () => {
    const { clock, transport, informer, lists } = setUp();
    informer.start();
    informer.start();
    await clock.settle();
    informer.start();
    await clock.settle();
    expect([lists(), transport.watches.length]).toEqual([1, 1]);
    await informer.stop();
    expect(transport.openWatches).toBe(0);
  });

  test('what the watch had ready at the moment of the stop is not taken in', async () => {
    const { clock, transport, informer, seen } = setUp();
    informer.start();
    await clock.settle();
    transport.lastWatch.line(event('MODIFIED', { version: '12' }));
    await informer.stop();
    expect(seen).toEqual(['upserted web-1 uid-web-1 1']);
  });

  test.each<[string, Options['list'], ((transport: ScriptedTransport) => void) | undefined, number]>([
    ['during the first list', () => new Promise(() => undefined), undefined, 0],
    ['during the back-off after a failed list', () => failed('no'), undefined, 0],
    ['while watching', undefined, undefined, 1],
    [
      'during the back-off after a failed watch',
      undefined,
      (t) => (t.answerWatch = () => ({ kind: 'failed', cause: 'ECONNREFUSED' })),
      1,
    ],
  ])('stopping %s really stops, and leaves nothing behind', async (_name, list, prepare, watches) => {
    const { clock, transport, informer, told } = setUp(list === undefined ? {} : { list });
    prepare?.(transport);
    // The transport's promise is that a signal ends what it does.
    const { answer } = transport;
    transport.answer = (request, signal) =>
      Promise.race([
        answer(request, signal),
        new Promise<KubeResult>((resolve) =>
          signal?.addEventListener('abort', () => resolve(failed('maybe', 'aborted'))),
        ),
      ]);
    informer.start();
    await clock.advance(100);
    const toldBefore = told.filter((line) => !line.includes('stopped')).length;
    await informer.stop();
    await clock.advance(600_000);
    expect(transport.watches).toHaveLength(watches);
    expect(transport.watches.filter((watch) => !watch.isClosed && !watch.isOver)).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
    expect(told.filter((line) => !line.includes('stopped'))).toHaveLength(toldBefore);
  });

  test('stopping while the watch is being opened closes it', async () => {
    const { clock, transport, informer } = setUp();
    let open: () => void = () => undefined;
    transport.answerWatch = () => new Promise((resolve) => (open = () => resolve(undefined)));
    informer.start();
    await clock.settle();
    const stopped = informer.stop();
    open();
    await stopped;
    await clock.advance(60_000);
    expect(transport.watches).toHaveLength(1);
    expect(transport.openWatches).toBe(0);
  });

  test('nothing enters the store after a stop', async () => {
    const { clock, transport, informer, seen } = setUp();
    informer.start();
    await clock.settle();
    const watch = transport.lastWatch;
    await informer.stop();
    watch.line(event('MODIFIED', { version: '12' }));
    await clock.settle();
    expect(seen).toHaveLength(1);
  });

  test('it can be started again, also while it stops, and never watches twice', async () => {
    const { clock, transport, informer, lists } = setUp();
    informer.start();
    await clock.settle();
    const stopped = informer.stop();
    informer.start();
    await stopped;
    await clock.settle();
    expect([lists(), transport.openWatches, informer.hasSynced]).toEqual([2, 1, true]);
  });
});

describe('what is known about freshness', () => {
  test('bookmarks count as contact', async () => {
    const { clock, transport, informer } = setUp();
    informer.start();
    await clock.advance(30_000);
    expect(informer.age()).toBe(30_000);
    transport.lastWatch.line(bookmark('11'));
    await clock.advance(0);
    expect(informer.age()).toBe(0);
  });

  test('a watch that is opened counts as contact: over a still kind nothing else may ever come', async () => {
    const { clock, transport, informer } = setUp();
    informer.start();
    await clock.advance(180_000);
    expect(informer.age()).toBe(180_000);
    transport.lastWatch.end();
    await clock.advance(0);
    expect([transport.openWatches, informer.age()]).toEqual([1, 0]);
  });

  test('whenSynced says whether it was, or the waiting ended', async () => {
    const { clock, informer } = setUp();
    informer.start();
    const synced = informer.whenSynced(new AbortController().signal);
    await clock.advance(100);
    expect(await synced).toBe(true);
    const never = setUp({ list: () => failed('no') });
    const stopping = new AbortController();
    never.informer.start();
    const waiting = never.informer.whenSynced(stopping.signal);
    await never.clock.advance(100);
    stopping.abort();
    expect(await waiting).toBe(false);
  });
});
