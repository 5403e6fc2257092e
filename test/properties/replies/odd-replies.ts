import * as fc from 'fast-check';
import { UUID, aServer, anError, numbered } from '../../flexmetal/support/replies.ts';

/** Must never come back out of the client, although the API quotes them. */
export const TOKEN = 'canary-token-5be1c7d2';
export const SCRIPT = '#!/bin/sh\nexport PASSWORD=canary-script-9d03aa\n';

export const OTHER_UUID = numbered(2);
export const OUR_TAGS = [
  'flexmetal-operator:v1',
  'flexmetal-cluster:0123456789ab',
  'flexmetal-uid:7e0d1c52-31d7-4b64-9f52-0e0a5f0b6c11',
  'flexmetal-attempt:5f0c1f7ab2d94e61',
] as const;
const OTHERS_TAGS = ['flexmetal-operator:v1', 'flexmetal-uid:00000000-1111-2222-3333-444444444444'] as const;

const QUOTA = {
  location: { id: 18, name: 'EU: Rotterdam' },
  quotaUsage: [
    { instanceType: { id: 128, name: 'bm7.std.8' }, quotaType: 'onDemand', contractId: '', quota: 1, usage: 1 },
  ],
};

/** A reply as it may come over the wire. */
export interface OddReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const server = fc.constantFrom<unknown>(
  aServer({ tags: [...OUR_TAGS] }),
  aServer({ tags: [...OUR_TAGS], status: 'released', releasedAt: 1_728_039_999 }),
  aServer({ tags: [...OUR_TAGS], statusMessage: `cannot run ${SCRIPT}`, name: TOKEN }),
  aServer({ uuid: OTHER_UUID, tags: [...OTHERS_TAGS] }),
  aServer({ uuid: OTHER_UUID, tags: [...OUR_TAGS, ...OTHERS_TAGS], status: 'creating' }),
  aServer({ uuid: numbered(3), tags: null, status: 'failed' }),
);

const error = fc.constantFrom<unknown>(
  anError(),
  anError({ errorCode: 10_001, errorMessage: 'entity not found, ', errors: [] }),
  anError({ errorCode: 90_001, errorMessage: 'in transition' }),
  anError({ errorMessage: `bad token ${TOKEN}`, errors: [{ property: 'postInstallScript', message: SCRIPT }] }),
);

/** What the API says when all is well, of any operation: an answer to another question is odd as well. */
const valid: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: server.map((one) => [one]) },
  { weight: 1, arbitrary: server },
  { weight: 3, arbitrary: fc.array(server, { maxLength: 4 }) },
  { weight: 4, arbitrary: error },
  { weight: 1, arbitrary: error.map((one) => [one]) },
  { weight: 1, arbitrary: fc.constant([QUOTA]) },
);

const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  9_007_199_254_740_992,
  '',
  ' ',
  'null',
  '0',
  '20002',
  '1e3',
  'released',
  'RELEASED ',
  'failed\u0000',
  `released${' '.repeat(600)}not`,
  `${OUR_TAGS[2]}${' '.repeat(600)}not`,
  [`${OUR_TAGS[2]}${'\u200b'.repeat(600)}not`],
  'deliv\u202eered',
  '\ud800',
  UUID,
  UUID.toUpperCase(),
  `${UUID} `,
  OTHER_UUID,
  OUR_TAGS[2],
  `${OUR_TAGS[2]} `,
  [],
  {},
  [null],
  [[]],
  [UUID],
  { uuid: UUID },
  { 0: OUR_TAGS[2] },
  { tag: OUR_TAGS[2] },
  { name: { name: 'x' } },
  [OUR_TAGS[2], 7],
  [OTHERS_TAGS[1]],
  'x'.repeat(5_000),
];

const oddValue = fc.oneof(fc.constantFrom(...ODD_VALUES), fc.anything({ maxDepth: 2, withBigInt: false }));

/** Every object and list in a value, to be changed in place: the value is a copy of its own. */
function containersIn(value: unknown): readonly object[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value, ...Object.values(value).flatMap(containersIn)];
}

interface Change {
  readonly how: 'drop' | 'replace' | 'add' | 'double' | 'rename';
  readonly where: number;
  readonly which: number;
  readonly value: unknown;
}

const changes: fc.Arbitrary<Change> = fc.record({
  how: fc.constantFrom('drop', 'replace', 'replace', 'replace', 'add', 'double', 'rename'),
  where: fc.nat(),
  which: fc.nat(),
  value: oddValue,
});

