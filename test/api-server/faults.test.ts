import { describe, expect, test } from 'vitest';
import { millis } from '../../src/base/time.ts';
import type { Fault } from '../support/api-server/faults.ts';
import { aSample, SAMPLES } from '../support/api-server/sample.ts';
import { aCluster, aCreation, aMergePatch, follow, sendWith, TIMEOUT, watching } from './harness.ts';

describe('one call goes wrong', () => {
  const failed = (sent: 'no' | 'maybe', cause: string) => ({ kind: 'failed', sent, cause });

  test.each<[string, Fault, object | 'pending', boolean]>([
    ['no connection', { kind: 'refuse' }, failed('no', 'ECONNREFUSED'), false],
    ['lost on the way there', { kind: 'reset', carriedOut: false }, failed('maybe', 'ECONNRESET'), false],
    ['lost on the way back', { kind: 'reset', carriedOut: true }, failed('maybe', 'ECONNRESET'), true],
    ['no answer, not carried out', { kind: 'silence', carriedOut: false }, failed('maybe', 'timeout'), false],
    ['no answer, carried out', { kind: 'silence', carriedOut: true }, failed('maybe', 'timeout'), true],
    [
      'an error, not carried out',
      { kind: 'answer', code: 500, reason: 'InternalError', carriedOut: false },
      { kind: 'reply', status: 500 },
      false,
    ],
    [
      'an error, carried out',
      { kind: 'answer', code: 504, reason: 'Timeout', carriedOut: true },
      { kind: 'reply', status: 504 },
      true,
    ],
    [
      'turned away with a wait',
      { kind: 'answer', code: 429, reason: 'TooManyRequests', carriedOut: false, retryAfterSeconds: 3 },
      { kind: 'reply', status: 429, headers: { 'retry-after': '3' }, body: { reason: 'TooManyRequests' } },
      false,
    ],
    ['a conflict', { kind: 'conflict' }, { kind: 'reply', status: 409, body: { reason: 'Conflict' } }, false],
    [
      'a slow network',
      { kind: 'delay', request: millis(3_000), reply: millis(3_000) },
      { kind: 'reply', status: 200 },
      true,
    ],
    [
      'too slow a network',
      { kind: 'delay', request: millis(3_000), reply: millis(60_000) },
      failed('maybe', 'timeout'),
      true,
    ],
    ['the client dies before the call', { kind: 'kill', carriedOut: false }, 'pending', false],
    ['the client dies after the call', { kind: 'kill', carriedOut: true }, 'pending', true],
  ])('%s', async (_name, fault, expected, carriedOut) => {
    const { clock, server, user } = aCluster();
    user.create(aSample('one'));
    const call = sendWith(server, () => fault, aMergePatch('one', { spec: { place: 'there' } }));
    await clock.advance(TIMEOUT * 2);
    expect({ result: call.result }).toMatchObject({ result: expected });
    expect(server.read(SAMPLES, 'default/one')).toMatchObject({ spec: { place: carriedOut ? 'there' : 'here' } });
  });

  test('a plan is told which call it is', async () => {
    const { clock, server } = aCluster();
    const seen: string[] = [];
    const client = server.transportFor('operator', ({ index, verb, resource, name, endpoint }) => {
      seen.push([index, verb, resource, name, endpoint].join(' '));
      return undefined;
    });
    await Promise.all([
      client.send(aCreation('one'), { timeout: TIMEOUT }),
      client.send(aMergePatch('one', { status: { phase: 'Up' } }, 'status'), { timeout: TIMEOUT }),
      client.send({ method: 'GET', path: '/nowhere' }, { timeout: TIMEOUT }),
      clock.advance(10),
    ]);
    expect(seen).toEqual([`0 create ${SAMPLES}  main`, `1 patch ${SAMPLES} one status`, '2 unknown   main']);
  });

  test.each<[string, Fault, object | 'pending']>([
    ['no connection', { kind: 'refuse' }, { kind: 'failed', cause: 'ECONNREFUSED' }],
    ['reset', { kind: 'reset', carriedOut: true }, { kind: 'failed', cause: 'ECONNRESET' }],
    ['no answer', { kind: 'silence', carriedOut: false }, { kind: 'failed', cause: 'timeout' }],
    ['an error', { kind: 'answer', code: 410, reason: 'Expired', carriedOut: false }, { kind: 'reply', status: 410 }],
    ['the client dies', { kind: 'kill', carriedOut: true }, 'pending'],
  ])('a watch that does not open: %s', async (_name, fault, expected) => {
    const { clock, server } = aCluster();
    const { opened } = watching(
      server.transportFor('operator', () => fault),
      '',
    );
    await clock.advance(600_000);
    expect({ result: opened.result }).toMatchObject({ result: expected });
  });
});

describe('a dead client', () => {
  test('no call of it ends, and no watch of it tells anything more', async () => {
    const { clock, server, user, client } = aCluster();
    const watch = watching(client, `&resourceVersion=${server.revision}`);
    await clock.advance(2);
    const begun = follow(client.send(aCreation('begun'), { timeout: TIMEOUT }));
    server.kill('operator');
    const later = follow(client.send(aCreation('later'), { timeout: TIMEOUT }));
    user.create(aSample('other'));
    await clock.advance(3_600_000);
    expect([begun.result, later.result, watch.lines]).toEqual(['pending', 'pending', []]);
  });

  test('what it had sent is still carried out, what it had not is not', async () => {
    const { clock, server, client } = aCluster();
    void client.send(aCreation('sent'), { timeout: TIMEOUT });
    server.kill('operator');
    void client.send(aCreation('unsent'), { timeout: TIMEOUT });
    await clock.advance(10);
    expect(server.all(SAMPLES)).toMatchObject([{ metadata: { name: 'sent' } }]);
  });

  test('others live on', async () => {
    const { clock, server } = aCluster();
    server.kill('operator');
    const call = follow(server.transportFor('another').send(aCreation('one'), { timeout: TIMEOUT }));
    await clock.advance(10);
    expect(call.result).toMatchObject({ kind: 'reply', status: 201 });
  });
});

test('a caller may stop waiting; the call is carried out all the same', async () => {
  const { clock, server, client } = aCluster();
  const stop = new AbortController();
  const call = follow(client.send(aCreation('one'), { timeout: TIMEOUT, signal: stop.signal }));
  stop.abort();
  await clock.advance(10);
  expect(call.result).toEqual({ kind: 'failed', sent: 'maybe', cause: 'aborted' });
  expect(server.all(SAMPLES)).toHaveLength(1);
});

test('what is not simulated is said aloud', async () => {
  const { server } = aCluster();
  const apply = {
    method: 'PATCH',
    path: '/api/v1/namespaces/default/configmaps/a',
    contentType: 'application/apply-patch+yaml',
    body: '{}',
  } as const;
  server.handle('user', {
    method: 'POST',
    path: '/api/v1/namespaces/default/configmaps',
    contentType: 'application/json',
    body: '{"metadata":{"name":"a"}}',
  });
  expect(() => server.handle('operator', apply)).toThrow('does not simulate server-side apply');
  expect(() => server.handle('operator', { method: 'GET', path: '/api/v1/configmaps?labelSelector=a%3Db' })).toThrow(
    'the parameter labelSelector',
  );
});
