import { describe, expect, test } from 'vitest';
import { liveMost, livesOf } from '../../../scripts/soak/lives.ts';
import type { ObjectRecord } from '../../../scripts/soak/promises.ts';
import { historyPromises } from '../../../scripts/soak/promises.ts';
import type { HistoryEntry } from '../../../scripts/soak/vendor.ts';

const UID = '11111111-1111-4111-8111-111111111111';
const OTHER_UID = '22222222-2222-4222-8222-222222222222';
const [FIRST, SECOND] = ['5f0c1f7ab2d94e61', '6f0c1f7ab2d94e62'] as const;
const uuid = (server: number): string => `019256ab-1554-73a7-b091-00000000000${server}`;
const tags = (uid: string, attempt: string): string[] => [`flexmetal-uid:${uid}`, `flexmetal-attempt:${attempt}`];

type Event = HistoryEntry extends infer E ? (E extends { kind: string } ? Omit<E, 'seq'> : never) : never;

const order = (at: number, server: number, orderTags: string[], attempted = true): readonly Event[] => [
  ...(attempted
    ? [
        {
          kind: 'request',
          at,
          requestId: `r${at}`,
          operation: 'createFlexMetalServer',
          path: '/',
          tags: orderTags,
        } as const,
      ]
    : []),
  { kind: 'ordered', at, requestId: `r${at}`, uuid: uuid(server), tags: orderTags },
];
const release = (at: number, server: number): readonly Event[] => [
  {
    kind: 'request',
    at,
    requestId: `r${at}`,
    operation: 'deleteFlexMetalServer',
    path: `/v3/flexMetal/servers/${uuid(server)}`,
    tags: [],
  },
  { kind: 'status', at, uuid: uuid(server), to: 'releasing', cause: { kind: 'request' } },
];
const status = (at: number, server: number, to: string, kind: 'admin' | 'delivery'): readonly Event[] => [
  { kind: 'status', at, uuid: uuid(server), to, cause: { kind } },
];

const deletedAt = (deleteAskedAt: number | undefined, goneBy?: number): ReadonlyMap<string, ObjectRecord> =>
  new Map([[UID, { uid: UID, name: 'web', deleteAskedAt, goneBy }]]);

/** Promises that are broken, by what they say. */
function broken(events: readonly (readonly Event[])[], objects: ReadonlyMap<string, ObjectRecord>) {
  const history = events.flat().map((event, seq): HistoryEntry => ({ seq, ...event }));
  return historyPromises(history, livesOf(history), objects)
    .filter((promise) => promise.broken.length > 0)
    .map(({ promise }) => promise);
}

const KEPT: readonly (readonly Event[])[] = [
  order(0, 9, ['billing:them']),
  order(10, 1, tags(UID, FIRST)),
  status(15, 1, 'delivered', 'delivery'),
  release(30, 1),
];

describe('a soak in which all went well', () => {
  test('breaks no promise', () => {
    expect(broken(KEPT, deletedAt(20, 40))).toEqual([]);
  });

  test('nor when a failed server was replaced, or a server went by itself', () => {
    const replaced = [
      order(10, 1, tags(UID, FIRST)),
      status(15, 1, 'failed', 'delivery'),
      order(20, 2, tags(UID, SECOND)),
      status(25, 2, 'releasing', 'admin'),
    ];
    expect(broken(replaced, deletedAt(30, 40))).toEqual([]);
  });
});

describe('broken:', () => {
  test.each([
    [
      'two servers at once',
      [...KEPT, order(20, 2, tags(UID, SECOND)), release(35, 2)],
      deletedAt(20, 40),
      ['never two live servers for one object'],
    ],
    [
      'one attempt twice',
      [...KEPT, order(35, 2, tags(UID, FIRST)), release(36, 2)],
      deletedAt(20, 40),
      ['each attempt is sent once'],
    ],
    [
      'a release before the object was deleted',
      KEPT,
      deletedAt(31, 40),
      ['nothing is released but servers of objects that are being deleted'],
    ],
    [
      'a release of an object that nobody knows',
      KEPT,
      new Map(),
      ['nothing is released but servers of objects that are being deleted'],
    ],
    [
      "a release of somebody else's server",
      [...KEPT, release(35, 9)],
      deletedAt(20, 40),
      [
        'nothing is released but servers of objects that are being deleted',
        "other people's servers in the account are left alone",
      ],
    ],
    ['an object that went before its server', KEPT, deletedAt(20, 29), ['an object goes only after its servers']],
    ['a server that is left', KEPT.slice(0, 3), deletedAt(20), ['no server is left when all objects are deleted']],
  ])('%s', (_name, events, objects, expected) => {
    expect(broken(events, objects)).toEqual(expected);
  });

  test('a server that got the tag of an object later counts as its own', () => {
    const adopted: readonly Event[] = [{ kind: 'tags', at: 20, uuid: uuid(2), tags: tags(UID, SECOND) }];
    const history = [
      order(5, 2, tags(OTHER_UID, SECOND)),
      ...KEPT.slice(1),
      adopted,
      status(50, 2, 'releasing', 'admin'),
    ];
    expect(broken(history, deletedAt(20, 60))).toEqual(['never two live servers for one object']);
  });
});

test('the most servers at once', () => {
  const events = [
    order(1, 1, []),
    order(2, 2, []),
    status(3, 1, 'releasing', 'admin'),
    order(3, 3, []),
    order(4, 4, []),
    status(9, 2, 'released', 'admin'),
  ];
  const history = events.flat().map((event, seq): HistoryEntry => ({ seq, ...event }));
  expect(liveMost(livesOf(history))).toBe(3);
});
