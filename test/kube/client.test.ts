import { describe, expect, test } from 'vitest';
import type { Millis } from '../../src/base/time.ts';
import { millis, seconds } from '../../src/base/time.ts';
import type { ObjectResult, RequestSeen } from '../../src/kube/client.ts';
import { KubeClient } from '../../src/kube/client.ts';
import { LEASES } from '../../src/kube/resource.ts';
import type { KubeResult } from '../../src/kube/transport.ts';
import { VirtualClock, VIRTUAL_START } from '../support/virtual-clock.ts';
import { aList, anObject, aServer, SERVERS } from './support/objects.ts';
import { failed, ok, ScriptedTransport, status } from './support/scripted-transport.ts';

const ref = { namespace: 'games', name: 'web-1' };

function setUp(...answers: readonly KubeResult[]) {
  const clock = new VirtualClock();
  const transport = new ScriptedTransport();
  let next = 0;
  transport.answer = () => answers[Math.min(next++, answers.length - 1)] ?? failed('no');
  const seen: RequestSeen[] = [];
  const client = new KubeClient({
    transport,
    clock,
    random: { next: () => 1, hex: () => '' },
    onRequest: (request) => seen.push(request),
  });
  return { clock, transport, client, seen };
}

async function settled<T>(clock: VirtualClock, work: Promise<T>): Promise<T> {
  let isDone = false;
  void work.finally(() => (isDone = true));
  await clock.advanceUntil(() => isDone, 300_000);
  return work;
}

describe('what is sent', () => {
  const calls: Record<string, [(client: KubeClient) => Promise<unknown>, Record<string, unknown>]> = {
    'a read is a quorum read: no resourceVersion, no query at all': [
      (client) => client.get(SERVERS, ref),
      { method: 'GET', path: '/apis/flexmetal.i3d.net/v1alpha1/namespaces/games/flexmetalservers/web-1' },
    ],
    'a read of a core object': [
      (client) => client.get({ group: '', version: 'v1', plural: 'namespaces' }, { name: 'kube-system' }),
      { method: 'GET', path: '/api/v1/namespaces/kube-system' },
    ],
    'the first page of all namespaces': [
      (client) => client.listPage(SERVERS, { limit: 500 }),
      { method: 'GET', path: '/apis/flexmetal.i3d.net/v1alpha1/flexmetalservers?limit=500' },
    ],
    'a later page of one namespace': [
      (client) => client.listPage(SERVERS, { namespace: 'games', limit: 2, continueToken: 'a+b/c=' }),
      {
        method: 'GET',
        path: '/apis/flexmetal.i3d.net/v1alpha1/namespaces/games/flexmetalservers?limit=2&continue=a%2Bb%2Fc%3D',
      },
    ],
    'a create': [
      (client) => client.create(SERVERS, 'games', { spec: {} }),
      {
        method: 'POST',
        path: '/apis/flexmetal.i3d.net/v1alpha1/namespaces/games/flexmetalservers?fieldManager=flexmetal-operator',
        contentType: 'application/json',
        body: '{"spec":{}}',
      },
    ],
    'a merge patch of the status': [
      (client) => client.mergePatch(SERVERS, ref, { status: { phase: 'Ready' } }, { subresource: 'status' }),
      {
        method: 'PATCH',
        path: '/apis/flexmetal.i3d.net/v1alpha1/namespaces/games/flexmetalservers/web-1/status?fieldManager=flexmetal-operator',
        contentType: 'application/merge-patch+json',
        body: '{"status":{"phase":"Ready"}}',
      },
    ],
    'a JSON patch': [
      (client) => client.jsonPatch(SERVERS, ref, [{ op: 'remove', path: '/spec/x' }]),
      {
        method: 'PATCH',
        path: '/apis/flexmetal.i3d.net/v1alpha1/namespaces/games/flexmetalservers/web-1?fieldManager=flexmetal-operator',
        contentType: 'application/json-patch+json',
        body: '[{"op":"remove","path":"/spec/x"}]',
      },
    ],
    'a replace writes everything back, also what we do not know': [
      (client) => client.replace(SERVERS, anObject({ metadata: { future: 1 } })),
      {
        method: 'PUT',
        path: '/apis/flexmetal.i3d.net/v1alpha1/namespaces/games/flexmetalservers/web-1?fieldManager=flexmetal-operator',
        contentType: 'application/json',
        body: JSON.stringify(anObject({ metadata: { future: 1 } })),
      },
    ],
    'a delete names the uid': [
      (client) => client.delete(SERVERS, ref, anObject().metadata.uid),
      {
        method: 'DELETE',
        path: '/apis/flexmetal.i3d.net/v1alpha1/namespaces/games/flexmetalservers/web-1',
        contentType: 'application/json',
        body: '{"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"uid":"uid-web-1"}}',
      },
    ],
  };
  test.each(Object.entries(calls))('%s', async (_name, [call, expected]) => {
    const { transport, client } = setUp(ok(aServer()));
    await call(client);
    expect(transport.sent).toEqual([{ ...expected, timeout: 10_000 }]);
  });
});

