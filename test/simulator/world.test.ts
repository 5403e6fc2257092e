import { describe, expect, test } from 'vitest';
import { parseServerUuid } from '../../src/base/ids.ts';
import { aWorld, AN_ORDER, json, WORLD_START } from '../support/simulated-world.ts';
import type { WorldTester } from '../support/simulated-world.ts';

const SERVERS = '/v3/flexMetal/servers';
const unix = (ms: number): number => Math.floor(ms / 1_000);
const statusOf = (tester: WorldTester, uuid: string): unknown => tester.get(uuid)['status'];

describe('servers that are there from the start', () => {
  const place = { location: 'EU: Rotterdam', instanceType: 'bm7.std.8' };

  test('are delivered, listed to their account, and nobody ordered them', () => {
    const tester = aWorld({ servers: [{ name: 'theirs', ...place, tags: ['team:db'] }] });
    const [uuid = ''] = tester.list();
    expect(tester.get(uuid)).toMatchObject({ name: 'theirs', status: 'delivered', tags: ['team:db'] });
    expect(tester.get(uuid)['ipAddresses']).toHaveLength(2);
    expect(tester.world.orders()).toEqual([]);
    expect(tester.world.history.filter(({ kind }) => kind === 'request')).toEqual([]);
  });

  test('must stand at a place that the catalogue has', () => {
    expect(() => aWorld({ servers: [{ name: 'theirs', ...place, location: 'Atlantis' }] })).toThrow(/Atlantis/);
  });
});

describe('the token', () => {
  test.each([
    ['is refused when it is wrong', { 'private-token': 'x' }, 403],
    ['is refused when it is missing', { 'private-token': '' }, 403],
    ['is accepted when it is right', {}, 200],
  ])('%s', (_name, headers, status) => {
    expect(aWorld().send('GET', SERVERS, undefined, headers).status).toBe(status);
  });

  test('expires at its time and not before', () => {
    const tester = aWorld({ tokens: [{ token: 'simulator-token', expiresAfter: '10m' }] });
    expect(tester.pass(599_999).send('GET', SERVERS).status).toBe(200);
    expect(tester.pass(1).send('GET', SERVERS).status).toBe(403);
  });

  test('that replaces another ends it', () => {
    const tester = aWorld();
    tester.world.setToken('default', 'next');
    expect(tester.send('GET', SERVERS).status).toBe(403);
    tester.token = 'next';
    expect(tester.send('GET', SERVERS).status).toBe(200);
    expect(tester.world.revokeToken('next')).toBe(true);
    expect(tester.world.revokeToken('next')).toBe(false);
    expect(tester.send('GET', SERVERS).status).toBe(403);
  });

  test('shows its own account only', () => {
    const tester = aWorld({ tokens: [{ token: 'simulator-token' }, { token: 'theirs', account: 'other' }] });
    const uuid = tester.order();
    tester.token = 'theirs';
    expect(tester.list()).toEqual([]);
    expect(tester.send('GET', `${SERVERS}/${uuid}`).status).toBe(404);
    expect(tester.send('DELETE', `${SERVERS}/${uuid}`).status).toBe(404);
    expect(json(tester.send('GET', '/v3/flexMetal/tags'))).toEqual([]);
  });
});

