import { describe, expect, test } from 'vitest';
import { millis } from '../../src/base/time.ts';
import type { Reading } from '../../src/flexmetal/classify.ts';
import {
  classifyCreate,
  classifyPage,
  classifyRead,
  classifyRelease,
  classifyTag,
} from '../../src/flexmetal/classify.ts';
import { clean } from '../../src/flexmetal/text.ts';
import type { HttpResult } from '../../src/flexmetal/transport.ts';
import { VIRTUAL_START } from '../support/virtual-clock.ts';
import { UUID, aReply, aServer, anError, numbered } from './support/replies.ts';

const READING: Reading = { now: VIRTUAL_START, clean };
const REFUSED_BY_API = { message: 'invalid value; location: does not exist', errorCode: 20_002 };
const HTML = '<html><body>Bad gateway</body></html>';

const NOT_SENT: HttpResult = { kind: 'failed', sent: 'no', cause: 'ECONNREFUSED' };
const MAYBE_SENT: HttpResult = { kind: 'failed', sent: 'maybe', cause: 'ECONNRESET' };

describe('an order', () => {
  test.each<[what: string, result: HttpResult, expected: unknown]>([
    ['an array of one server', aReply(200, [aServer()]), { kind: 'created', server: { uuid: UUID } }],
    ['one server', aReply(201, aServer()), { kind: 'created', server: { uuid: UUID } }],
    [
      'a server of which only the uuid can be read',
      aReply(200, [{ uuid: UUID, tags: 7, createdAt: {}, name: [] }]),
      { kind: 'created', server: { uuid: UUID, name: '', tags: [] } },
    ],
    [
      '202 with a server',
      aReply(202, [aServer({ status: 'hovering' })]),
      { kind: 'created', server: { status: 'hovering' } },
    ],
    ['an empty array', aReply(200, []), { kind: 'unclear' }],
    ['an empty body', aReply(200, ''), { kind: 'unclear' }],
    ['204', aReply(204, ''), { kind: 'unclear' }],
    ['HTML', aReply(200, HTML), { kind: 'unclear' }],
    ['truncated JSON', aReply(200, `[{"uuid":"${UUID}","na`), { kind: 'unclear' }],
    ['no uuid', aReply(200, [aServer({ uuid: undefined })]), { kind: 'unclear' }],
    ['two servers', aReply(200, [aServer(), aServer({ uuid: numbered(2) })]), { kind: 'unclear' }],
    ['a server and something else', aReply(200, [aServer(), {}]), { kind: 'unclear' }],
    ['200 with an error', aReply(200, anError()), { kind: 'unclear' }],
    [
      '400 in the words of the API',
      aReply(400, anError()),
      { kind: 'refused', refusal: { class: 'invalid', ...REFUSED_BY_API } },
    ],
    [
      '422 in the words of the API',
      aReply(422, anError()),
      { kind: 'refused', refusal: { class: 'invalid', ...REFUSED_BY_API } },
    ],
    ['401 in the words of the API', aReply(401, anError()), { kind: 'refused', refusal: { class: 'credentials' } }],
    ['403 in the words of the API', aReply(403, anError()), { kind: 'refused', refusal: { class: 'credentials' } }],
    ['404 in the words of the API', aReply(404, anError()), { kind: 'refused', refusal: { class: 'notFound' } }],
    [
      '422 in transition',
      aReply(422, anError({ errorCode: 90_001 })),
      { kind: 'refused', refusal: { class: 'inTransition' } },
    ],
    ...[400, 401, 403, 404, 422].map((status): [string, HttpResult, unknown] => [
      `${status} in the words of a proxy`,
      aReply(status, HTML),
      { kind: 'unclear', cause: `HTTP ${status}` },
    ]),
    ...[301, 302, 405, 408, 409, 410, 429, 500, 502, 503, 504, 599].map((status): [string, HttpResult, unknown] => [
      `${status} even in the words of the API`,
      aReply(status, anError()),
      { kind: 'unclear', cause: `HTTP ${status}` },
    ]),
    ['no connection', NOT_SENT, { kind: 'refused', refusal: { class: 'notConnected' } }],
    ['a lost connection', MAYBE_SENT, { kind: 'unclear', cause: 'ECONNRESET' }],
    ['429 with a wait', aReply(429, '', { 'retry-after': '7' }), { kind: 'unclear', retryAfter: millis(7_000) }],
  ])('%s', (_what, result, expected) => {
    expect(classifyCreate(result, READING)).toMatchObject({ ...Object(expected) });
  });
});

