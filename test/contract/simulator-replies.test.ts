import * as fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { OPERATIONS } from '../../src/simulator/operations.ts';
import { A_PUBLIC_KEY, AN_ORDER, aWorld, json } from '../support/simulated-world.ts';
import type { WorldTester } from '../support/simulated-world.ts';
import { DOCUMENTED, documentedOperation } from './openapi-document.ts';
import { replyViolations } from './validator.ts';

const NO_UUID = '01a20ada-2c00-7000-8ec9-42eeb370715c';
const seen = new Set<string>();

/** Sends, holds the reply against the document, and notes which of its statuses was seen. */
function check(
  tester: WorldTester,
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
): number {
  const reply = tester.send(method, path, body, headers);
  expect({ path, reply: reply.body, violations: replyViolations({ method, path }, reply) }).toEqual({
    path,
    reply: reply.body,
    violations: [],
  });
  seen.add(`${documentedOperation(method, path)?.operationId} ${reply.status}`);
  return reply.status;
}

const WINDOWS = { os: { slug: 'windows-2022' }, sshKey: [] };
const CONTRACT = { contractId: 'MY-CONTRACT-123', location: 'EU: Rotterdam', instanceType: 'bm8.std.32', capacity: 2 };

/** An account with something of everything. */
function aFullWorld(): {
  readonly tester: WorldTester;
  readonly uuid: string;
  readonly windows: string;
  readonly key: string;
} {
  const tester = aWorld({ contracts: [CONTRACT] });
  const windows = tester.order(WINDOWS);
  tester.order({ instanceType: CONTRACT.instanceType, contractId: CONTRACT.contractId });
  tester.world.release(tester.now, tester.order());
  tester.world.addFault({
    match: { nth: 1 },
    do: { delivery: { kind: 'fails', at: 'allocating', message: 'broken' } },
  });
  tester.order();
  tester.pass(900_000);
  const uuid = tester.order();
  const key = String(json(tester.send('POST', '/v3/sshKey', { name: 'mine', publicKey: A_PUBLIC_KEY }))[0]?.['uuid']);
  return { tester, uuid, windows, key };
}

const { tester: full, uuid, windows, key } = aFullWorld();
const server = `/v3/flexMetal/servers/${uuid}`;

test('the simulator has the operations of the document, with their methods and paths', () => {
  const documented = Object.fromEntries(
    DOCUMENTED.map(({ operationId, method, path }) => [operationId, { method, path }]),
  );
  expect(OPERATIONS).toEqual(documented);
  expect(DOCUMENTED).toHaveLength(22);
});