describe('what comes back', () => {
  const unavailable = (sent: 'no' | 'maybe', cause: string, code?: number, retryAfter?: number): unknown => ({
    kind: 'unavailable',
    sent,
    cause,
    code,
    retryAfter,
  });
  const html = (code: number): KubeResult => ({ kind: 'reply', status: code, headers: {}, body: undefined });
  const causes = [{ field: 'spec.location', reason: 'FieldValueInvalid', message: 'no such place' }];
  test.each<[string, KubeResult, unknown]>([
    ['an object', ok(aServer()), { kind: 'ok', object: anObject() }],
    ['an object after create', ok(aServer(), 201), { kind: 'ok', object: anObject() }],
    ['404 from the API server', status(404, 'NotFound'), { kind: 'notFound', message: 'it is NotFound' }],
    ['404 without a Status proves no absence', html(404), unavailable('no', 'no such resource', 404)],
    ['404 with another reason proves no absence', status(404, 'Strange'), unavailable('no', 'no such resource', 404)],
    ['409 on the version', status(409, 'Conflict'), { kind: 'conflict', message: 'it is Conflict' }],
    ['409 on the name', status(409, 'AlreadyExists'), { kind: 'alreadyExists', message: 'it is AlreadyExists' }],
    [
      '422 with causes',
      status(422, 'Invalid', { details: { causes: [...causes, 'junk'] } }),
      { kind: 'invalid', code: 422, message: 'it is Invalid', causes },
    ],
    ['400', status(400, 'BadRequest'), { kind: 'invalid', code: 400, message: 'it is BadRequest', causes: [] }],
    ['413 of a proxy', html(413), { kind: 'invalid', code: 413, message: 'HTTP 413', causes: [] }],
    ['401', status(401, 'Unauthorized'), { kind: 'unauthorized', message: 'it is Unauthorized' }],
    ['403', status(403, 'Forbidden'), { kind: 'forbidden', message: 'it is Forbidden' }],
    ['410', status(410, 'Expired'), { kind: 'gone', message: 'it is Expired' }],
    [
      '429',
      status(429, 'TooManyRequests', { headers: { 'retry-after': '3' } }),
      unavailable('no', 'TooManyRequests', 429, 3_000),
    ],
    [
      '429 that asks for an hour',
      status(429, 'TooManyRequests', { headers: { 'retry-after': '3600' } }),
      unavailable('no', 'TooManyRequests', 429, 60_000),
    ],
    [
      '503 with a date',
      status(503, 'ServiceUnavailable', { headers: { 'retry-after': new Date(VIRTUAL_START + 7_000).toUTCString() } }),
      unavailable('maybe', 'ServiceUnavailable', 503, 7_000),
    ],
    [
      '503 with nonsense',
      status(503, 'ServiceUnavailable', { headers: { 'retry-after': 'soon' } }),
      unavailable('maybe', 'ServiceUnavailable', 503),
    ],
    ['500 with HTML', html(500), unavailable('maybe', 'HTTP 500', 500)],
    ['504', status(504, 'Timeout'), unavailable('maybe', 'Timeout', 504)],
    ['408', html(408), unavailable('maybe', 'HTTP 408', 408)],
    ['a redirect', html(302), unavailable('maybe', 'HTTP 302', 302)],
    ['200 with nothing', ok(undefined), unavailable('maybe', 'unreadable reply', 200)],
    ['200 with no object', ok({ kind: 'Thing' }), unavailable('maybe', 'unreadable reply', 200)],
    ['no connection', failed('no', 'ECONNREFUSED'), unavailable('no', 'ECONNREFUSED')],
    ['a lost reply', failed('maybe', 'ECONNRESET'), unavailable('maybe', 'ECONNRESET')],
  ])('%s', async (_name, answer, expected) => {
    const { client } = setUp(answer);
    expect(await client.get(SERVERS, ref, { attempts: 1 })).toEqual(expected);
  });

  test.each<[string, KubeResult, unknown]>([
    [
      'gone at once',
      ok({ kind: 'Status', apiVersion: 'v1', status: 'Success', metadata: {} }),
      { kind: 'ok', object: undefined },
    ],
    ['held by finalizers', ok(aServer()), { kind: 'ok', object: anObject() }],
    ['another object by now', status(409, 'Conflict'), { kind: 'conflict', message: 'it is Conflict' }],
    ['gone before', status(404, 'NotFound'), { kind: 'notFound', message: 'it is NotFound' }],
  ])('a delete: %s', async (_name, answer, expected) => {
    const { client } = setUp(answer);
    expect(await client.delete(SERVERS, ref, anObject().metadata.uid)).toEqual(expected);
  });

  test.each<[string, unknown, unknown]>([
    [
      'a page',
      aList([aServer()], '7', 'more'),
      { kind: 'page', items: [anObject()], unreadable: 0, resourceVersion: '7', continueToken: 'more' },
    ],
    [
      'the last page',
      { ...Object(aList([], '7')), items: null },
      { kind: 'page', items: [], unreadable: 0, resourceVersion: '7', continueToken: undefined },
    ],
    [
      'an empty token',
      aList([], '7', ''),
      { kind: 'page', items: [], unreadable: 0, resourceVersion: '7', continueToken: undefined },
    ],
    [
      'items that are none',
      aList([aServer(), 'x', {}], '7'),
      { kind: 'page', items: [anObject()], unreadable: 2, resourceVersion: '7', continueToken: undefined },
    ],
    [
      'a thing that does not call itself a list empties nothing',
      { apiVersion: 'v1', kind: 'Thing', metadata: { resourceVersion: '7' }, items: [] },
      { kind: 'unavailable', sent: 'maybe', code: 200, retryAfter: undefined, cause: 'unreadable reply' },
    ],
    [
      'a list without items empties nothing',
      { apiVersion: 'v1', kind: 'ThingList', metadata: { resourceVersion: '7' } },
      { kind: 'unavailable', sent: 'maybe', code: 200, retryAfter: undefined, cause: 'unreadable reply' },
    ],
    [
      'no list',
      aServer(),
      { kind: 'unavailable', sent: 'maybe', code: 200, retryAfter: undefined, cause: 'unreadable reply' },
    ],
  ])('a list: %s', async (_name, body, expected) => {
    const { client } = setUp(ok(body));
    expect(await client.listPage(SERVERS, { limit: 1 }, { attempts: 1 })).toEqual(expected);
  });
});

