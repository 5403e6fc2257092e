import { describe, expect, test } from 'vitest';
import { millis } from '../../src/base/time.ts';
import type { FaultRuleInput } from '../../src/simulator/faults.ts';
import { FaultRule } from '../../src/simulator/faults.ts';
import { AN_ORDER, aWorld, json, WORLD_START } from '../support/simulated-world.ts';
import type { WorldTester } from '../support/simulated-world.ts';

const SERVERS = '/v3/flexMetal/servers';
const ERROR = { answer: { kind: 'error', status: 503 } } as const;

const withFaults = (...faults: readonly FaultRuleInput[]): WorldTester => aWorld({ faults: [...faults] });
const order = (tester: WorldTester, overrides: object = {}) =>
  tester.send('POST', SERVERS, { ...AN_ORDER, ...overrides });
const statuses = (tester: WorldTester, count: number): readonly number[] =>
  Array.from({ length: count }, () => tester.send('GET', SERVERS).status);

describe('a rule hits', () => {
  test.each([
    ['every request', {}, undefined, [503, 503, 503, 503]],
    ['the second only', { nth: 2 }, undefined, [200, 503, 200, 200]],
    ['two from the second on', { nth: 2 }, 2, [200, 503, 503, 200]],
    ['the first three', {}, 3, [503, 503, 503, 200]],
  ])('%s', (_name, match, times, seen) => {
    expect(statuses(withFaults({ match, do: ERROR, ...(times === undefined ? {} : { times }) }), 4)).toEqual(seen);
  });

  test.each([
    ['by operation', { operation: 'createFlexMetalServer' }, true],
    ['not another operation', { operation: 'getFlexMetalServers' }, false],
    ['by method', { method: 'POST' }, true],
    ['not another method', { method: 'GET' }, false],
    ['by path', { path: SERVERS }, true],
    ['not another path', { path: '/v3/flexMetal/servers/{uuid}' }, false],
    ['by account', { account: 'default' }, true],
    ['not another account', { account: 'other' }, false],
    ['by name', { name: 'web-1' }, true],
    ['not another name', { name: 'web-2' }, false],
    ['by tag', { tag: 'team:web' }, true],
    ['not another tag', { tag: 'team' }, false],
    ['by uuid not what has none', { uuid: 'x' }, false],
    ['within its time', { from: '0', until: '1ms' }, true],
    ['not after its time', { until: '0' }, false],
    ['not before its time', { from: '1ms' }, false],
    ['only when all holds', { method: 'POST', name: 'web-2' }, false],
  ] as const)('an order %s', (_name, match, hit) => {
    expect(order(withFaults({ match, do: ERROR })).status).toBe(hit ? 503 : 200);
  });

  test('a server by its uuid, and a tag in the path', () => {
    const tester = aWorld();
    const [mine, other] = [tester.order(), tester.order()];
    tester.world.addFault(FaultRule.parse({ match: { uuid: mine, method: 'GET' }, do: ERROR }));
    tester.world.addFault(FaultRule.parse({ match: { tag: 'x' }, do: ERROR }));
    expect(tester.send('GET', `${SERVERS}/${mine}`).status).toBe(503);
    expect(tester.send('GET', `${SERVERS}/${other}`).status).toBe(200);
    expect(tester.send('POST', `${SERVERS}/${other}/tag/x`).status).toBe(503);
    expect(tester.send('POST', `${SERVERS}/${other}/tag/y`).status).toBe(200);
  });

  test('with about its probability', () => {
    const hits = statuses(withFaults({ match: { probability: 0.3 }, do: ERROR }), 2_000).filter(
      (status) => status === 503,
    ).length;
    expect(hits).toBeGreaterThan(500);
    expect(hits).toBeLessThan(700);
  });

  test('before those after it, which still count', () => {
    const tester = withFaults(
      { id: 'a', match: { nth: 1 }, do: ERROR },
      { id: 'b', match: { nth: 2 }, do: { answer: { kind: 'error', status: 502 } } },
    );
    expect(statuses(tester, 3)).toEqual([503, 502, 200]);
    expect(tester.world.faults.map(({ id, seen, hits }) => ({ id, seen, hits }))).toEqual([
      { id: 'a', seen: 3, hits: 1 },
      { id: 'b', seen: 3, hits: 1 },
    ]);
  });

  test('until it is removed; one with the same id takes its place', () => {
    const tester = aWorld();
    const id = tester.world.addFault(FaultRule.parse({ do: ERROR }));
    expect(tester.world.addFault(FaultRule.parse({ id, do: { answer: { kind: 'error', status: 500 } } }))).toBe(id);
    expect(statuses(tester, 1)).toEqual([500]);
    expect([tester.world.removeFault(id), tester.world.removeFault(id)]).toEqual([true, false]);
    expect(statuses(tester, 1)).toEqual([200]);
    tester.world.addFault(FaultRule.parse({ do: ERROR }));
    tester.world.clearFaults();
    expect(statuses(tester, 1)).toEqual([200]);
  });

  test('also what the token would be refused for', () => {
    expect(withFaults({ do: ERROR }).send('GET', SERVERS, undefined, { 'private-token': 'wrong' }).status).toBe(503);
  });
});