describe('the reply to', () => {
  test.each([
    ['a list of all', 'GET', '/v3/flexMetal/servers', undefined, 200],
    ['a list by status and tags', 'GET', '/v3/flexMetal/servers?status=delivered&tag=team:web&tag=a', undefined, 200],
    ['an order', 'POST', '/v3/flexMetal/servers', AN_ORDER, 200],
    ['an order that is no JSON', 'POST', '/v3/flexMetal/servers', '{', 400],
    ['an order for nowhere', 'POST', '/v3/flexMetal/servers', { ...AN_ORDER, location: 'Nowhere' }, 422],
    ['a look at a server', 'GET', server, undefined, 200],
    ['a look at no server', 'GET', `/v3/flexMetal/servers/${NO_UUID}`, undefined, 404],
    ['a look at what is no uuid', 'GET', '/v3/flexMetal/servers/x', undefined, 404],
    ['a new tag on a server', 'POST', `${server}/tag/fresh`, undefined, 200],
    ['a tag on no server', 'POST', `/v3/flexMetal/servers/${NO_UUID}/tag/fresh`, undefined, 404],
    ['a tag taken off a server', 'DELETE', `${server}/tag/fresh`, undefined, 200],
    ['a tag taken off no server', 'DELETE', `/v3/flexMetal/servers/${NO_UUID}/tag/fresh`, undefined, 404],
    ['a release', 'DELETE', server, undefined, 200],
    ['a release of no server', 'DELETE', `/v3/flexMetal/servers/${NO_UUID}`, undefined, 404],
    ['the password of a Windows server', 'GET', `/v3/flexMetal/servers/${windows}/rootPassword`, undefined, 200],
    ['the password of another server', 'GET', `${server}/rootPassword`, undefined, 404],
    ['committed capacity', 'GET', '/v3/flexMetal/capacity/commit', undefined, 200],
    ['locations', 'GET', '/v3/flexMetal/location', undefined, 200],
    ['instance types', 'GET', '/v3/flexMetal/location/18/instanceTypes', undefined, 200],
    ['instance types of nowhere', 'GET', '/v3/flexMetal/location/999/instanceTypes', undefined, 200],
    ['tags', 'GET', '/v3/flexMetal/tags', undefined, 200],
    ['a new tag of the account', 'POST', '/v3/flexMetal/tags', { tag: 'one' }, 200],
    ['a tag that is there', 'POST', '/v3/flexMetal/tags', { tag: 'one' }, 422],
    ['a malformed tag', 'POST', '/v3/flexMetal/tags', { tag: 'a b' }, 422],
    ['a look at a tag', 'GET', '/v3/flexMetal/tags/one', undefined, 200],
    ['a look at no tag', 'GET', '/v3/flexMetal/tags/none', undefined, 404],
    ['a renamed tag', 'PUT', '/v3/flexMetal/tags/one', { tag: 'two' }, 200],
    ['a rename of no tag', 'PUT', '/v3/flexMetal/tags/none', { tag: 'two' }, 404],
    ['a rename to a tag that is there', 'PUT', '/v3/flexMetal/tags/two', { tag: 'team:web' }, 409],
    ['a rename to a malformed tag', 'PUT', '/v3/flexMetal/tags/two', { tag: '' }, 422],
    ['a deleted tag', 'DELETE', '/v3/flexMetal/tags/two', undefined, 204],
    ['a tag deleted twice', 'DELETE', '/v3/flexMetal/tags/two', undefined, 404],
    ['quotas', 'GET', '/v3/flexMetal/quota/usage', undefined, 200],
    ['usage', 'GET', '/v3/flexMetal/usage?startDate=2026-11-01&endDate=2026-11-30', undefined, 200],
    ['usage of malformed days', 'GET', '/v3/flexMetal/usage?startDate=yesterday', undefined, 422],
    ['operating systems', 'GET', '/v3/operatingsystem', undefined, 200],
    ['ssh keys', 'GET', '/v3/sshKey', undefined, 200],
    ['a new ssh key', 'POST', '/v3/sshKey', { name: 'yours', publicKey: A_PUBLIC_KEY }, 200],
    ['a private key', 'POST', '/v3/sshKey', { name: 'oops', publicKey: '-----BEGIN OPENSSH PRIVATE KEY-----' }, 422],
    ['a look at an ssh key', 'GET', `/v3/sshKey/${key}`, undefined, 200],
    ['a look at no ssh key', 'GET', `/v3/sshKey/${NO_UUID}`, undefined, 404],
    ['a deleted ssh key', 'DELETE', `/v3/sshKey/${key}`, undefined, 204],
    ['a deletion of no ssh key', 'DELETE', `/v3/sshKey/${NO_UUID}`, undefined, 404],
    ['a deletion of what is no uuid', 'DELETE', '/v3/sshKey/x', undefined, 400],
  ])('%s is as documented', (_name, method, path, body, status) => {
    expect(check(full, method, path, body)).toBe(status);
  });

  const concrete = DOCUMENTED.map((operation) => ({
    ...operation,
    path: operation.path.replace('{uuid}', NO_UUID).replace('{tag}', 'x').replace('{locationId}', '18'),
    body: operation.requestBody === undefined ? undefined : {},
  }));

  test.each(concrete.filter(({ responses }) => responses['403'] !== undefined))(
    '$operationId with a wrong token is 403',
    ({ method, path, body }) => {
      expect(check(full, method, path, body, { 'private-token': 'wrong' })).toBe(403);
    },
  );

  // The document names no 403 for the two catalogue calls, but its security section asks for the token everywhere.
  test.each(['/v3/flexMetal/location', '/v3/flexMetal/location/18/instanceTypes'])(
    'GET %s with a wrong token is 403 as well',
    (path) => {
      expect(full.send('GET', path, undefined, { 'private-token': 'wrong' }).status).toBe(403);
    },
  );

  test.each(concrete)('$operationId that fails with 500 is as documented', ({ method, path, body }) => {
    const tester = aWorld({ faults: [{ do: { answer: { kind: 'error', status: 500 } } }] });
    expect(check(tester, method, path, body)).toBe(500);
  });

  test('a usage call that is answered with 405 is as documented', () => {
    const tester = aWorld({ faults: [{ do: { answer: { kind: 'error', status: 405 } } }] });
    expect(check(tester, 'GET', '/v3/flexMetal/usage')).toBe(405);
  });
});

