import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/base/secret.ts';
import { instant } from '../../src/base/time.ts';
import type { ServerRecord } from '../../src/core/model/server-record.ts';
import { BOUNDS } from '../../src/resources/flexmetalserver/bounds.ts';
import { itemsOf, orderBody, parseBody, readError, readQuotas, readServer } from '../../src/flexmetal/wire.ts';
import { A_SCRIPT, UUID, aServer, anError, anOrder } from './support/replies.ts';

function recordOf(overrides: Readonly<Record<string, unknown>>): ServerRecord {
  const reading = readServer(aServer(overrides));
  if (reading.kind !== 'server') throw new Error('the server is unreadable');
  return reading.server;
}

test('a server as the vendor describes it becomes a record', () => {
  expect(readServer(aServer())).toEqual({
    kind: 'server',
    tagsReadable: true,
    server: {
      uuid: UUID,
      name: 'web-1',
      status: 'delivered',
      statusMessage: 'OK',
      location: 'EU: Rotterdam',
      instanceType: 'bm7.std.8',
      osSlug: 'ubuntu-2404-lts',
      addresses: ['192.0.2.10'],
      tags: ['flexmetal-operator:v1'],
      createdAt: instant(1_728_030_905_000),
      deliveredAt: instant(1_728_031_748_000),
      releasedAt: undefined,
      contractId: '',
    },
  });
});

test('a uuid alone makes a record', () => {
  expect(readServer({ uuid: UUID })).toMatchObject({
    kind: 'server',
    tagsReadable: true,
    server: { uuid: UUID, name: '', status: '', tags: [], addresses: [], createdAt: undefined },
  });
});

test.each<[what: string, overrides: Record<string, unknown>, expected: Partial<ServerRecord>]>([
  ['an unknown status is kept as it is', { status: 'hovering' }, { status: 'hovering' }],
  [
    'null everywhere is nothing',
    { name: null, statusMessage: null, location: null, os: null, contractId: null },
    {
      name: '',
      statusMessage: '',
      location: '',
      osSlug: '',
      contractId: '',
    },
  ],
  ['null lists are empty', { tags: null, ipAddresses: null }, { tags: [], addresses: [] }],
  ['a list with holes, as PHP writes it', { tags: { '0': 'a', '2': 'b' } }, { tags: ['a', 'b'] }],
  ['an empty object for an empty list', { tags: {}, ipAddresses: {} }, { tags: [], addresses: [] }],
  [
    'names as plain texts',
    { location: 'EU: Rotterdam', instanceType: 'bm7.std.8', os: 'debian-12' },
    {
      location: 'EU: Rotterdam',
      instanceType: 'bm7.std.8',
      osSlug: 'debian-12',
    },
  ],
  ['an upper-case uuid is the same server', { uuid: UUID.toUpperCase() }, { uuid: UUID }],
  ['times as texts', { createdAt: '1728030905' }, { createdAt: instant(1_728_030_905_000) }],
  ['zero is unset', { createdAt: 0, deliveredAt: '0' }, { createdAt: undefined, deliveredAt: undefined }],
  [
    'times that cannot be',
    { createdAt: -5, deliveredAt: 1e18, releasedAt: 'soon' },
    {
      createdAt: undefined,
      deliveredAt: undefined,
      releasedAt: undefined,
    },
  ],
  ['times in milliseconds do not fit a status', { createdAt: 1_728_030_905_684 }, { createdAt: undefined }],
  [
    'a prefix length is taken off',
    { ipAddresses: [{ ipAddress: '192.0.2.1/24' }, { ipAddress: '2001:db8::/64' }] },
    {
      addresses: ['192.0.2.1', '2001:db8::'],
    },
  ],
  [
    'texts that are no address are left out',
    { ipAddresses: [{ ipAddress: 'pending' }, {}, null, 7, '192.0.2.9'] },
    {
      addresses: ['192.0.2.9'],
    },
  ],
  [
    'control characters go',
    { name: 'a\u0000b\u001b[31m', statusMessage: 'one\ntwo\u202e' },
    {
      name: 'a b [31m',
      statusMessage: 'one two',
    },
  ],
  [
    'what stands after many blanks is not forgotten: this word is not the one that it begins with',
    { status: `released${' '.repeat(600)}not` },
    { status: 'released…' },
  ],
  ['half a character does no harm', { statusMessage: 'x\ud800y' }, { statusMessage: 'x\ufffdy' }],
])('%s', (_what, overrides, expected) => {
  expect(recordOf(overrides)).toMatchObject(expected);
});