describe('the effect of an order', () => {
  const hang = { kind: 'hang' } as const;
  test.each([
    ['comes at once when only the reply is lost', { answer: hang }, [1, 1, 1]],
    ['comes at once when the connection is reset', { answer: { kind: 'reset' } }, [1, 1, 1]],
    ['never comes when told so', { commit: 'never', answer: hang }, [0, 0, 0]],
    ['never comes with an error', ERROR, [0, 0, 0]],
    ['comes in spite of an error when told so', { commit: 'now', ...ERROR }, [1, 1, 1]],
    ['comes later although an error was told', { commit: { after: '90s' }, ...ERROR }, [0, 0, 1]],
    ['comes later and the reply is lost', { commit: { after: '90s' }, answer: hang }, [0, 0, 1]],
    ['comes later, before the reply', { commit: { after: '30s' } }, [0, 1, 1]],
    ['never comes with a rate limit', { answer: { kind: 'rateLimit' } }, [0, 0, 0]],
    ['never comes with a redirect', { answer: { kind: 'redirect' } }, [0, 0, 0]],
    ['never comes when it is pretended', { answer: { kind: 'pretend' } }, [0, 0, 0]],
  ] as const)('%s', (_name, fault, servers) => {
    const tester = withFaults({ match: { method: 'POST' }, do: fault });
    order(tester);
    const seen = [0, 30_000, 60_000].map((ms) => tester.pass(ms).world.servers().length);
    expect(seen).toEqual(servers);
  });

  test('that came late has the time of its coming', () => {
    const tester = withFaults({ do: { commit: { after: '90s' }, answer: hang } });
    order(tester);
    tester.pass(600_000);
    expect(tester.world.lives()[0]).toMatchObject({ orderedAt: WORLD_START + 90_000, orderedBy: 'req-1' });
    expect(tester.world.orders()).toMatchObject([
      { at: WORLD_START, commit: 'later', status: 200, faultId: 'fault-1' },
    ]);
  });

  test('that never came is told as such', () => {
    const tester = withFaults({ do: { commit: 'never', answer: hang } });
    order(tester);
    expect(tester.world.orders()).toMatchObject([{ commit: 'never', status: undefined, uuid: undefined }]);
  });

  test('that was pretended leaves a uuid that nothing else gets', () => {
    const tester = withFaults({ match: { nth: 1 }, do: { answer: { kind: 'pretend' } } });
    const phantom = tester.order();
    expect(tester.send('GET', `${SERVERS}/${phantom}`).status).toBe(404);
    expect(tester.order()).not.toBe(phantom);
  });

  test('a release can be pretended as well', () => {
    const tester = aWorld();
    const uuid = tester.order();
    tester.world.addFault(FaultRule.parse({ match: { method: 'DELETE' }, do: { answer: { kind: 'pretend' } } }));
    expect(json(tester.send('DELETE', `${SERVERS}/${uuid}`))[0]).toMatchObject({ status: 'releasing' });
    expect(tester.get(uuid)).toMatchObject({ status: 'created' });
  });
});