describe('a release', () => {
  test.each<[what: string, result: HttpResult, expected: unknown]>([
    [
      'the server',
      aReply(200, [aServer({ status: 'releasing' })]),
      { kind: 'accepted', server: { status: 'releasing' } },
    ],
    ['an empty array', aReply(200, []), { kind: 'accepted', server: undefined }],
    ['202', aReply(202, ''), { kind: 'accepted', server: undefined }],
    ['204', aReply(204, ''), { kind: 'accepted', server: undefined }],
    ['a page of somebody else', aReply(200, HTML), { kind: 'unclear' }],
    ['another server', aReply(200, [aServer({ uuid: numbered(2) })]), { kind: 'unclear' }],
    ['200 with an error', aReply(200, anError()), { kind: 'unclear' }],
    ['201', aReply(201, [aServer()]), { kind: 'unclear' }],
    ['404 in the words of the API', aReply(404, anError({ errorCode: 10_001 })), { kind: 'notFound' }],
    ['404 in the words of a proxy', aReply(404, HTML), { kind: 'unclear' }],
    ['409', aReply(409, anError()), { kind: 'refused', refusal: { class: 'inTransition' } }],
    [
      '422 in transition',
      aReply(422, anError({ errorCode: 90_001 })),
      { kind: 'refused', refusal: { class: 'inTransition', errorCode: 90_001 } },
    ],
    [
      '422 terminal',
      aReply(422, anError({ errorCode: 90_002 })),
      { kind: 'refused', refusal: { class: 'invalid', errorCode: 90_002 } },
    ],
    ['403', aReply(403, anError()), { kind: 'refused', refusal: { class: 'credentials' } }],
    ['500', aReply(500, anError()), { kind: 'unclear', cause: 'HTTP 500' }],
    ['no connection', NOT_SENT, { kind: 'refused', refusal: { class: 'notConnected' } }],
    ['a lost connection', MAYBE_SENT, { kind: 'unclear', cause: 'ECONNRESET' }],
  ])('%s', (_what, result, expected) => {
    expect(classifyRelease(result, UUID, READING)).toMatchObject({ ...Object(expected) });
  });
});

describe('a tag', () => {
  test.each<[what: string, result: HttpResult, expected: unknown]>([
    ['the server', aReply(200, [aServer({ tags: ['a'] })]), { kind: 'applied', server: { tags: ['a'] } }],
    ['204', aReply(204, ''), { kind: 'applied', server: undefined }],
    [
      'the server with tags that cannot all be read',
      aReply(200, [aServer({ tags: ['a', 7] })]),
      { kind: 'applied', server: undefined },
    ],
    ['404 may mean the tag', aReply(404, anError()), { kind: 'refused', refusal: { class: 'notFound' } }],
    ['409', aReply(409, anError()), { kind: 'refused', refusal: { class: 'inTransition' } }],
    ['422', aReply(422, anError()), { kind: 'refused', refusal: { class: 'invalid' } }],
    ['HTML', aReply(200, HTML), { kind: 'unclear' }],
    ['503', aReply(503, '', { 'retry-after': '2' }), { kind: 'unclear', cause: 'HTTP 503', retryAfter: millis(2_000) }],
  ])('%s', (_what, result, expected) => {
    expect(classifyTag(result, UUID, READING)).toMatchObject({ ...Object(expected) });
  });
});