describe('what is repeated', () => {
  const calls = {
    get: (client: KubeClient) => client.get(SERVERS, ref),
    guarded: (client: KubeClient) => client.mergePatch(SERVERS, ref, { metadata: { resourceVersion: '1' } }),
    guardedJson: (client: KubeClient) =>
      client.jsonPatch(SERVERS, ref, [{ op: 'test', path: '/metadata/resourceVersion', value: '1' }]),
    unguarded: (client: KubeClient) => client.mergePatch(SERVERS, ref, { metadata: { labels: { a: 'b' } } }),
    create: (client: KubeClient) => client.create(SERVERS, 'games', {}),
    replace: (client: KubeClient) => client.replace(SERVERS, anObject()),
  };
  test.each<[keyof typeof calls, string, KubeResult, number]>([
    ['get', 'a lost reply', failed('maybe'), 2],
    ['get', '500', status(500, 'InternalError'), 2],
    ['get', '429', status(429, 'TooManyRequests'), 2],
    ['get', 'no connection', failed('no'), 2],
    ['get', 'not found', status(404, 'NotFound'), 1],
    ['get', 'an unknown path', ok(undefined, 404), 1],
    ['get', 'a conflict', status(409, 'Conflict'), 1],
    ['get', 'forbidden', status(403, 'Forbidden'), 1],
    ['guarded', 'a lost reply', failed('maybe'), 2],
    ['guardedJson', '503', status(503, 'ServiceUnavailable'), 2],
    ['replace', 'a lost reply', failed('maybe'), 2],
    ['unguarded', 'a lost reply', failed('maybe'), 1],
    ['unguarded', '500', status(500, 'InternalError'), 1],
    ['unguarded', '429', status(429, 'TooManyRequests'), 2],
    ['create', 'a lost reply', failed('maybe'), 1],
    ['create', '503', status(503, 'ServiceUnavailable'), 1],
    ['create', 'no connection', failed('no'), 2],
    ['create', '429', status(429, 'TooManyRequests'), 2],
  ])('%s after %s', async (call, _name, first, times) => {
    const { clock, transport, client } = setUp(first, ok(aServer()));
    const result = await settled<ObjectResult>(clock, calls[call](client));
    expect(transport.sent).toHaveLength(times);
    expect(result.kind === 'ok').toBe(times === 2);
  });

  test('a bounded number of times, with growing waits', async () => {
    const { clock, transport, client } = setUp(failed('maybe'));
    const result = await settled(clock, client.get(SERVERS, ref));
    expect(result.kind).toBe('unavailable');
    expect([transport.sent.length, clock.monotonic()]).toEqual([4, 200 + 400 + 800]);
  });

  test('as long after as the API server asks', async () => {
    const { clock, client } = setUp(status(429, 'TooManyRequests', { headers: { 'retry-after': '4' } }), ok(aServer()));
    expect((await settled(clock, client.get(SERVERS, ref))).kind).toBe('ok');
    expect(clock.monotonic()).toBe(4_000);
  });

  test('not at all when the wait is longer than the time that is left', async () => {
    const { clock, transport, client } = setUp(status(429, 'TooManyRequests', { headers: { 'retry-after': '40' } }));
    expect((await settled(clock, client.get(SERVERS, ref))).kind).toBe('unavailable');
    expect([transport.sent.length, clock.monotonic()]).toEqual([1, 0]);
  });

  test('each attempt gets what is left of the whole time', async () => {
    const clock = new VirtualClock();
    const transport = new ScriptedTransport();
    const waits: Millis[] = [];
    transport.answer = async () => {
      const timeout = transport.sent.at(-1)?.timeout ?? millis(0);
      waits.push(timeout);
      await new Promise<void>((resolve) => clock.setTimer(timeout, resolve));
      return failed('maybe', 'timeout');
    };
    const client = new KubeClient({ transport, clock, random: { next: () => 1, hex: () => '' } });
    await settled(clock, client.get(SERVERS, ref, { timeout: seconds(15) }));
    expect(waits).toEqual([10_000, 4_800]);
  });

  test('a signal ends the waiting', async () => {
    const { clock, transport, client } = setUp(failed('no'));
    const stopping = new AbortController();
    const result = client.get(SERVERS, ref, { signal: stopping.signal });
    await clock.advance(10);
    stopping.abort();
    expect((await result).kind).toBe('unavailable');
    expect([transport.sent.length, clock.pendingTimers]).toEqual([1, 0]);
  });
});

test('metrics hear of every attempt', async () => {
  const { clock, client, seen } = setUp(failed('maybe'), status(503, 'ServiceUnavailable'), ok(aServer()));
  await settled(clock, client.get(LEASES, ref));
  await client.create(SERVERS, 'games', {});
  expect(seen.map(({ verb, resource, code }) => `${verb} ${resource} ${code}`)).toEqual([
    'get leases <error>',
    'get leases 503',
    'get leases 200',
    'create flexmetalservers 200',
  ]);
});