describe('whatever happened before', () => {
  const steps = fc.array(
    fc.record({
      what: fc.constantFrom(
        'order',
        'windows',
        'committed',
        'release',
        'tag',
        'untag',
        'rename',
        'forget',
        'list',
        'get',
        'usage',
        'quota',
        'commit',
        'tags',
      ),
      which: fc.nat(5),
      wait: fc.constantFrom(0, 1, 5_000, 60_000, 400_000, 1_000_000),
    }),
    { minLength: 1, maxLength: 25 },
  );
  const manners = fc.record({
    unsetTimes: fc.constantFrom('null' as const, 'zero' as const),
    quietMessage: fc.constantFrom('OK' as const, 'empty' as const),
    deliverySteps: fc.constantFrom('all' as const, 'few' as const),
    addressPrefix: fc.boolean(),
    normaliseNames: fc.boolean(),
    listHoldsEnded: fc.boolean(),
    listOrder: fc.constantFrom('oldestFirst' as const, 'newestFirst' as const),
    accountTagsReachServers: fc.boolean(),
  });

  test('replies are as documented', () => {
    fc.assert(
      fc.property(steps, manners, (walk, chosen) => {
        const tester = aWorld({
          manners: chosen,
          contracts: [CONTRACT],
          stock: [{ location: AN_ORDER.location, instanceType: AN_ORDER.instanceType, count: 3 }],
        });
        for (const { what, which, wait } of walk) {
          const target = tester.world.servers()[which]?.uuid ?? NO_UUID;
          const [method, path, body] = callFor(what, target, which);
          check(tester, method, path, body);
          tester.pass(wait);
        }
        expect(tester.world.orders().length).toBeLessThanOrEqual(walk.length);
      }),
      { numRuns: 150 },
    );
  });

  function callFor(
    what: string,
    target: string,
    which: number,
  ): readonly [method: string, path: string, body?: unknown] {
    const one = `/v3/flexMetal/servers/${target}`;
    const calls: Readonly<Record<string, readonly [string, string, unknown?]>> = {
      order: ['POST', '/v3/flexMetal/servers', { ...AN_ORDER, tags: [`t${which}`] }],
      windows: ['POST', '/v3/flexMetal/servers', { ...AN_ORDER, ...WINDOWS }],
      committed: [
        'POST',
        '/v3/flexMetal/servers',
        { ...AN_ORDER, instanceType: CONTRACT.instanceType, contractId: CONTRACT.contractId, overflow: which > 2 },
      ],
      release: ['DELETE', one],
      tag: ['POST', `${one}/tag/t${which}`],
      untag: ['DELETE', `${one}/tag/t${which}`],
      rename: ['PUT', `/v3/flexMetal/tags/t${which}`, { tag: `t${which + 1}` }],
      forget: ['DELETE', `/v3/flexMetal/tags/t${which}`],
      list: ['GET', '/v3/flexMetal/servers'],
      get: ['GET', one],
      usage: ['GET', '/v3/flexMetal/usage'],
      quota: ['GET', '/v3/flexMetal/quota/usage'],
      commit: ['GET', '/v3/flexMetal/capacity/commit'],
      tags: ['GET', '/v3/flexMetal/tags'],
    };
    return calls[what] ?? ['GET', '/v3/operatingsystem'];
  }
});

test.each([
  ['createReply', { createReply: 'object' }],
  ['quietMessage', { quietMessage: 'null' }],
  ['unsetTimes', { unsetTimes: 'missing' }],
] as const)('%s can be set so that it leaves the document on purpose', (_name, manners) => {
  const tester = aWorld({ manners });
  const reply = tester.send('POST', '/v3/flexMetal/servers', AN_ORDER);
  expect(replyViolations({ method: 'POST', path: '/v3/flexMetal/servers' }, reply)).not.toEqual([]);
});

afterAll(() => {
  const documented = DOCUMENTED.flatMap(({ operationId, responses }) =>
    Object.keys(responses).map((status) => `${operationId} ${status}`),
  );
  const missing = documented.filter((pair) => !seen.has(pair));
  if (missing.length > 0) throw new Error(`no reply was checked for: ${missing.join(', ')}`);
});