test('every text is clipped to the bounds of the status', () => {
  const long = 'x'.repeat(100_000);
  const record = recordOf({
    name: long,
    status: long,
    statusMessage: long,
    location: { name: long },
    instanceType: { name: long },
    os: { slug: long },
    contractId: long,
    tags: [long],
    ipAddresses: Array.from({ length: 500 }, (_, index) => ({ ipAddress: `10.0.0.${index % 250}` })),
  });
  expect({
    name: record.name.length,
    status: record.status.length,
    statusMessage: record.statusMessage.length,
    location: record.location.length,
    instanceType: record.instanceType.length,
    osSlug: record.osSlug.length,
    contractId: record.contractId.length,
    tag: record.tags[0]?.length,
    addresses: record.addresses.length,
  }).toEqual({
    name: BOUNDS.hostName,
    status: BOUNDS.deliveryStatus,
    statusMessage: BOUNDS.statusMessage,
    location: BOUNDS.vendorName,
    instanceType: BOUNDS.vendorName,
    osSlug: BOUNDS.slug,
    contractId: BOUNDS.contractId,
    tag: BOUNDS.tag,
    addresses: BOUNDS.addresses,
  });
});

test('our tag counts however many tags stand before it', () => {
  const tags = [...Array.from({ length: 200 }, (_, index) => `t${index}`), 'flexmetal-uid:u-1'];
  expect(recordOf({ tags }).tags).toEqual(tags);
});

test.each<[what: string, tags: unknown]>([
  ['a text', 'a,b'],
  ['a number in the list', ['a', 7]],
  ['objects', [{ tag: 'a' }]],
  ['an object', { tag: 'a' }],
  ['more than any server has', Array.from({ length: 1_001 }, () => 'a')],
])('tags in an unknown form are said to be unreadable: %s', (_what, tags) => {
  expect(readServer(aServer({ tags }))).toMatchObject({ kind: 'server', tagsReadable: false });
});

test.each<[what: string, value: unknown]>([
  ['no uuid', { name: 'web-1' }],
  ['null', aServer({ uuid: null })],
  ['a number', aServer({ uuid: 7 })],
  ['another text', aServer({ uuid: 'abc' })],
  ['a uuid with something behind it', aServer({ uuid: `${UUID}/../x` })],
  ['a uuid in the prototype only', parseBody(`{"__proto__":{"uuid":"${UUID}"}}`)],
  ['a text instead of a server', UUID],
  ['nothing', null],
])('a server without a readable uuid is unreadable: %s', (_what, value) => {
  expect(readServer(value)).toEqual({ kind: 'unreadable' });
});

test('__proto__ in a body changes nothing', () => {
  const body = `{"uuid":"${UUID}","__proto__":{"status":"released","polluted":true},"location":{"__proto__":{"name":"x"}}}`;
  expect(readServer(parseBody(body))).toMatchObject({ kind: 'server', server: { status: '', location: '' } });
  expect(Reflect.get({}, 'polluted')).toBeUndefined();
});

describe('bodies', () => {
  test.each<[body: string, items: readonly unknown[] | undefined]>([
    ['[1,2]', [1, 2]],
    ['{"a":1}', [{ a: 1 }]],
    ['\ufeff[]', []],
    ['', undefined],
    ['null', undefined],
    ['"text"', undefined],
    ['[{"uuid":', undefined],
    ['<html>', undefined],
  ])('%j holds %j', (body, items) => {
    expect(itemsOf(parseBody(body))).toEqual(items);
  });

  test('a body nested without end breaks nothing', () => {
    expect(() => readError(parseBody(`${'['.repeat(200_000)}${']'.repeat(200_000)}`))).not.toThrow();
  });
});

