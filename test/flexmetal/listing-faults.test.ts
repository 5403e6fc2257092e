import { afterEach, describe, expect, test } from 'vitest';
import type { Behaviour, FaultyApi, FaultyApiOptions, Received } from './support/faulty-server.ts';
import { ERROR_BODY, UUID, faultyApi, json, raw, wireServer } from './support/faulty-server.ts';

let api: FaultyApi | undefined;
afterEach(async () => {
  await api?.close();
  api = undefined;
});

const servers = (count: number, from = 0): readonly unknown[] =>
  Array.from({ length: count }, (_, at) =>
    wireServer({ uuid: `${UUID.slice(0, 24)}${String(from + at).padStart(12, '0')}` }),
  );

/** What the header asks for; as documented, 25 from the start without it. */
function range({ headers }: Received): { readonly start: number; readonly results: number } {
  const [, start, results] = /^start=(\d+),results=(\d+)$/.exec(String(headers['ranged-data'])) ?? [];
  return { start: Number(start ?? 0), results: Number(results ?? 25) };
}

/** Pages as documented. `resultsMax`: pages are no longer, whatever is asked for. */
const paged =
  (all: readonly unknown[], resultsMax = 1_000): Behaviour =>
  (request) => {
    const { start, results } = range(request);
    json(200, all.slice(start, start + Math.min(results, resultsMax)))(request);
  };

/** The list changes between two pages. */
function shifting(lists: readonly (readonly unknown[])[]): Behaviour {
  let at = 0;
  return (request) => {
    paged(lists[Math.min(at, lists.length - 1)] ?? [])(request);
    at += 1;
  };
}

const ofSize = (size: number) => ({
  kind: 'complete',
  listing: expect.objectContaining({ servers: expect.objectContaining({ size }) }),
});
const incomplete = (message: string) => ({ kind: 'incomplete', message: expect.stringContaining(message) });
const unreadable = (kind: string) => ({ kind: 'unreadable', failure: expect.objectContaining({ kind }) });

describe('a listing', () => {
  test.each<[string, Behaviour, unknown, FaultyApiOptions?]>([
    ['of nothing', paged([]), ofSize(0)],
    ['of one', paged(servers(1)), ofSize(1)],
    ['of the default page', paged(servers(25)), ofSize(25)],
    ['of one full page', paged(servers(100)), ofSize(100)],
    ['of several pages', paged(servers(250)), ofSize(250)],
    ['whose pages are shorter than asked for', paged(servers(130), 50), ofSize(130)],
    ['with a server named twice', paged([...servers(30), ...servers(3)]), ofSize(30)],
    ['from which a few servers go meanwhile', shifting([servers(150), servers(147, 3)]), ofSize(150)],
    [
      'into which a few servers come at the front meanwhile',
      shifting([servers(150), [...servers(3, 900), ...servers(150)]]),
      ofSize(150),
    ],
    ['from which many servers go meanwhile', shifting([servers(150), servers(60, 90)]), incomplete('moved')],
    ['whose header is ignored, by 25', (request) => json(200, servers(25))(request), incomplete('again')],
    ['whose header is ignored, by 100', (request) => json(200, servers(100))(request), incomplete('again')],
    ['that is longer than the cap', paged(servers(300)), incomplete('pagesMax'), { pagesMax: 2 }],
    ['with a server without uuid', paged([...servers(3), wireServer({ uuid: null })]), incomplete('uuid')],
    ['with something that is no server', paged([...servers(3), 7]), incomplete('uuid')],
    ['with tags that cannot be read', paged([wireServer({ tags: 7 })]), incomplete('tags')],
    ['with tags missing', paged([wireServer({ tags: undefined })]), ofSize(1)],
    ['answered with an error body', json(200, ERROR_BODY), unreadable('malformed')],
    ['answered with HTML', raw(200, '<html/>'), unreadable('malformed')],
    ['answered with null', raw(200, 'null'), unreadable('malformed')],
    ['answered with 403', json(403, ERROR_BODY), unreadable('credentials')],
    [
      'whose second page fails',
      (request) => (range(request).start === 0 ? paged(servers(150)) : raw(502, ''))(request),
      unreadable('unavailable'),
    ],
  ])('%s', async (_name, behaviour, expected, options) => {
    api = await faultyApi(behaviour, options);
    expect(await api.client.listServers('observe')).toEqual(expected);
  });

  test('carries the clock of the API from its first page', async () => {
    api = await faultyApi(json(200, servers(2), { date: 'Tue, 24 Nov 2026 20:00:09 GMT' }));
    const outcome = await api.client.listServers('observe');
    expect(outcome).toMatchObject({ kind: 'complete', listing: { apiDate: Date.UTC(2026, 10, 24, 20, 0, 9) } });
    const { begunAt, endedAt } = outcome.kind === 'complete' ? outcome.listing : { begunAt: 1, endedAt: 0 };
    expect(endedAt).toBeGreaterThanOrEqual(begunAt);
  });

  test('of 1,000 servers takes few calls', async () => {
    api = await faultyApi(paged(servers(1_000)), { pagesMax: 50 });
    await api.client.listServers('observe');
    expect(api.received.length).toBeLessThanOrEqual(11);
  });
});