describe('an order', () => {
  test('is answered with the new server', () => {
    const tester = aWorld();
    expect(json(tester.send('POST', SERVERS, AN_ORDER))).toEqual([
      {
        uuid: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
        name: 'web-1',
        status: 'created',
        statusMessage: 'OK',
        location: { id: 18, name: 'EU: Rotterdam' },
        instanceType: { id: 128, name: 'bm7.std.8' },
        os: { slug: 'ubuntu-2404-lts' },
        ipAddresses: [],
        tags: ['team:web'],
        createdAt: unix(WORLD_START),
        deliveredAt: null,
        releasedAt: null,
        contractId: '',
      },
    ]);
  });

  test('has the time of its making in its uuid', () => {
    const uuid = aWorld().pass(1_234).order();
    expect(Number.parseInt(uuid.replaceAll('-', '').slice(0, 12), 16)).toBe(WORLD_START + 1_234);
  });

  test('gives another server each time, also under one name', () => {
    const tester = aWorld();
    expect(new Set([tester.order(), tester.order(), tester.order()]).size).toBe(3);
  });

  test('names location, type and system in any case and with any blanks', () => {
    const uuid = aWorld().order({
      location: ' eu:  ROTTERDAM',
      instanceType: 'BM7.std.8',
      os: { slug: 'Ubuntu-2404-LTS' },
    });
    expect(parseServerUuid(uuid)).toBe(uuid);
  });

  test.each([
    ['with a blank name', { name: ' ' }, 'name'],
    ['for an unknown location', { location: 'Mars' }, 'location'],
    [
      'for a type that is not offered there',
      { location: 'JP: Tokyo', instanceType: 'bm9.hmm.gpu.4rtx4000.64' },
      'instanceType',
    ],
    ['for an unknown system', { os: { slug: 'beos' } }, 'os.slug'],
    ['for a system that is offered no more', { os: { slug: 'ubuntu-1804-lts' } }, 'os.slug'],
    ['for Linux with an empty list of keys', { sshKey: [] }, 'sshKey'],
    ['with a stored key that is not there', { sshKey: ['7561c39d-f4df-4c46-b3f1-2ac981271e29'] }, 'sshKey[0]'],
    [
      'with partitions for Talos',
      { os: { slug: 'talos-omni-1123', partitions: [{ target: '/', filesystem: 'ext4', size: -1 }] } },
      'os.partitions',
    ],
    [
      'with two growing partitions',
      {
        os: { slug: 'debian-12', partitions: ['/', '/b'].map((target) => ({ target, filesystem: 'ext4', size: -1 })) },
      },
      'os.partitions',
    ],
    [
      'with a partition of no size',
      { os: { slug: 'debian-12', partitions: [{ target: '/', filesystem: 'ext4', size: 0 }] } },
      'os.partitions',
    ],
    ['for custom iPXE without a script', { os: { slug: 'custom-ipxe' } }, 'os.ipxeScriptUrl'],
    [
      'for Linux with an iPXE script',
      { os: { slug: 'debian-12', ipxeScriptUrl: 'https://example.org/x' } },
      'os.ipxeScriptUrl',
    ],
    ['under an unknown contract', { contractId: 'NONE' }, 'contractId'],
  ])('%s is refused and names the field', (_name, overrides, property) => {
    const tester = aWorld();
    const reply = tester.send('POST', SERVERS, { ...AN_ORDER, ...overrides });
    expect(reply.status).toBe(422);
    expect(json(reply)[0]?.['errors']).toEqual([{ property, message: expect.any(String) }]);
    expect(tester.world.servers()).toEqual([]);
  });

  test('takes a stored key', () => {
    const tester = aWorld();
    const [key] = json(tester.send('POST', '/v3/sshKey', { name: 'k', publicKey: AN_ORDER.sshKey[0] }));
    expect(statusOf(tester, tester.order({ sshKey: [key?.['uuid']] }))).toBe('created');
  });

  test('without keys passes where no system needs one', () => {
    const tester = aWorld({ manners: { sshKeyNeeded: 'never' } });
    expect(statusOf(tester, tester.order({ sshKey: undefined }))).toBe('created');
  });
});