describe('a late reply', () => {
  test('is collected when the effect has come, and only then', () => {
    const tester = withFaults({ match: { method: 'POST' }, do: { commit: { after: '30s' } } });
    const promised = order(tester);
    expect(promised.delivery).toEqual({ kind: 'later', ticket: 'req-1', wait: 30_000 });
    tester.pass(20_000);
    expect(tester.world.collect(tester.now, 'req-1').delivery).toEqual({
      kind: 'later',
      ticket: 'req-1',
      wait: 10_000,
    });
    tester.pass(10_000);
    const reply = tester.world.collect(tester.now, 'req-1');
    expect([reply.requestId, reply.status, reply.delivery]).toEqual(['req-1', 200, { kind: 'respond', after: 0 }]);
    expect(json(reply)[0]?.['uuid']).toBe(tester.world.servers()[0]?.uuid);
    expect(() => tester.world.collect(tester.now, 'req-1')).toThrow(/collected already/);
  });
});

describe('what the caller is told', () => {
  test.each([
    ['a slow reply', { replyAfter: '3s' }, { kind: 'respond', after: 3_000 }],
    ['nothing', { answer: { kind: 'hang' } }, { kind: 'hang' }],
    ['a reset', { answer: { kind: 'reset', within: 'body' } }, { kind: 'reset', within: 'body', after: 0 }],
    ['half of it', { answer: { kind: 'truncate' }, replyAfter: '1s' }, { kind: 'truncate', after: 1_000 }],
    ['drops', { answer: { kind: 'slow', bytes: 3, every: '10ms' } }, { kind: 'slow', bytes: 3, every: 10, after: 0 }],
    ['too much', { answer: { kind: 'spoil', how: 'huge', bytes: 5_000 } }, { kind: 'pad', bytes: 5_000, after: 0 }],
  ] as const)('can be %s', (_name, fault, delivery) => {
    expect(withFaults({ do: fault }).send('GET', SERVERS).delivery).toEqual(delivery);
  });

  test.each([
    ['api', 'application/json', /^\{"errorCode":50000,"errorMessage":"Something went wrong","errors":\[\]\}$/],
    ['html', 'text/html; charset=utf-8', /^<html>/],
    ['json', 'application/json', /^\{"message"/],
    ['empty', undefined, /^$/],
  ] as const)('can be an error with a body of kind %s', (body, type, text) => {
    const reply = withFaults({ do: { answer: { kind: 'error', status: 502, body } } }).send('GET', SERVERS);
    expect([reply.status, reply.headers['content-type']]).toEqual([502, type]);
    expect(reply.body).toMatch(text);
  });

  test.each([
    ['none', undefined],
    ['seconds', '8'],
    ['date', new Date(WORLD_START + 7_500).toUTCString()],
    ['nonsense', 'soon, -1'],
  ] as const)('can be 429 with Retry-After as %s', (retryAfter, header) => {
    const reply = withFaults({ do: { answer: { kind: 'rateLimit', retryAfter, wait: '7500ms' } } }).send(
      'GET',
      SERVERS,
    );
    expect([reply.status, reply.headers['retry-after']]).toEqual([429, header]);
  });

  test('can be a redirect', () => {
    const reply = withFaults({
      do: { answer: { kind: 'redirect', status: 307, location: 'https://a.example/' } },
    }).send('GET', SERVERS);
    expect([reply.status, reply.headers['location']]).toEqual([307, 'https://a.example/']);
  });

  test.each([
    ['empty', /^$/],
    ['emptyArray', /^\[\]$/],
    ['html', /^<html>/],
    ['deep', /^\[{1000}/],
    ['object', /^\{"uuid":".*\}$/],
    ['halfJson', /^\[\{"uuid":"[^\]]+$/],
    ['wrongTypes', /"status":\{"unexpected":"status"\}/],
    ['nullLists', /"tags":null/],
    ['noUuid', /^(?!.*uuid)\[\{"name"/],
    ['proto', /\{"__proto__":/],
  ] as const)('can be spoilt: %s', (how, body) => {
    const tester = withFaults({ match: { method: 'GET' }, do: { answer: { kind: 'spoil', how } } });
    tester.order();
    const reply = tester.send('GET', SERVERS);
    expect(reply.status).toBe(200);
    expect(reply.body).toMatch(body);
  });

  test('can have fields replaced and left out', () => {
    const tester = aWorld();
    const answer = { kind: 'rewrite', set: { status: 'provisioning', tags: null }, drop: ['uuid'] };
    tester.world.addFault(FaultRule.parse({ match: { method: 'GET' }, do: { answer } }));
    tester.order();
    const [server] = json(tester.send('GET', SERVERS));
    expect(server).toMatchObject({ status: 'provisioning', tags: null, name: 'web-1' });
    expect(Object.keys(server ?? {})).not.toContain('uuid');
  });

  test.each([
    ['an error body', 'wrongTypes', '/v3/flexMetal/servers/x'],
    ['no body', 'nullLists', '/v3/sshKey/01a20ada-2c00-7000-8ec9-42eeb370715c'],
  ] as const)('can be spoilt although it is %s', (_name, how, path) => {
    const tester = withFaults({ do: { answer: { kind: 'spoil', how } } });
    expect(tester.send('DELETE', path).status).toBe(404);
  });
});

describe('a distorted list', () => {
  const page = (answer: object, range: string): readonly number[] => {
    const tester = aWorld();
    const uuids = Array.from({ length: 10 }, () => String(tester.order()));
    tester.world.addFault(FaultRule.parse({ do: { answer: { kind: 'page', ...answer } } }));
    return tester.list('', range).map((uuid) => uuids.indexOf(uuid));
  };

  test.each([
    ['ignores the range', { ignoreRange: true }, 'start=4,results=2', [0, 1]],
    ['misses rows between pages', { shift: 1 }, 'start=4,results=2', [5, 6]],
    ['repeats rows between pages', { shift: -1 }, 'start=4,results=2', [3, 4]],
    ['begins where it should all the same', { shift: 1 }, 'start=0,results=2', [0, 1]],
    ['has rows twice', { duplicates: 1 }, 'start=4,results=2', [4, 5, 4]],
    ['lacks rows', { omit: 3 }, 'start=0,results=2', [3, 4]],
    ['lacks what is young', { lag: '1s' }, 'start=0,results=2', []],
  ])('%s', (_name, answer, range, rows) => {
    expect(page(answer, range)).toEqual(rows);
  });
});

describe('a delivery can', () => {
  const words = (delivery: object): readonly string[] => {
    const tester = aWorld();
    tester.world.addFault(FaultRule.parse({ do: { delivery } }));
    tester.order();
    tester.pass(10_000_000);
    return tester.world.history.flatMap((entry) => (entry.kind === 'status' ? [entry.to] : []));
  };

  test.each([
    ['fail on its way', { kind: 'fails', at: 'allocating' }, ['discovering', 'discovered', 'failed']],
    ['fail at once', { kind: 'fails', at: 'created' }, ['failed']],
    ['stick on its way', { kind: 'sticks', at: 'allocating' }, ['discovering', 'discovered', 'allocating']],
    ['stick at once', { kind: 'sticks', at: 'created' }, []],
    [
      'go any way',
      { kind: 'steps', steps: ['provisioning', 'pondering', 'created'].map((status) => ({ status, after: '1s' })) },
      ['provisioning', 'pondering', 'created'],
    ],
  ])('%s', (_name, delivery, seen) => {
    expect(words(delivery)).toEqual(seen);
  });

  test('fail after it was delivered', () => {
    const tester = withFaults({ do: { delivery: { kind: 'failsLater', after: '1m', message: 'fire' } } });
    const uuid = tester.order();
    tester.pass(843_000);
    expect(tester.get(uuid)).toMatchObject({ status: 'delivered', statusMessage: 'OK' });
    tester.pass(60_000);
    expect(tester.get(uuid)).toMatchObject({ status: 'failed', statusMessage: 'fire' });
  });

  test.each([
    ['late', { after: '1m' }, [0, 2]],
    ['never', {}, [0, 0]],
  ])('bring its addresses %s', (_name, when, counts) => {
    const tester = withFaults({ do: { delivery: { kind: 'lacksAddresses', ...when } } });
    const uuid = tester.order();
    const seen = [843_000, 60_000].map((ms) => tester.pass(ms).get(uuid)['ipAddresses']);
    expect(seen.map((addresses) => (Array.isArray(addresses) ? addresses.length : -1))).toEqual(counts);
    expect(tester.get(uuid)['status']).toBe('delivered');
  });
});

test('durations of a rule are milliseconds once it is read', () => {
  expect(FaultRule.parse({ do: { replyAfter: '1.5s' } }).do.replyAfter).toBe(millis(1_500));
});
