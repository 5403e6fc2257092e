import { describe, expect, test } from 'vitest';
import { millis } from '../../src/base/time.ts';
import type { FlexMetalTransport, HttpResult } from '../../src/flexmetal/transport.ts';
import type { KubeTransport } from '../../src/kube/transport.ts';
import { tracedKube, tracedVendor } from '../../src/main/traced-transports.ts';
import type { Attributes, Tracer } from '../../src/observability/tracing/tracer.ts';

interface Recorded {
  readonly name: string;
  attributes: Attributes;
  failure: string | undefined;
}

function recorder(): { readonly tracer: Tracer; readonly spans: readonly Recorded[] } {
  const spans: Recorded[] = [];
  const tracer: Tracer = {
    span: ({ name, attributes }, work) => {
      const span: Recorded = { name, attributes, failure: undefined };
      spans.push(span);
      return work({
        set: (more) => {
          span.attributes = { ...span.attributes, ...more };
        },
        fail: (why) => {
          span.failure = why;
        },
      });
    },
  };
  return { tracer, spans };
}

const TIMEOUT = { timeout: millis(1_000) };
const UUID = '019256ab-1554-73a7-b091-f024b0a724ea';
const SECRETS = { headers: { 'private-token': 'canary' }, body: '{"postInstallScript":"canary"}' };

/** Answers everything with the result; `written` tells whether an order has left. */
function aVendor(result: HttpResult): { readonly transport: FlexMetalTransport; readonly written: () => boolean } {
  let isWritten = false;
  const transport: FlexMetalTransport = {
    send: () => Promise.resolve(result),
    connect: () =>
      Promise.resolve(
        result.kind === 'failed'
          ? { kind: 'failed', cause: result.cause }
          : {
              send: () => {
                isWritten = true;
                return Promise.resolve(result);
              },
              close: () => undefined,
            },
      ),
  };
  return { transport, written: () => isWritten };
}

const reply = (status: number): HttpResult => ({
  kind: 'reply',
  status,
  headers: { secret: 'canary' },
  body: 'canary',
});
const failed: HttpResult = { kind: 'failed', sent: 'maybe', cause: 'timeout' };

describe('a call to the FlexMetal API', () => {
  test.each<[string, string, HttpResult, Partial<Recorded>]>([
    [
      'that is answered',
      '/v3/flexMetal/servers?x=canary',
      reply(200),
      {
        name: 'flexmetal GET /v3/flexMetal/servers',
        attributes: {
          'http.request.method': 'GET',
          'url.template': '/v3/flexMetal/servers',
          'flexmetal.server': undefined,
          'http.response.status_code': 200,
        },
        failure: undefined,
      },
    ],
    [
      'about one server',
      `/v3/flexMetal/servers/${UUID}`,
      reply(404),
      {
        name: 'flexmetal GET /v3/flexMetal/servers/{uuid}',
        attributes: expect.objectContaining({ 'flexmetal.server': UUID, 'error.type': '404' }),
        failure: 'HTTP 404',
      },
    ],
    [
      'about a tag',
      `/v3/flexMetal/servers/${UUID}/tag/canary`,
      reply(200),
      { name: 'flexmetal GET /v3/flexMetal/servers/{uuid}/tag/{tag}' },
    ],
    [
      'without a reply',
      '/v3/flexMetal/servers',
      failed,
      { attributes: expect.objectContaining({ 'error.type': 'timeout' }), failure: 'timeout' },
    ],
  ])('%s is one span without secrets', async (_name, path, result, expected) => {
    const { tracer, spans } = recorder();
    const outcome = await tracedVendor(aVendor(result).transport, tracer).send(
      { method: 'GET', path, ...SECRETS },
      TIMEOUT,
    );
    expect(outcome).toEqual(result);
    expect(spans).toEqual([expect.objectContaining(expected)]);
    expect(JSON.stringify(spans)).not.toContain('canary');
  });

  test('that is an order has two, and is written within send', async () => {
    const { tracer, spans } = recorder();
    const { transport, written } = aVendor(reply(201));
    const connection = await tracedVendor(transport, tracer).connect(TIMEOUT);
    if ('kind' in connection) throw new Error(connection.cause);
    const sent = connection.send({ method: 'POST', path: '/v3/flexMetal/servers', ...SECRETS }, TIMEOUT);
    expect(written()).toBe(true);
    expect(await sent).toEqual(reply(201));
    connection.close();
    expect(spans.map(({ name }) => name)).toEqual(['flexmetal connect', 'flexmetal POST /v3/flexMetal/servers']);
    expect(JSON.stringify(spans)).not.toContain('canary');
  });

  test('that cannot connect says why', async () => {
    const { tracer, spans } = recorder();
    const connection = await tracedVendor(aVendor(failed).transport, tracer).connect(TIMEOUT);
    expect(connection).toEqual({ kind: 'failed', cause: 'timeout' });
    expect(spans).toEqual([expect.objectContaining({ name: 'flexmetal connect', failure: 'timeout' })]);
  });
});

describe('a call to the Kubernetes API', () => {
  const PATH = '/api/v1/namespaces/games/secrets/script';
  const kube = (answer: 'reply' | 'open' | 'failed'): KubeTransport => {
    const refusal = { kind: 'reply', status: 403, headers: {}, body: { data: 'canary' } } as const;
    const failure = { kind: 'failed', sent: 'no', cause: 'ECONNREFUSED' } as const;
    const open = { kind: 'open', lines: (async function* none() {})(), close: () => undefined } as const;
    return {
      send: () => Promise.resolve(answer === 'failed' ? failure : { ...refusal, status: 200 }),
      watch: () => Promise.resolve({ open, failed: failure, reply: refusal }[answer]),
    };
  };

  test.each<[string, 'reply' | 'failed', Attributes, string | undefined]>([
    ['answered', 'reply', { 'http.response.status_code': 200 }, undefined],
    ['not answered', 'failed', { 'error.type': 'ECONNREFUSED' }, 'ECONNREFUSED'],
  ])('%s is a span without content', async (_name, answer, attributes, failure) => {
    const { tracer, spans } = recorder();
    await tracedKube(kube(answer), tracer).send({ method: 'GET', path: `${PATH}?x=1`, body: 'canary' }, TIMEOUT);
    expect(spans).toEqual([
      {
        name: 'kubernetes GET',
        attributes: { 'http.request.method': 'GET', 'url.path': PATH, ...attributes },
        failure,
      },
    ]);
  });

  test.each<['open' | 'reply' | 'failed', Attributes, string | undefined]>([
    ['open', {}, undefined],
    ['reply', { 'error.type': '403', 'http.response.status_code': 403 }, 'HTTP 403'],
    ['failed', { 'error.type': 'ECONNREFUSED' }, 'ECONNREFUSED'],
  ])('a watch is one for its opening: %s', async (answer, attributes, failure) => {
    const { tracer, spans } = recorder();
    const signal = new AbortController().signal;
    const watch = await tracedKube(kube(answer), tracer).watch(
      { method: 'GET', path: PATH },
      { idleTimeout: millis(1_000), signal },
    );
    expect(watch.kind).toBe(answer);
    expect(spans).toEqual([
      {
        name: 'kubernetes GET',
        attributes: { 'http.request.method': 'GET', 'url.path': PATH, ...attributes },
        failure,
      },
    ]);
  });
});