describe('a delivery', () => {
  test('goes through the documented statuses and takes as long as it should', () => {
    const tester = aWorld({ delivery: { takes: '100s' } });
    const uuid = tester.order();
    tester.pass(99_999);
    expect(statusOf(tester, uuid)).toBe('provisioned');
    tester.pass(1);
    expect(tester.get(uuid)).toMatchObject({
      status: 'delivered',
      deliveredAt: unix(WORLD_START + 100_000),
      ipAddresses: [{ ipAddress: '198.18.0.1' }, { ipAddress: '2001:db8:0:1::1' }],
    });
    expect(statusesOf(tester, uuid)).toEqual([
      'discovering',
      'discovered',
      'allocating',
      'allocated',
      'configuring_network',
      'network_configured',
      'provisioning',
      'provisioned',
      'delivered',
    ]);
  });

  test('can know few words', () => {
    const tester = aWorld({ manners: { deliverySteps: 'few' } });
    const uuid = tester.order();
    tester.pass(842_999);
    expect(statusOf(tester, uuid)).toBe('created');
    tester.pass(1);
    expect(statusesOf(tester, uuid)).toEqual(['delivered']);
  });

  test.each([
    ['twice as fast', 2, 421_500],
    ['a thousand times faster', 1_000, 843],
    ['half as fast', 0.5, 1_686_000],
  ])('runs %s under a time scale', (_name, timeScale, takesMs) => {
    const tester = aWorld({ timeScale, manners: { deliverySteps: 'few' } });
    const uuid = tester.order();
    tester.pass(takesMs - 1);
    expect(statusOf(tester, uuid)).toBe('created');
    tester.pass(1);
    expect(statusOf(tester, uuid)).toBe('delivered');
  });

  test('under way is sped up as well', () => {
    const tester = aWorld({ delivery: { takes: '100s' }, manners: { deliverySteps: 'few' } });
    const uuid = tester.order();
    tester.pass(50_000);
    tester.world.setTimeScale(tester.now, 10);
    tester.pass(4_999);
    expect(statusOf(tester, uuid)).toBe('created');
    tester.pass(1);
    expect(statusOf(tester, uuid)).toBe('delivered');
  });

  test('cannot be scaled by nothing', () => {
    expect(() => aWorld().world.setTimeScale(WORLD_START, 0)).toThrow(RangeError);
  });

  test('with jitter takes differently long for each server, within bounds', () => {
    const tester = aWorld({ delivery: { takes: '100s', jitter: 0.5 }, manners: { deliverySteps: 'few' } });
    for (let count = 0; count < 50; count += 1) tester.order();
    tester.pass(200_000);
    const tookMs = tester.world.lives().map((life) => (life.deliveredAt ?? 0) - life.orderedAt);
    expect(Math.min(...tookMs)).toBeGreaterThanOrEqual(50_000);
    expect(Math.max(...tookMs)).toBeLessThanOrEqual(150_000);
    expect(new Set(tookMs).size).toBeGreaterThan(40);
  });
});

describe('a release', () => {
  test('passes through releasing to released, and the record stays', () => {
    const tester = aWorld();
    const uuid = tester.order();
    tester.pass(900_000);
    expect(json(tester.send('DELETE', `${SERVERS}/${uuid}`))[0]).toMatchObject({
      uuid,
      status: 'releasing',
      releasedAt: null,
    });
    tester.pass(5_000);
    expect(tester.get(uuid)).toMatchObject({ status: 'released', releasedAt: unix(tester.now) });
    expect(tester.list()).toEqual([uuid]);
  });

  test('before delivery ends the delivery', () => {
    const tester = aWorld();
    const uuid = tester.order();
    tester.send('DELETE', `${SERVERS}/${uuid}`);
    tester.pass(2_000_000);
    expect(tester.get(uuid)).toMatchObject({ status: 'released', deliveredAt: null });
  });

  test('of a failed server changes nothing', () => {
    const tester = aFailed({});
    const [uuid = ''] = tester.list();
    expect(json(tester.send('DELETE', `${SERVERS}/${uuid}`))[0]).toMatchObject({ status: 'failed' });
    tester.pass(1_000_000);
    expect(statusOf(tester, uuid)).toBe('failed');
    expect(tester.world.release(tester.now, tester.world.servers()[0]?.uuid ?? tester.order())).toBe(false);
  });

  test.each([
    ['early, as agreed', { releaseEarly: 'refuse' }, ['DELETE'], 422],
    ['again, taken', {}, ['DELETE', 'DELETE'], 200],
    ['again, not found', { releaseAgain: 'notFound' }, ['DELETE', 'DELETE'], 404],
    ['again, in conflict', { releaseAgain: 'conflict' }, ['DELETE', 'DELETE'], 409],
    ['without a body', { releaseReply: 'noContent' }, ['DELETE'], 204],
  ] as const)('can be answered %s', (_name, manners, methods, status) => {
    const tester = aWorld({ manners });
    const uuid = tester.order();
    expect(methods.map((method) => tester.send(method, `${SERVERS}/${uuid}`).status).at(-1)).toBe(status);
  });

  test('of a failed server can be refused', () => {
    const tester = aFailed({ manners: { releaseFailed: 'refuse' } });
    expect(tester.send('DELETE', `${SERVERS}/${tester.list()[0]}`).status).toBe(422);
  });

  test('can make the record vanish after a while', () => {
    const tester = aWorld({ manners: { endedVanishAfter: '1h' } });
    const uuid = tester.order();
    tester.send('DELETE', `${SERVERS}/${uuid}`);
    tester.pass(3_604_999);
    expect(statusOf(tester, uuid)).toBe('released');
    tester.pass(1);
    expect(tester.send('GET', `${SERVERS}/${uuid}`).status).toBe(404);
    expect(tester.list()).toEqual([]);
    expect(tester.world.lives()).toHaveLength(1);
  });
});