describe('a read', () => {
  test.each<[what: string, result: HttpResult, expected: unknown]>([
    ['the server', aReply(200, [aServer()]), { kind: 'present', server: { uuid: UUID } }],
    ['the server as an object', aReply(200, aServer()), { kind: 'present', server: { uuid: UUID } }],
    [
      'another server',
      aReply(200, [aServer({ uuid: numbered(2) })]),
      { kind: 'unreadable', failure: { kind: 'malformed' } },
    ],
    ['an empty array', aReply(200, []), { kind: 'unreadable', failure: { kind: 'malformed' } }],
    [
      "the server with tags that cannot all be read: another object's may be among them",
      aReply(200, [aServer({ tags: ['flexmetal-operator:v1', { tag: 'flexmetal-uid:another' }] })]),
      { kind: 'unreadable', failure: { kind: 'malformed' } },
    ],
    ['HTML', aReply(200, HTML), { kind: 'unreadable', failure: { kind: 'malformed' } }],
    ['404 in the words of the API', aReply(404, anError({ errorCode: 10_001 })), { kind: 'notFound' }],
    ['404 in the words of a proxy', aReply(404, HTML), { kind: 'unreadable', failure: { kind: 'malformed' } }],
    [
      '404 with JSON of a proxy',
      aReply(404, { message: 'no route' }),
      { kind: 'unreadable', failure: { kind: 'malformed' } },
    ],
    ['401', aReply(401, ''), { kind: 'unreadable', failure: { kind: 'credentials' } }],
    ['403', aReply(403, anError()), { kind: 'unreadable', failure: { kind: 'credentials' } }],
    [
      '429',
      aReply(429, '', { 'retry-after': '3' }),
      { kind: 'unreadable', failure: { kind: 'rateLimited', retryAfter: millis(3_000) } },
    ],
    ['500', aReply(500, anError()), { kind: 'unreadable', failure: { kind: 'unavailable' } }],
    ['302', aReply(302, ''), { kind: 'unreadable', failure: { kind: 'malformed' } }],
    ['no connection', NOT_SENT, { kind: 'unreadable', failure: { kind: 'unavailable' } }],
  ])('%s', (_what, result, expected) => {
    expect(classifyRead(result, UUID, READING)).toMatchObject({ ...Object(expected) });
  });
});

describe('a page', () => {
  test.each<[what: string, result: HttpResult, expected: unknown]>([
    [
      'servers',
      aReply(200, [aServer(), {}], { date: 'Tue, 24 Nov 2026 20:00:00 GMT' }),
      { kind: 'page', readings: [{ kind: 'server' }, { kind: 'unreadable' }], apiDate: VIRTUAL_START },
    ],
    ['none', aReply(200, []), { kind: 'page', readings: [], apiDate: undefined }],
    ['null', aReply(200, 'null'), { kind: 'unreadable', failure: { kind: 'malformed' } }],
    ['an error', aReply(200, anError()), { kind: 'unreadable', failure: { kind: 'malformed' } }],
    ['one server that is no list', aReply(200, aServer()), { kind: 'unreadable', failure: { kind: 'malformed' } }],
    ['nothing', aReply(200, ''), { kind: 'unreadable', failure: { kind: 'malformed' } }],
    ['206', aReply(206, [aServer()]), { kind: 'unreadable', failure: { kind: 'malformed' } }],
    ['404 in the words of the API', aReply(404, anError()), { kind: 'unreadable', failure: { kind: 'malformed' } }],
    ['503', aReply(503, ''), { kind: 'unreadable', failure: { kind: 'unavailable' } }],
  ])('%s', (_what, result, expected) => {
    expect(classifyPage(result, READING)).toMatchObject({ ...Object(expected) });
  });
});

describe('Retry-After', () => {
  const DATE = { date: 'Tue, 24 Nov 2026 10:00:00 GMT' };
  test.each<[what: string, headers: Record<string, string>, expected: number | undefined]>([
    ['seconds', { 'retry-after': '12' }, 12_000],
    ['a date, by our clock', { 'retry-after': 'Tue, 24 Nov 2026 20:00:30 GMT' }, 30_000],
    ["a date, by the reply's clock", { 'retry-after': 'Tue, 24 Nov 2026 10:01:00 GMT', ...DATE }, 60_000],
    ['a date in the past', { 'retry-after': 'Tue, 24 Nov 2026 09:00:00 GMT', ...DATE }, 0],
    ['negative', { 'retry-after': '-5' }, 0],
    ['huge', { 'retry-after': '999999999999999999999' }, 300_000],
    ['a date far away', { 'retry-after': 'Fri, 01 Jan 2100 00:00:00 GMT' }, 300_000],
    ['garbage', { 'retry-after': 'soon, 5 maybe' }, undefined],
    ['empty', { 'retry-after': ' ' }, undefined],
    ['none', {}, undefined],
  ])('%s', (_what, headers, expected) => {
    const outcome = classifyCreate(aReply(503, '', headers), READING);
    expect(outcome.kind === 'unclear' ? outcome.retryAfter : 'no answer').toBe(expected);
  });
});
