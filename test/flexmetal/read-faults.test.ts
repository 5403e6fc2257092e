import { afterEach, describe, expect, test } from 'vitest';
import { parseServerUuid } from '../../src/base/ids.ts';
import type { ServerUuid } from '../../src/base/ids.ts';
import { millis, minutes, seconds } from '../../src/base/time.ts';
import type { Behaviour, FaultyApi, FaultyApiOptions } from './support/faulty-server.ts';
import { CANARY, ERROR_BODY, UUID, faultyApi, json, raw, silence, wireServer } from './support/faulty-server.ts';

let api: FaultyApi | undefined;
afterEach(async () => {
  await api?.close();
  api = undefined;
});

const SERVER = uuid(UUID);
const OTHER = UUID.replace('0', '1');
const SHORT = { requestTimeout: millis(100) };

const present = { kind: 'present', server: expect.objectContaining({ uuid: UUID }) };
const unreadable = (kind: string) => ({ kind: 'unreadable', failure: expect.objectContaining({ kind }) });
const unclear = { kind: 'unclear', cause: expect.any(String) };
const refused = (as: string) => ({ kind: 'refused', refusal: expect.objectContaining({ class: as }) });

const reset: Behaviour = (request) => request.reset();

describe('reading one server', () => {
  test.each<[string, Behaviour, unknown, FaultyApiOptions?]>([
    ['as a list of one', json(200, [wireServer()]), present],
    ['as an object', json(200, wireServer()), present],
    ['with its uuid in capitals', json(200, [wireServer({ uuid: UUID.toUpperCase() })]), present],
    ['with nothing but a uuid', json(200, [{ uuid: UUID }]), present],
    ['another server', json(200, [wireServer({ uuid: OTHER })]), unreadable('malformed')],
    ['an empty list', json(200, []), unreadable('malformed')],
    ['an empty body', raw(200, ''), unreadable('malformed')],
    ['a page of HTML', raw(200, '<html/>'), unreadable('malformed')],
    ['truncated JSON', raw(200, '[{"uuid":'), unreadable('malformed')],
    ['a redirect', raw(301, '', { location: 'http://127.0.0.1/' }), unreadable('malformed')],
    ['404 by the API', json(404, ERROR_BODY), { kind: 'notFound' }],
    ['404 by a proxy', raw(404, '<html>404</html>'), unreadable('malformed')],
    ['401', json(401, ERROR_BODY), unreadable('credentials')],
    ['403 without a body', raw(403, ''), unreadable('credentials')],
    ['429', json(429, ERROR_BODY), unreadable('rateLimited')],
    ['500', json(500, ERROR_BODY), unreadable('unavailable')],
    ['502', raw(502, ''), unreadable('unavailable')],
    ['503', raw(503, ''), unreadable('unavailable')],
    ['504', raw(504, ''), unreadable('unavailable')],
    ['a reset', reset, unreadable('unavailable')],
    ['silence', silence, unreadable('unavailable'), SHORT],
  ])('%s', async (_name, behaviour, expected, options) => {
    api = await faultyApi(behaviour, options);
    expect(await api.client.getServer(SERVER, 'observe')).toEqual(expected);
  });

  test('keeps on saying not found, every time anew', async () => {
    let misses = 1;
    api = await faultyApi((request) => (misses-- > 0 ? json(404, ERROR_BODY) : json(200, [wireServer()]))(request));
    expect(await api.client.getServer(SERVER, 'observe')).toEqual({ kind: 'notFound' });
    expect(await api.client.getServer(SERVER, 'observe')).toEqual(present);
  });

  test('when nobody listens', async () => {
    api = await faultyApi(silence);
    await api.close();
    expect(await api.client.getServer(SERVER, 'observe')).toEqual(unreadable('unavailable'));
  });
});

describe('a release', () => {
  const accepted = (server: unknown) => ({ kind: 'accepted', server });
  test.each<[string, Behaviour, unknown, FaultyApiOptions?]>([
    [
      'taken with 200',
      json(200, [wireServer({ status: 'releasing' })]),
      accepted(expect.objectContaining({ status: 'releasing' })),
    ],
    ['taken with 202', json(202, []), accepted(undefined)],
    ['taken with 204', raw(204, ''), accepted(undefined)],
    ['taken with an empty 200', raw(200, ''), accepted(undefined)],
    ['answered about another server', json(200, [wireServer({ uuid: OTHER })]), unclear],
    ['answered with a page of HTML', raw(200, '<html/>'), unclear],
    ['refused with 404', json(404, ERROR_BODY), { kind: 'notFound' }],
    ['answered with 404 by a proxy', raw(404, '<html/>'), unclear],
    ['refused with 403', json(403, ERROR_BODY), refused('credentials')],
    ['refused with 409', json(409, ERROR_BODY), refused('inTransition')],
    ['refused with 422 as in transition', json(422, { ...ERROR_BODY, errorCode: 90_001 }), refused('inTransition')],
    ['refused with 422 as ended', json(422, { ...ERROR_BODY, errorCode: 90_002 }), refused('invalid')],
    ['answered with 500', json(500, ERROR_BODY), unclear],
    ['answered with 503', raw(503, ''), unclear],
    ['reset', reset, unclear],
    ['answered by silence', silence, unclear, SHORT],
  ])('%s', async (_name, behaviour, expected, options) => {
    api = await faultyApi(behaviour, options);
    const call = await api.client.openRelease(SERVER);
    if (call.kind !== 'open') throw new Error(call.kind);
    expect(await call.send()).toEqual(expected);
    expect(api.received.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `DELETE /v3/flexMetal/servers/${UUID}`,
    ]);
  });
});