describe('a list', () => {
  test('gives 25 without a range, and what was asked for with one', () => {
    const tester = aWorld();
    const uuids = Array.from({ length: 130 }, () => tester.order());
    expect(tester.list()).toEqual(uuids.slice(0, 25));
    expect(tester.list('', 'start=120,results=50')).toEqual(uuids.slice(120));
    expect(tester.list('', 'start=130,results=50')).toEqual([]);
    expect(tester.list('', 'start=0,results=1000')).toEqual(uuids.slice(0, 100));
    expect(tester.list('', 'rubbish')).toEqual(uuids.slice(0, 25));
  });

  test('can be in the other order', () => {
    const tester = aWorld({ manners: { listOrder: 'newestFirst' } });
    const uuids = [tester.order(), tester.order()];
    expect(tester.list()).toEqual(uuids.toReversed());
  });

  test.each([
    ['one tag', '?tag=a', ['both', 'justA']],
    ['two tags', '?tag=a&tag=b', ['both']],
    ['two tags in brackets', '?tag[]=a&tag[]=b', ['both']],
    ['two tags with a comma', '?tag=a,b', ['both']],
    ['a tag that nobody has', '?tag=c', []],
    ['a status', '?status=delivered', ['both', 'justA', 'justB']],
    ['a status and a tag', '?status=delivered&tag=b', ['both', 'justB']],
    ['everything on its way', '?status=creating', ['fresh']],
    ['released', '?status=released', ['gone']],
    ['nothing', '', ['gone', 'both', 'justA', 'justB', 'fresh']],
  ])('is filtered by %s', (_name, query, names) => {
    const tester = aWorld();
    tester.send('DELETE', `${SERVERS}/${tester.order({ name: 'gone', tags: [] })}`);
    tester.order({ name: 'both', tags: ['a', 'b'] });
    tester.order({ name: 'justA', tags: ['a'] });
    tester.order({ name: 'justB', tags: ['b'] });
    tester.pass(1_000_000);
    tester.order({ name: 'fresh', tags: [] });
    expect(tester.list(query).map((uuid) => tester.get(uuid)['name'])).toEqual(names);
  });

  test('can leave out what has ended, unless it is asked for', () => {
    const tester = aWorld({ manners: { listHoldsEnded: false } });
    const uuid = tester.order();
    tester.send('DELETE', `${SERVERS}/${uuid}`);
    tester.pass(10_000);
    expect([tester.list(), tester.list('?status=released')]).toEqual([[], [uuid]]);
  });

  test.each([
    ['lists', 200],
    ['everything', 404],
  ] as const)('lags behind an order: %s', (appliesTo, early) => {
    const tester = aWorld({ visibility: { lag: '30s', appliesTo } });
    const uuid = tester.order();
    tester.pass(29_999);
    expect([tester.list(), tester.send('GET', `${SERVERS}/${uuid}`).status]).toEqual([[], early]);
    tester.pass(1);
    expect([tester.list(), tester.send('GET', `${SERVERS}/${uuid}`).status]).toEqual([[uuid], 200]);
  });

  test('can show the tags of an order later than the server', () => {
    const tester = aWorld({ manners: { orderTagsAfter: '10s' } });
    const uuid = tester.order();
    expect([tester.get(uuid)['tags'], tester.list('?tag=team:web')]).toEqual([[], []]);
    tester.pass(10_000);
    expect([tester.get(uuid)['tags'], tester.list('?tag=team:web')]).toEqual([['team:web'], [uuid]]);
  });
});