const ADDED = ['uuid', '__proto__', 'constructor', 'toString', 'errorCode', 'errorMessage', 'tags', '0'];

function changed(value: unknown, { how, where, which, value: odds }: Change): unknown {
  const odd: unknown = copyOf(odds);
  const containers = containersIn(value);
  const container = containers[where % Math.max(1, containers.length)];
  if (container === undefined) return odd;
  const keys = Object.keys(container);
  const key = keys[which % Math.max(1, keys.length)] ?? '0';
  const define = (name: string, item: unknown): void => {
    Object.defineProperty(container, name, { value: item, enumerable: true, configurable: true, writable: true });
  };
  if (how === 'drop') Reflect.deleteProperty(container, key);
  if (how === 'replace') define(key, odd);
  if (how === 'add') define(ADDED[which % ADDED.length] ?? 'uuid', odd);
  if (how === 'rename') {
    const item: unknown = Reflect.get(container, key);
    Reflect.deleteProperty(container, key);
    define(key.toUpperCase(), item);
  }
  if (how === 'double' && Array.isArray(container))
    container.push(copyOf(container[which % Math.max(1, container.length)]));
  return value;
}

/** What cannot be in JSON is left out. */
const copyOf = (value: unknown): unknown => {
  const text = JSON.stringify(value);
  return text === undefined ? null : JSON.parse(text);
};

const mutated = fc
  .tuple(valid, fc.array(changes, { maxLength: 3 }))
  .map(([value, list]) => list.reduce(changed, copyOf(value)));

const textOf = (value: unknown): string => JSON.stringify(value) ?? '';

/** Text that is no longer what JSON.stringify makes: cut, doubled, wrapped, with keys that come twice. */
const spoiled = fc.tuple(mutated.map(textOf), fc.nat(), fc.nat(11)).map(([text, at, how]) => {
  const cut = at % (text.length + 1);
  const ways = [
    text.slice(0, cut),
    text.slice(cut),
    `${text.slice(0, cut)}\u0000${text.slice(cut)}`,
    `${text}${text}`,
    `\ufeff${text}`,
    `\ufeff\ufeff${text}`,
    ` \r\n${text}\n\n`,
    `)]}',\n${text}`,
    `<pre>${text}</pre>`,
    text.replace('{', `{"uuid":"${OTHER_UUID}","errorCode":1,`),
    text.replaceAll('"', "'"),
    text.replace(/\d{4,}/, '1e999'),
  ];
  return ways[how] ?? text;
});

const nested = fc
  .tuple(fc.constantFrom('[', '{"uuid":', '[{"tags":'), fc.constantFrom(50, 5_000))
  .map(([open, depth]) => {
    const close = open === '[' ? ']' : '}';
    return `${open.repeat(depth)}"${UUID}"${(open === '[{"tags":' ? '}]' : close).repeat(depth)}`;
  });

const bodies: fc.Arbitrary<string> = fc.oneof(
  { weight: 60, arbitrary: mutated.map(textOf) },
  { weight: 20, arbitrary: spoiled },
  { weight: 8, arbitrary: fc.json({ maxDepth: 4 }) },
  { weight: 5, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  {
    weight: 5,
    arbitrary: fc.constantFrom('', ' ', '[]', '{}', 'null', '""', '0', '<html>Bad gateway</html>', '[[]]', '[null]'),
  },
  { weight: 1, arbitrary: nested },
);

const statuses = fc.oneof(
  { weight: 4, arbitrary: fc.constant(200) },
  {
    weight: 6,
    arbitrary: fc.constantFrom(201, 202, 204, 206, 302, 400, 401, 403, 404, 408, 409, 422, 429, 500, 502, 503),
  },
  { weight: 1, arbitrary: fc.integer({ min: 200, max: 599 }) },
);

const headers = fc
  .record(
    {
      date: fc.constantFrom('Tue, 24 Nov 2026 20:00:00 GMT', 'yesterday', '', '0'),
      'retry-after': fc.constantFrom(
        '5',
        '-1',
        '1e9',
        '99999999999999999999',
        'soon',
        'Tue, 24 Nov 2026 21:00:00 GMT',
        '',
      ),
      'content-type': fc.constantFrom(
        'application/json',
        'text/html',
        'application/octet-stream',
        'text/plain; charset=utf-16',
        '',
      ),
    },
    { requiredKeys: [], noNullPrototype: true },
  )
  .map((found): OddReply['headers'] => found);

export const oddReplies: fc.Arbitrary<OddReply> = fc.record({ status: statuses, headers, body: bodies });
