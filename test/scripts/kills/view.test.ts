import { expect, test } from 'vitest';
import { differencesOf, doublesAmong, endStateOf, viewOf } from '../../../scripts/kills/view.ts';
import { instant } from '../../../src/base/time.ts';
import { parseServerUuid } from '../../../src/base/ids.ts';
import type { ServerLife } from '../../../src/simulator/retrospect.ts';

const UID = '7f0c7f6e-1f0e-4d5e-9a43-0d1f5a3b1c11';
const OTHER_UID = '11111111-1f0e-4d5e-9a43-0d1f5a3b1c11';

function aLife(
  number: number,
  times: readonly [ordered: number, releasing?: number, ended?: number],
  uid = UID,
): ServerLife {
  const uuid = parseServerUuid(`01a20f24-e636-7000-8ec9-00000000000${number}`);
  if (uuid === undefined) throw new Error('no uuid');
  const [orderedAt, releasingAt, endedAt] = times;
  const tags = ['team:web', `flexmetal-uid:${uid}`, 'flexmetal-attempt:abc'];
  return {
    uuid,
    account: 'default',
    name: 'web-1',
    tags,
    tagsEver: tags,
    orderedAt: instant(orderedAt),
    orderedBy: `req-${number}`,
    deliveredAt: undefined,
    releasingAt: releasingAt === undefined ? undefined : instant(releasingAt),
    releasedBy: undefined,
    endedAt: endedAt === undefined ? undefined : instant(endedAt),
    end: endedAt === undefined ? undefined : 'released',
  };
}

test.each([
  ['one server', [aLife(1, [10])], 0],
  ['one after the other', [aLife(1, [10, 20, 30]), aLife(2, [20])], 0],
  ['both at once', [aLife(1, [10, 21, 30]), aLife(2, [20])], 1],
  ['both at once, the later one listed first', [aLife(2, [20]), aLife(1, [10, 21, 30])], 1],
  ['two objects', [aLife(1, [10]), aLife(2, [10], OTHER_UID)], 0],
  ['three at once are three pairs', [aLife(1, [10]), aLife(2, [11]), aLife(3, [12])], 3],
])('doubles: %s', (_name, lives, count) => {
  expect(doublesAmong(lives)).toHaveLength(count);
});

const OBJECT = {
  metadata: { uid: UID },
  status: {
    phase: 'Ready',
    serverUuid: '01a20f24-e636-7000-8ec9-000000000001',
    conditions: [
      { type: 'Synced', status: 'True', reason: 'Synced' },
      { type: 'Ready', status: 'True', reason: 'Ready' },
    ],
    order: { outcome: 'created', attempts: 2 },
  },
};

test('the end of a run holds what counts, and nothing that only one run has', () => {
  const view = viewOf(OBJECT, [aLife(1, [10]), aLife(2, [5, 6, 7])], []);
  expect(endStateOf(view)).toEqual({
    object: {
      phase: 'Ready',
      ready: 'True',
      reason: 'Ready',
      outcome: 'created',
      attempts: 2,
      everUnclear: false,
    },
    namesItsServer: true,
    orders: 0,
    serversLive: 1,
    serversEnded: 1,
    tags: ['flexmetal-attempt:{id}', 'flexmetal-uid:{id}', 'team:web'],
  });
});

test('an object that is gone has no state, and a server that status does not name is not its own', () => {
  expect(endStateOf(viewOf(undefined, [aLife(1, [10, 11, 12])], []))).toMatchObject({
    object: 'gone',
    serversLive: 0,
    serversEnded: 1,
  });
  expect(endStateOf(viewOf(OBJECT, [aLife(3, [10])], []))).toMatchObject({ namesItsServer: false });
});

test('differences name the fact and both sides', () => {
  const end = endStateOf(viewOf(OBJECT, [aLife(1, [10])], []));
  expect(differencesOf(end, end)).toEqual([]);
  expect(differencesOf({ ...end, orders: 3, tags: [] }, end)).toEqual([
    'orders is 3, and in the simulation 0',
    'tags is [], and in the simulation ["flexmetal-attempt:{id}","flexmetal-uid:{id}","team:web"]',
  ]);
});