describe('tags of a server', () => {
  test('come and go one by one', () => {
    const tester = aWorld();
    const uuid = tester.order();
    tester.send('POST', `${SERVERS}/${uuid}/tag/new%3Aone`);
    expect(tester.get(uuid)['tags']).toEqual(['team:web', 'new:one']);
    tester.send('DELETE', `${SERVERS}/${uuid}/tag/team:web`);
    expect(tester.get(uuid)['tags']).toEqual(['new:one']);
    expect(tester.world.lives()[0]?.tagsEver).toEqual(['team:web', 'new:one']);
  });

  test.each([
    ['twice, taken', {}, 'POST', 'team:web', 200],
    ['twice, in conflict', { tagTwice: 'conflict' }, 'POST', 'team:web', 409],
    ['twice, refused', { tagTwice: 'refuse' }, 'POST', 'team:web', 422],
    ['malformed', {}, 'POST', 'a.b', 422],
    ['not there, taken', {}, 'DELETE', 'x', 200],
    ['not there, not found', { untagMissing: 'notFound' }, 'DELETE', 'x', 404],
  ] as const)('can be answered when %s', (_name, manners, method, tag, status) => {
    const tester = aWorld({ manners });
    expect(tester.send(method, `${SERVERS}/${tester.order()}/tag/${tag}`).status).toBe(status);
  });

  test.each([
    ['accept', 200],
    ['refuse', 422],
  ] as const)('of a server that has ended: %s', (tagsAfterEnd, status) => {
    const tester = aFailed({ manners: { tagsAfterEnd } });
    expect(tester.send('POST', `${SERVERS}/${tester.list()[0]}/tag/x`).status).toBe(status);
  });

  test('end at sixty', () => {
    const tester = aWorld();
    const uuid = tester.order({ tags: Array.from({ length: 60 }, (_, at) => `t${at}`) });
    expect(tester.send('POST', `${SERVERS}/${uuid}/tag/more`).status).toBe(422);
  });
});

describe('tags of the account', () => {
  test('are counted over servers that are not released', () => {
    const tester = aWorld();
    tester.order();
    tester.send('DELETE', `${SERVERS}/${tester.order()}`);
    tester.pass(10_000);
    expect(json(tester.send('GET', '/v3/flexMetal/tags'))).toEqual([
      { tag: 'team:web', resources: { count: 1, flexMetalServers: { count: 1 } } },
    ]);
  });

  test.each([
    ['reach', true, ['crew:web'], []],
    ['do not reach', false, ['team:web'], ['team:web']],
  ])('%s the servers when renamed and deleted', (_name, accountTagsReachServers, renamed, deleted) => {
    const tester = aWorld({ manners: { accountTagsReachServers } });
    const uuid = tester.order();
    tester.send('PUT', '/v3/flexMetal/tags/team:web', { tag: 'crew:web' });
    expect(tester.get(uuid)['tags']).toEqual(renamed);
    tester.send('DELETE', '/v3/flexMetal/tags/crew:web');
    expect(tester.get(uuid)['tags']).toEqual(deleted);
  });

  test('have pages', () => {
    const tester = aWorld();
    tester.order({ tags: Array.from({ length: 40 }, (_, at) => `t${at}`) });
    expect(json(tester.send('GET', '/v3/flexMetal/tags'))).toHaveLength(25);
    expect(
      json(tester.send('GET', '/v3/flexMetal/tags', undefined, { 'ranged-data': 'start=25,results=25' })),
    ).toHaveLength(15);
  });
});

describe('the root password', () => {
  test.each([
    ['before delivery', 'windows-2022', 1_000, 404],
    ['of Windows', 'windows-2022', 843_000, 200],
    ['of Windows for a day', 'windows-2022', 843_000 + 86_400_000, 200],
    ['of Windows after a day', 'windows-2022', 843_000 + 86_400_001, 404],
    ['of Linux', 'debian-12', 843_000, 404],
  ])('%s', (_name, slug, afterMs, status) => {
    const tester = aWorld();
    const uuid = tester.order({ os: { slug } });
    expect(tester.pass(afterMs).send('GET', `${SERVERS}/${uuid}/rootPassword`).status).toBe(status);
  });
});

