import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { A_PUBLIC_KEY, AN_ORDER, aWorld } from '../support/simulated-world.ts';
import { requestViolations } from './validator.ts';

/** Something of every field of an order. */
const FULL_ORDER = {
  ...AN_ORDER,
  os: {
    slug: 'ubuntu-2404-lts',
    kernelParams: [{ key: 'console', value: 'ttyS0' }],
    partitions: [
      { target: '/boot', filesystem: 'ext2', size: 4096 },
      { target: '/', filesystem: 'xfs', size: -1 },
    ],
    ipxeScriptUrl: '',
  },
  postInstallScript: '#!/bin/bash\ntrue\n',
  contractId: '',
  overflow: false,
};

const orders = '/v3/flexMetal/servers';

/** Whether the document allows the request, and what the simulator says to it. */
function verdicts(
  method: string,
  path: string,
  body: unknown,
): { readonly documented: boolean; readonly status: number } {
  const tester = aWorld();
  if (path.startsWith('/v3/flexMetal/tags/')) tester.send('POST', '/v3/flexMetal/tags', { tag: 'one' });
  const request = tester.request(method, path, body);
  return {
    documented: requestViolations(request).length === 0,
    status: tester.world.apply(tester.now, request).status,
  };
}

describe('a request that the document', () => {
  test.each([
    ['allows: the smallest order', 'POST', orders, { ...AN_ORDER, tags: undefined }, true, 200],
    ['allows: an order with everything', 'POST', orders, FULL_ORDER, true, 200],
    [
      'allows: sixty tags',
      'POST',
      orders,
      { ...AN_ORDER, tags: Array.from({ length: 60 }, (_, at) => `t${at}`) },
      true,
      200,
    ],
    [
      'forbids: sixty-one tags',
      'POST',
      orders,
      { ...AN_ORDER, tags: Array.from({ length: 61 }, (_, at) => `t${at}`) },
      false,
      400,
    ],
    ['forbids: a tag with a blank', 'POST', orders, { ...AN_ORDER, tags: ['a b'] }, false, 400],
    ['forbids: a contract in lower case', 'POST', orders, { ...AN_ORDER, contractId: 'mine' }, false, 400],
    ['forbids: an unknown field', 'POST', orders, { ...AN_ORDER, idempotencyKey: 'x' }, false, 400],
    [
      'forbids: an unknown filesystem',
      'POST',
      orders,
      { ...AN_ORDER, os: { slug: 'debian-12', partitions: [{ target: '/', filesystem: 'btrfs', size: 1 }] } },
      false,
      400,
    ],
    ['forbids: null for a list', 'POST', orders, { ...AN_ORDER, tags: null }, false, 400],
    ['forbids: an order for Linux without keys', 'POST', orders, { ...AN_ORDER, sshKey: undefined }, false, 400],
    [
      'forbids, but the vendor does: an order for Talos without keys',
      'POST',
      orders,
      { ...AN_ORDER, os: { slug: 'talos-omni-1123' }, sshKey: undefined },
      true,
      200,
    ],
    [
      'allows, but that cannot be: an unknown location',
      'POST',
      orders,
      { ...AN_ORDER, location: 'Nowhere' },
      true,
      422,
    ],
    ['allows, but that cannot be: a key that is none', 'POST', orders, { ...AN_ORDER, sshKey: ['x'] }, true, 422],
    ['allows: an ssh key', 'POST', '/v3/sshKey', { name: 'mine', publicKey: A_PUBLIC_KEY }, true, 200],
    ['forbids: an ssh key without a name', 'POST', '/v3/sshKey', { publicKey: A_PUBLIC_KEY }, false, 422],
    ['allows: a tag', 'POST', '/v3/flexMetal/tags', { tag: 'new' }, true, 200],
    ['forbids: a tag that is a number', 'POST', '/v3/flexMetal/tags', { tag: 5 }, false, 422],
    ['allows: a rename', 'PUT', '/v3/flexMetal/tags/one', { tag: 'two' }, true, 200],
    ['forbids: an empty rename', 'PUT', '/v3/flexMetal/tags/one', {}, false, 422],
  ])('%s', (_name, method, path, body, documented, status) => {
    expect(verdicts(method, path, body)).toEqual({ documented, status });
  });

  test('forbids is refused, and one that it allows is at most unprocessable', () => {
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 3 }), (mutations) => {
        const body = mutations.reduce<unknown>((value, { path, change }) => changed(value, path, change), FULL_ORDER);
        const { documented, status } = verdicts('POST', orders, body);
        expect(documented ? [200, 422] : [400]).toContain(status);
      }),
      { numRuns: 1_000 },
    );
  });
});

/** Where an order can be changed, and into what. */
const mutation = fc.record({
  path: fc.constantFrom(
    ...Object.keys(FULL_ORDER).map((key) => [key]),
    ...Object.keys(FULL_ORDER.os).map((key) => ['os', key]),
    ['unknown'],
    ['os', 'unknown'],
    ['os', 'kernelParams', '0', 'key'],
    ['os', 'partitions', '0', 'size'],
    ['os', 'partitions', '0', 'filesystem'],
    ['sshKey', '0'],
    ['tags', '0'],
  ),
  change: fc.oneof(
    fc.constantFrom(
      undefined,
      null,
      '',
      'x',
      'a b',
      0,
      -1,
      1.5,
      true,
      [],
      {},
      ['x'],
      [1],
      [null],
      'MY-CONTRACT-123',
      'Ä'.repeat(65),
    ),
    fc.jsonValue({ maxDepth: 2 }),
  ),
});

/** The value with one field replaced; undefined removes it. */
function changed(value: unknown, [key, ...rest]: readonly string[], change: unknown): unknown {
  if (key === undefined) return change;
  if (Array.isArray(value))
    return value.map((item: unknown, at) => (String(at) === key ? changed(item, rest, change) : item));
  if (typeof value !== 'object' || value === null) return value;
  const fields: Record<string, unknown> = { ...value };
  return { ...fields, [key]: changed(fields[key], rest, change) };
}

describe('the validator', () => {
  const token = { 'private-token': 'x' };
  test.each([
    ['an unknown path', { method: 'GET', path: '/v3/nothing', headers: token }],
    ['an undocumented method', { method: 'PATCH', path: '/v3/flexMetal/servers/x', headers: token }],
    ['a missing token', { method: 'GET', path: '/v3/sshKey', headers: {} }],
    ['an unknown query parameter', { method: 'GET', path: '/v3/flexMetal/servers?name=x', headers: token }],
    ['two statuses', { method: 'GET', path: '/v3/flexMetal/servers?status=a&status=b', headers: token }],
    ['a malformed day', { method: 'GET', path: '/v3/flexMetal/usage?startDate=1', headers: token }],
    [
      'a malformed range',
      { method: 'GET', path: '/v3/flexMetal/servers', headers: { ...token, 'ranged-data': 'start=0' } },
    ],
    [
      'a range where none is known',
      { method: 'GET', path: '/v3/sshKey', headers: { ...token, 'ranged-data': 'start=0,results=5' } },
    ],
    ['a location that is no number', { method: 'GET', path: '/v3/flexMetal/location/x/instanceTypes', headers: token }],
    ['a body where none belongs', { method: 'DELETE', path: '/v3/flexMetal/servers/x', headers: token, body: '{}' }],
    ['a missing body', { method: 'POST', path: '/v3/sshKey', headers: token }],
  ])('complains about %s', (_name, request) => {
    expect(requestViolations(request)).toHaveLength(1);
  });
});