describe('a tag', () => {
  const applied = (server: unknown) => ({ kind: 'applied', server });
  test.each<[string, Behaviour, unknown, FaultyApiOptions?]>([
    ['taken', json(200, [wireServer({ tags: ['a:b'] })]), applied(expect.objectContaining({ tags: ['a:b'] }))],
    ['taken with 204', raw(204, ''), applied(undefined)],
    ['refused with 404, of the server or of the tag', json(404, ERROR_BODY), refused('notFound')],
    ['refused with 409', json(409, ERROR_BODY), refused('inTransition')],
    ['refused with 422', json(422, ERROR_BODY), refused('invalid')],
    ['answered with 500', json(500, ERROR_BODY), unclear],
    ['answered by a proxy', raw(404, ''), unclear],
    ['reset', reset, unclear],
    ['answered by silence', silence, unclear, SHORT],
  ])('%s', async (_name, behaviour, expected, options) => {
    api = await faultyApi(behaviour, options);
    expect(await api.client.addTag(SERVER, 'a:b')).toEqual(expected);
    expect(await api.client.removeTag(SERVER, 'a:b')).toEqual(expected);
    const path = `/v3/flexMetal/servers/${UUID}/tag/a:b`;
    expect(api.received.map((received) => `${received.method} ${received.path}`)).toEqual([
      `POST ${path}`,
      `DELETE ${path}`,
    ]);
  });
});

describe('429', () => {
  test.each<[string, string | undefined, number]>([
    ['in seconds', '7', seconds(7)],
    ['as a date, by the clock of the API', 'Tue, 24 Nov 2026 20:00:09 GMT', seconds(9)],
    ['as garbage', 'later', seconds(1)],
    ['missing', undefined, seconds(1)],
    ['huge', '99999999', minutes(5)],
  ])('with Retry-After %s holds every call back', async (_name, retryAfter, expected) => {
    const date = { date: 'Tue, 24 Nov 2026 20:00:00 GMT' };
    api = await faultyApi(
      json(429, ERROR_BODY, retryAfter === undefined ? date : { ...date, 'retry-after': retryAfter }),
    );
    await api.client.getServer(SERVER, 'observe');
    const grant = await api.budget.acquire('release', { timeout: millis(0) });
    expect(grant).toMatchObject({ kind: 'denied', cause: 'paused' });
    if (grant.kind !== 'denied') return;
    expect(grant.retryAfter).toBeGreaterThan(expected - 900);
    expect(grant.retryAfter).toBeLessThanOrEqual(expected);
  });

  test.each([['0'], ['-5']])('with Retry-After %s holds nobody back', async (retryAfter) => {
    api = await faultyApi(json(429, ERROR_BODY, { 'retry-after': retryAfter }));
    await api.client.getServer(SERVER, 'observe');
    expect(await api.budget.acquire('observe', { timeout: millis(10) })).toEqual({ kind: 'granted' });
  });

  test('tells the caller when to come back', async () => {
    api = await faultyApi(json(429, ERROR_BODY, { 'retry-after': '7' }));
    expect(await api.client.getServer(SERVER, 'observe')).toMatchObject({ failure: { retryAfter: seconds(7) } });
    expect(await api.client.getServer(SERVER, 'observe')).toMatchObject({ failure: { kind: 'rateLimited' } });
    expect(api.received).toHaveLength(1);
  });
});

describe('the token', () => {
  test('that expired is read anew at once, and the read goes through', async () => {
    api = await faultyApi((request) => {
      if (request.headers['private-token'] === 'new-token') json(200, [wireServer()])(request);
      else json(401, ERROR_BODY)(request);
    });
    expect(await api.client.getServer(SERVER, 'observe')).toEqual(unreadable('credentials'));
    api.setToken('new-token\n');
    expect(await api.client.getServer(SERVER, 'observe')).toEqual(present);
  });

  test('stays out of everything but its header', async () => {
    const chatty = {
      errorCode: 1,
      errorMessage: `token ${CANARY} is bad`,
      errors: [{ property: CANARY, message: CANARY }],
    };
    api = await faultyApi(({ path, ...request }) => {
      if (path.endsWith('/tag/x')) json(403, chatty)({ path, ...request });
      else
        json(200, [wireServer({ name: CANARY, status: CANARY, statusMessage: `bad ${CANARY}`, location: CANARY })])({
          path,
          ...request,
        });
    });
    const seen = [
      await api.client.getServer(SERVER, 'observe'),
      await api.client.addTag(SERVER, 'x'),
      await api.client.account(),
      api.calls,
    ];
    expect(JSON.stringify(seen)).not.toContain('canary');
    expect(api.received.every(({ headers }) => headers['private-token'] === CANARY)).toBe(true);
  });
});

function uuid(text: string): ServerUuid {
  const parsed = parseServerUuid(text);
  if (parsed === undefined) throw new Error(`no uuid: ${text}`);
  return parsed;
}