describe('usage', () => {
  test('is counted from delivery to release in started hours', () => {
    const tester = aWorld({ delivery: { takes: '0' }, release: { takes: '0' } });
    const uuid = tester.order();
    tester.pass(823 * 60_000);
    tester.send('DELETE', `${SERVERS}/${uuid}`);
    tester.pass(86_400_000);
    const [row, ...others] = json(tester.send('GET', '/v3/flexMetal/usage'));
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      startedAt: '2026-11-24T20:00:00.000Z',
      endedAt: '2026-11-25T09:43:00.000Z',
      totalMinutes: 823,
      totalHours: 14,
    });
    expect(json(tester.send('GET', '/v3/flexMetal/usage?endDate=2026-11-24'))[0]).toMatchObject({
      totalMinutes: 240,
      totalHours: 4,
    });
    expect(json(tester.send('GET', '/v3/flexMetal/usage?startDate=2026-11-26'))).toEqual([]);
    expect(tester.send('GET', '/v3/flexMetal/usage?startDate=2026-11-26&endDate=2026-11-20').status).toBe(422);
  });
});

describe('the vendor’s clock', () => {
  test.each([
    ['ahead', { ahead: '90s' }, 90_000],
    ['behind', { behind: '2m' }, -120_000],
  ])('%s shows in records and in the Date header', (_name, clock, byMs) => {
    const tester = aWorld({ clock });
    const reply = tester.send('POST', SERVERS, AN_ORDER);
    expect(reply.headers['date']).toBe(new Date(WORLD_START + byMs).toUTCString());
    expect(json(reply)[0]?.['createdAt']).toBe(unix(WORLD_START + byMs));
  });

  test('never takes the world back', () => {
    const tester = aWorld({ delivery: { takes: '0' } });
    const uuid = tester.pass(60_000).order();
    tester.pass(-60_000);
    expect(statusOf(tester, uuid)).toBe('delivered');
    expect(tester.world.now).toBe(WORLD_START + 60_000);
  });
});

describe('behind the API’s back', () => {
  test('a server can be released', () => {
    const tester = aWorld();
    const uuid = tester.order();
    expect(tester.world.release(tester.now, uuid)).toBe(true);
    expect(tester.world.lives()[0]).toMatchObject({ releasedBy: { kind: 'admin' } });
    tester.pass(5_000);
    expect(statusOf(tester, uuid)).toBe('released');
  });

  test('a server can be given any status, and stays there', () => {
    const tester = aWorld();
    const uuid = tester.order();
    expect(tester.world.setStatus(tester.now, uuid, 'pondering', 'hm')).toBe(true);
    tester.pass(10_000_000);
    expect(tester.get(uuid)).toMatchObject({ status: 'pondering', statusMessage: 'hm' });
  });

  test('a server can go from failed back to delivered', () => {
    const tester = aFailed({});
    const uuid = tester.world.servers()[0]?.uuid ?? tester.order();
    tester.world.setStatus(tester.now, uuid, 'delivered');
    expect(tester.get(uuid)).toMatchObject({ status: 'delivered', ipAddresses: [{}, {}] });
    expect(tester.world.lives()[0]).toMatchObject({ end: undefined, endedAt: undefined });
  });
});