describe("the API's error body", () => {
  test.each<[what: string, body: unknown, expected: unknown]>([
    ['as documented', anError(), { errorCode: 20_002, message: 'invalid value; location: does not exist' }],
    ['without details', anError({ errors: [] }), { errorCode: 20_002, message: 'invalid value' }],
    ['null details', anError({ errors: null }), { errorCode: 20_002, message: 'invalid value' }],
    ['the code as text', anError({ errorCode: '10001', errors: [] }), { errorCode: 10_001, message: 'invalid value' }],
    ['in an array', [anError({ errors: [] })], { errorCode: 20_002, message: 'invalid value' }],
    ['no message text', anError({ errorMessage: '', errors: [] }), { errorCode: 20_002, message: '' }],
    ['without a code', anError({ errorCode: undefined }), undefined],
    ['a broken code', anError({ errorCode: 1.5 }), undefined],
    ['without a message', anError({ errorMessage: undefined }), undefined],
    ["a proxy's JSON", { error: 'Bad Gateway', code: 502 }, undefined],
    ['a server', aServer(), undefined],
    ['two errors', [anError(), anError()], undefined],
    ['an empty list', [], undefined],
    ['a text', 'not found', undefined],
  ])('%s', (_what, body, expected) => {
    expect(readError(body)).toEqual(expected);
  });

  test('its words are clipped to 300 characters', () => {
    const error = readError(anError({ errorMessage: 'y'.repeat(5_000) }));
    expect(error?.message).toHaveLength(300);
  });
});

describe('an order on the wire', () => {
  test('has what is needed and nothing that is not set', () => {
    expect(JSON.parse(orderBody(anOrder({ sshKeys: [], contractId: '' })))).toEqual({
      name: 'web-1',
      location: 'EU: Rotterdam',
      instanceType: 'bm7.std.8',
      os: { slug: 'ubuntu-2404-lts' },
      tags: ['flexmetal-operator:v1'],
    });
  });

  test('has everything that is set, secrets in the open', () => {
    const order = anOrder({
      os: {
        slug: 'custom-ipxe',
        kernelParams: [{ key: 'siderolink.api', value: new Secret('https://x/?jointoken=abc') }],
        partitions: [
          { target: '/boot', filesystem: 'ext2', size: 4_096 },
          { target: '/', filesystem: 'ext4', size: 'rest' },
        ],
        ipxeScriptUrl: 'https://example.org/custom-ipxe.cfg',
      },
      postInstallScript: A_SCRIPT,
      contractId: 'MY-CONTRACT-123',
      overflow: true,
    });
    expect(JSON.parse(orderBody(order))).toEqual({
      name: 'web-1',
      location: 'EU: Rotterdam',
      instanceType: 'bm7.std.8',
      os: {
        slug: 'custom-ipxe',
        kernelParams: [{ key: 'siderolink.api', value: 'https://x/?jointoken=abc' }],
        partitions: [
          { target: '/boot', filesystem: 'ext2', size: 4_096 },
          { target: '/', filesystem: 'ext4', size: -1 },
        ],
        ipxeScriptUrl: 'https://example.org/custom-ipxe.cfg',
      },
      sshKey: order.sshKeys,
      postInstallScript: A_SCRIPT.reveal(),
      tags: order.tags,
      contractId: 'MY-CONTRACT-123',
      overflow: true,
    });
  });
});

test('quotas are read one by one, and what cannot be read is left out', () => {
  const body = [
    {
      location: { id: 18, name: 'EU: Rotterdam' },
      quotaUsage: [
        { instanceType: { id: 1, name: 'bm7.std.8' }, quotaType: 'onDemand', contractId: '', quota: 5, usage: '5' },
        { instanceType: { id: 2, name: 'bm8.std.32' }, quotaType: 'commit', contractId: 'C-1', quota: null, usage: 1 },
      ],
    },
    { location: null, quotaUsage: null },
    'nonsense',
  ];
  expect(readQuotas(body)).toEqual([
    { location: 'EU: Rotterdam', instanceType: 'bm7.std.8', quotaType: 'onDemand', contractId: '', quota: 5, usage: 5 },
  ]);
});
