import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import * as z from 'zod';
import { afterEach, describe, expect, test } from 'vitest';
import { millis, seconds } from '../../../src/base/time.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { OtlpTracer } from '../../../src/observability/tracing/otlp-tracer.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const cleanUp: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of cleanUp.splice(0)) await stop();
});

interface Posted {
  readonly path: string;
  readonly spans: readonly Record<string, unknown>[];
}

const ok = (response: ServerResponse): void => void response.end('{}');

/** A collector on loopback, with a tracer that sends to it. */
async function aCollector(answer: (response: ServerResponse) => void = ok) {
  const posted: Posted[] = [];
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    posted.push({ path: request.url ?? '', spans: spansOf(await json(request)) });
    answer(response);
  };
  const server = createServer((request, response) => void take(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = (): Promise<void> => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  cleanUp.push(stop);
  const address = server.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  const clock = new VirtualClock();
  const dropped: number[] = [];
  const tracer = new OtlpTracer({
    endpoint: `http://127.0.0.1:${port}`,
    resource: { 'service.name': 'test' },
    clock,
    random: seededRandom(1),
    onDropped: (count) => dropped.push(count),
  });
  return { posted, clock, tracer, stop, droppedInAll: () => dropped.reduce((sum, count) => sum + count, 0) };
}

const Body = z.object({
  resourceSpans: z.tuple([
    z.object({
      resource: z.object({
        attributes: z.tuple([
          z.object({ key: z.literal('service.name'), value: z.object({ stringValue: z.literal('test') }) }),
        ]),
      }),
      scopeSpans: z.tuple([z.object({ spans: z.array(z.record(z.string(), z.unknown())) })]),
    }),
  ]),
});

const spansOf = (body: unknown): Posted['spans'] => Body.parse(body).resourceSpans[0].scopeSpans[0].spans;

const spans = (tracer: OtlpTracer, count: number): Promise<unknown> =>
  Promise.all(
    Array.from({ length: count }, () =>
      tracer.span({ name: 'x', kind: 'internal', attributes: {} }, () => Promise.resolve()),
    ),
  );

describe('a span', () => {
  test('carries times, attributes and its parent, and goes after 5 s', async () => {
    const { posted, clock, tracer } = await aCollector();
    const started = clock.now();
    const result = tracer.span(
      { name: 'outer', kind: 'internal', attributes: { a: 'b', none: undefined } },
      async () => {
        await clock.advance(millis(1_500));
        return tracer.span({ name: 'inner', kind: 'client', attributes: {} }, async (span) => {
          span.set({ whole: 2, half: 0.5, yes: true });
          span.fail('HTTP 500');
          return 7;
        });
      },
    );
    expect(await result).toBe(7);
    await clock.advance(seconds(5));
    await expect.poll(() => posted).toHaveLength(1);
    const [inner, outer] = posted[0]?.spans ?? [];
    const nano = (ms: number): string => `${ms}000000`;
    expect(posted[0]?.path).toBe('/v1/traces');
    expect(outer).toEqual({
      traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
      spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
      name: 'outer',
      kind: 1,
      startTimeUnixNano: nano(started),
      endTimeUnixNano: nano(started + 1_500),
      attributes: [{ key: 'a', value: { stringValue: 'b' } }],
      status: {},
    });
    expect(inner).toMatchObject({
      traceId: outer?.['traceId'],
      parentSpanId: outer?.['spanId'],
      kind: 3,
      attributes: [
        { key: 'whole', value: { intValue: '2' } },
        { key: 'half', value: { doubleValue: 0.5 } },
        { key: 'yes', value: { boolValue: true } },
      ],
      status: { code: 2, message: 'HTTP 500' },
    });
  });

  test('of work that throws says the kind of error, not its message, and the error goes on', async () => {
    const { posted, tracer } = await aCollector();
    const work = tracer.span({ name: 'x', kind: 'internal', attributes: {} }, () =>
      Promise.reject(new TypeError('canary')),
    );
    await expect(work).rejects.toThrow('canary');
    await tracer.close(seconds(3));
    expect(posted[0]?.spans[0]).toMatchObject({ status: { code: 2, message: 'TypeError' } });
    expect(JSON.stringify(posted)).not.toContain('canary');
  });

  test('begins its work at once', async () => {
    const { tracer } = await aCollector();
    let begun = false;
    void tracer.span({ name: 'x', kind: 'internal', attributes: {} }, async () => {
      begun = true;
    });
    expect(begun).toBe(true);
  });
});

describe('a collector', () => {
  test('gets 512 spans at most at a time', async () => {
    const { posted, tracer, droppedInAll } = await aCollector();
    await spans(tracer, 1_300);
    await tracer.close(seconds(3));
    expect(posted.map(({ spans: batch }) => batch.length)).toEqual([512, 512, 276]);
    expect(droppedInAll()).toBe(0);
  });

  test('that refuses costs its batch, which is counted', async () => {
    const { tracer, droppedInAll } = await aCollector((response) => void response.writeHead(503).end());
    await spans(tracer, 3);
    await tracer.close(seconds(3));
    expect(droppedInAll()).toBe(3);
  });

  test('that is down costs the same', async () => {
    const { tracer, stop, droppedInAll } = await aCollector();
    await stop();
    await spans(tracer, 3);
    await tracer.close(seconds(3));
    expect(droppedInAll()).toBe(3);
  });

  test('that says nothing holds up nothing: 2048 spans wait, the rest is dropped, and the end comes in time', async () => {
    const { posted, clock, tracer, droppedInAll } = await aCollector(() => undefined);
    await spans(tracer, 512);
    await expect.poll(() => posted).toHaveLength(1);
    await spans(tracer, 2_048 + 10);
    expect(droppedInAll()).toBe(10);
    const closed = tracer.close(seconds(3));
    await clock.advance(seconds(3));
    await closed;
    expect(droppedInAll()).toBe(512 + 2_048 + 10);
  });
});
