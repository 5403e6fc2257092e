import { expect, test } from 'vitest';
import type { VendorFacts } from '../../../scripts/demo/simulator.ts';
import { judge, summaryOf } from '../../../scripts/demo/verdict.ts';
import type { Seen } from '../../../scripts/demo/verdict.ts';

const seenObject = (name: string): Seen['objects'][number] => ({
  name,
  uid: `uid-${name}`,
  wasReady: true,
  statuses: ['created', 'provisioning', 'delivered'],
});

const SEEN: Seen = {
  objects: [seenObject('a'), seenObject('b')],
  changed: { name: 'a', tag: 'new' },
  deleted: 'b',
  deletedIsGone: true,
};

const VENDOR: VendorFacts = {
  servers: [
    { uuid: 'server-a', name: 'a', status: 'delivered', tags: ['flexmetal-uid:uid-a', 'new'] },
    { uuid: 'server-b', name: 'b', status: 'released', tags: ['flexmetal-uid:uid-b'] },
  ],
  orders: [['flexmetal-uid:uid-a'], ['flexmetal-uid:uid-b']],
  calls: { 'GET /servers': 12, 'POST /servers': 2 },
};

/** The sentences of what failed. */
const failures = (seen: Partial<Seen>, vendor: Partial<VendorFacts>): readonly string[] =>
  judge({ ...SEEN, ...seen }, { ...VENDOR, ...vendor })
    .filter(({ ok }) => !ok)
    .map(({ what, detail }) => `${what}: ${detail}`);

const [serverA, serverB] = VENDOR.servers;
const two = <T>(first: T | undefined, second: T | undefined): readonly T[] =>
  [first, second].filter((item) => item !== undefined);

test('everything that was really seen passes', () => {
  expect(failures({}, {})).toEqual([]);
  expect(judge(SEEN, VENDOR)).toHaveLength(7);
});

test.each<[string, Partial<Seen>, Partial<VendorFacts>, readonly string[]]>([
  [
    'an object never Ready',
    { objects: [seenObject('a'), { ...seenObject('b'), wasReady: false }] },
    {},
    ['2 of 2 servers became Ready: b did not'],
  ],
  [
    'no way to delivered',
    { objects: [seenObject('a'), { ...seenObject('b'), statuses: ['delivered'] }] },
    {},
    ['each was seen on its way to delivered: b was not seen before it was delivered'],
  ],
  [
    'no delivery',
    { objects: [seenObject('a'), { ...seenObject('b'), statuses: ['created'] }] },
    {},
    ['each was seen on its way to delivered: b was last seen created'],
  ],
  [
    'two orders for one object',
    {},
    { orders: [...VENDOR.orders, ['flexmetal-uid:uid-a']] },
    ['each object has exactly one order: a has 2', 'nothing else was ordered: 3 orders for 2 objects'],
  ],
  [
    'an order for nobody',
    {},
    { orders: [...VENDOR.orders, ['other']] },
    ['nothing else was ordered: 3 orders for 2 objects'],
  ],
  ['no order', {}, { orders: [['flexmetal-uid:uid-a']] }, ['each object has exactly one order: b has 0']],
  [
    'a tag that did not arrive',
    { changed: { name: 'a', tag: 'newer' } },
    {},
    ['the new tag reached its server: a lacks newer'],
  ],
  ['a tag that was never sent', { changed: undefined }, {}, ['the new tag reached its server: no tag was changed']],
  ['an object that stays', { deletedIsGone: false }, {}, ['the deleted object went: it is still there']],
  [
    'a server that is not released',
    {},
    { servers: two(serverA, serverB && { ...serverB, status: 'delivered' }) },
    ['its server was released, and no other: b is delivered'],
  ],
  [
    'a server released that was not deleted',
    {},
    { servers: two(serverA && { ...serverA, status: 'released' }, serverB) },
    ['its server was released, and no other: a is released'],
  ],
  [
    'a second server of one object',
    {},
    { servers: [...VENDOR.servers, ...two(serverA, undefined)] },
    ['its server was released, and no other: a is delivered, delivered'],
  ],
])('%s fails and says so', (_name, seen, vendor, expected) => {
  expect(failures(seen, vendor)).toEqual(expected);
});

test('a run that never started fails in everything but what nobody did', () => {
  const never = {
    objects: [{ name: 'a', uid: 'never-seen', wasReady: false, statuses: [] }],
    changed: undefined,
    deleted: undefined,
    deletedIsGone: false,
  };
  expect(failures(never, { servers: [], orders: [], calls: {} })).toHaveLength(6);
});

test('the summary counts orders, releases and calls', () => {
  expect(summaryOf(SEEN, { ...VENDOR, orders: [...VENDOR.orders, ['other']] })).toEqual([
    'ordered    3: a, b, something else',
    'released   1: b (server-b)',
    'API calls  14',
    '           12  GET /servers',
    '            2  POST /servers',
  ]);
});