describe('the history', () => {
  test('tells what happened in order, with who did it', () => {
    const tester = aWorld({ manners: { deliverySteps: 'few' } });
    const uuid = tester.order();
    tester.pass(900_000);
    tester.send('DELETE', `${SERVERS}/${uuid}`);
    tester.pass(10_000);
    const told = tester.world.history.map((entry) => [
      entry.at - WORLD_START,
      entry.kind,
      entry.kind === 'status' ? entry.to : undefined,
    ]);
    expect(told).toEqual([
      [0, 'request', undefined],
      [0, 'ordered', undefined],
      [0, 'answered', undefined],
      [843_000, 'status', 'delivered'],
      [843_000, 'addresses', undefined],
      [900_000, 'request', undefined],
      [900_000, 'status', 'releasing'],
      [900_000, 'answered', undefined],
      [905_000, 'status', 'released'],
    ]);
    expect(tester.world.history.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(tester.world.lives()).toEqual([
      {
        uuid,
        account: 'default',
        name: 'web-1',
        tags: ['team:web'],
        tagsEver: ['team:web'],
        orderedAt: WORLD_START,
        orderedBy: 'req-1',
        deliveredAt: WORLD_START + 843_000,
        releasingAt: WORLD_START + 900_000,
        releasedBy: { kind: 'request', requestId: 'req-2' },
        endedAt: WORLD_START + 905_000,
        end: 'released',
      },
    ]);
  });

  test('knows every order, also refused ones', () => {
    const tester = aWorld();
    const uuid = tester.order();
    tester.send('POST', SERVERS, { ...AN_ORDER, location: 'Mars', tags: ['x'] });
    expect(tester.world.orders()).toMatchObject([
      { requestId: 'req-1', tags: ['team:web'], status: 200, uuid, commit: 'now' },
      { requestId: 'req-2', tags: ['x'], status: 422, uuid: undefined, commit: 'now' },
    ]);
  });

  test('counts the calls by route', () => {
    const tester = aWorld();
    tester.order();
    tester.list();
    tester.list('?tag=a');
    tester.send('GET', '/v3/nothing');
    expect(tester.world.calls()).toEqual({ 'POST /v3/flexMetal/servers': 1, 'GET /v3/flexMetal/servers': 2, other: 1 });
  });
});

describe('a world', () => {
  test.each([
    ['an unknown path', 'GET', '/v3/flexMetal/plans', 404],
    ['another method', 'PATCH', '/v3/flexMetal/servers/x', 405],
  ])('answers %s with the API’s error body', (_name, method, path, status) => {
    const reply = aWorld().send(method, path);
    expect(reply.status).toBe(status);
    expect(json(reply)[0]).toEqual({ errorCode: expect.any(Number), errorMessage: expect.any(String), errors: [] });
  });

  test('happens the same way twice, and another way with another seed', () => {
    expect(aStory(5)).toEqual(aStory(5));
    expect(aStory(5)).not.toEqual(aStory(6));
  });

  test('happens the same way however often somebody looks', () => {
    const [seldom, often] = [
      aWorld({ delivery: { takes: '100s', jitter: 0.3 } }),
      aWorld({ delivery: { takes: '100s', jitter: 0.3 } }),
    ];
    for (const tester of [seldom, often]) tester.order();
    for (let second = 0; second < 200; second += 1) often.pass(1_000);
    seldom.pass(200_000);
    expect(seldom.world.history).toEqual(often.world.history);
  });

  test('and its copy go their own ways from the same point', () => {
    const tester = aWorld({
      faults: [{ match: { probability: 0.5, method: 'GET' }, do: { answer: { kind: 'error', status: 500 } } }],
    });
    tester.order();
    tester.pass(100_000);
    const before = tester.fork();
    const [left, right] = [tester.fork(), tester.fork()];
    const story = (fork: WorldTester): unknown => {
      fork.order({ name: 'next' });
      fork.world.setTimeScale(fork.now, 2);
      const seen = Array.from({ length: 20 }, () => fork.pass(50_000).send('GET', SERVERS).body);
      return { seen, history: fork.world.history, calls: fork.world.calls() };
    };
    expect(story(left)).toEqual(story(right));
    expect(tester.world.history).toEqual(before.world.history);
    expect(tester.world.servers()).toHaveLength(1);
    expect(tester.world.timeScale).toBe(1);
  });
});

/** A world whose only server has failed. */
function aFailed(config: Parameters<typeof aWorld>[0]): WorldTester {
  const tester = aWorld({ ...config, faults: [{ do: { delivery: { kind: 'fails' } } }] });
  tester.order();
  return tester.pass(2_000_000);
}

const statusesOf = (tester: WorldTester, uuid: string): readonly string[] =>
  tester.world.history.flatMap((entry) => (entry.kind === 'status' && entry.uuid === uuid ? [entry.to] : []));

function aStory(seed: number): unknown {
  const tester = aWorld({
    seed,
    delivery: { takes: '100s', jitter: 0.5 },
    faults: [{ match: { probability: 0.4 }, do: { answer: { kind: 'error', status: 503 } } }],
  });
  const replies = Array.from({ length: 30 }, (_, at) =>
    tester.pass(7_000).send(at % 3 === 0 ? 'POST' : 'GET', SERVERS, at % 3 === 0 ? AN_ORDER : undefined),
  );
  return { replies, history: tester.world.history };
}
