import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import * as z from 'zod';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { millis, seconds } from '../../../src/base/time.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { OtelTracer } from '../../../src/observability/tracing/otel-tracer.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const cleanUp: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of cleanUp.splice(0)) await stop();
  vi.unstubAllEnvs();
});

interface Posted {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly resource: Readonly<Record<string, unknown>>;
  readonly spans: readonly Record<string, unknown>[];
}

const ok = (response: ServerResponse): void => void response.end('{}');

/** A collector on loopback, with a tracer that sends to it. `env`: variables of OpenTelemetry. */
async function aCollector(answer: (response: ServerResponse) => void = ok, env: Readonly<Record<string, string>> = {}) {
  const posted: Posted[] = [];
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(request);
    const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    const [{ resource, scopeSpans }] = Body.parse(JSON.parse(text.toString())).resourceSpans;
    const attributes = Object.fromEntries(resource.attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
    posted.push({
      path: request.url ?? '',
      headers: request.headers,
      resource: attributes,
      spans: scopeSpans[0].spans,
    });
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
  const problems: string[] = [];
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const tracer = new OtelTracer({
    endpoint: `http://127.0.0.1:${port}`,
    resource: { 'service.name': 'test' },
    clock,
    random: seededRandom(1),
    onDropped: (count) => dropped.push(count),
    onMisconfigured: (problem) => problems.push(problem),
  });
  return { posted, clock, tracer, stop, problems, droppedInAll: () => dropped.reduce((sum, count) => sum + count, 0) };
}

/** ExportTraceServiceRequest of opentelemetry-proto 1.x in its JSON form, as far as it is looked at. */
const Body = z.object({
  resourceSpans: z.tuple([
    z.object({
      resource: z.object({
        attributes: z.array(z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) })),
      }),
      scopeSpans: z.tuple([z.object({ spans: z.array(z.record(z.string(), z.unknown())) })]),
    }),
  ]),
});

const spans = (tracer: OtelTracer, count: number): Promise<unknown> =>
  Promise.all(
    Array.from({ length: count }, () =>
      tracer.span({ name: 'x', kind: 'internal', attributes: {} }, () => Promise.resolve()),
    ),
  );

function broken(): never {
  throw new Error('the tracer is broken');
}

const SOON = { OTEL_BSP_SCHEDULE_DELAY: '20' };
const LIMIT = seconds(10);

describe('a span', () => {
  test('carries times, attributes and its parent, and goes by itself', async () => {
    const { posted, clock, tracer } = await aCollector(ok, SOON);
    const started = clock.now();
    const result = tracer.span(
      { name: 'outer', kind: 'internal', attributes: { a: 'b', none: undefined } },
      async () => {
        await clock.advance(millis(1_500));
        return tracer.span({ name: 'inner', kind: 'client', attributes: {} }, async (span) => {
          span.set({ whole: 2, half: 0.5, yes: true, nothing: undefined });
          span.fail('HTTP 500');
          return 7;
        });
      },
    );
    expect(await result).toBe(7);
    await expect.poll(() => posted).toHaveLength(1);
    const [inner, outer] = posted[0]?.spans ?? [];
    const nano = (ms: number): string => `${ms}000000`;
    expect(posted[0]?.path).toBe('/v1/traces');
    expect(outer).toMatchObject({
      traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
      spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
      name: 'outer',
      kind: 1,
      startTimeUnixNano: nano(started),
      endTimeUnixNano: nano(started + 1_500),
      attributes: [{ key: 'a', value: { stringValue: 'b' } }],
      status: { code: 0 },
    });
    expect(outer?.['parentSpanId']).toBeUndefined();
    expect(inner).toMatchObject({
      traceId: outer?.['traceId'],
      parentSpanId: outer?.['spanId'],
      kind: 3,
      attributes: [
        { key: 'whole', value: { intValue: 2 } },
        { key: 'half', value: { doubleValue: 0.5 } },
        { key: 'yes', value: { boolValue: true } },
      ],
      status: { code: 2, message: 'HTTP 500' },
    });
    await tracer.close(LIMIT);
  });

  test('begins and ends within its parent, though the wall clock counts whole milliseconds', async () => {
    const { posted, clock, tracer } = await aCollector();
    clock.freeze(0.75);
    const started = clock.now();
    await tracer.span({ name: 'outer', kind: 'internal', attributes: {} }, async () => {
      clock.freeze(0.5);
      await spans(tracer, 1);
      // A corrected clock moves no part of a trace against another.
      clock.jumpWall(-60_000);
      await spans(tracer, 1);
      clock.freeze(0.5);
    });
    await tracer.close(LIMIT);
    const micros = (nano: unknown): number => Number(BigInt(z.string().parse(nano)) / 1_000n) - started * 1_000;
    const times = posted[0]?.spans.map((span) => [micros(span['startTimeUnixNano']), micros(span['endTimeUnixNano'])]);
    expect(times).toEqual([
      [500, 500],
      [500, 500],
      [0, 1_000],
    ]);
  });

  test('has no parent when it begins outside of any other, and no brother for one', async () => {
    const { posted, tracer } = await aCollector();
    await spans(tracer, 2);
    await tracer.close(LIMIT);
    const [one, other] = posted[0]?.spans ?? [];
    expect([one?.['parentSpanId'], other?.['parentSpanId']]).toEqual([undefined, undefined]);
    expect(one?.['traceId']).not.toBe(other?.['traceId']);
  });

  test('has no parent that has ended, though it was set in motion there', async () => {
    const { posted, clock, tracer } = await aCollector();
    const left: Promise<unknown>[] = [];
    await tracer.span({ name: 'outer', kind: 'internal', attributes: {} }, async () => {
      const due = Promise.withResolvers<void>();
      clock.setTimer(millis(1), due.resolve);
      left.push(due.promise.then(() => spans(tracer, 1)));
    });
    await clock.advance(millis(1));
    await Promise.all(left);
    await tracer.close(LIMIT);
    expect(posted[0]?.spans.map((span) => [span['name'], span['parentSpanId']])).toEqual([
      ['outer', undefined],
      ['x', undefined],
    ]);
  });

  test('that is a root has no parent, and children', async () => {
    const { posted, tracer } = await aCollector();
    await tracer.span({ name: 'outer', kind: 'internal', attributes: {} }, () =>
      tracer.span({ name: 'root', kind: 'internal', attributes: {}, isRoot: true }, () => spans(tracer, 1)),
    );
    await tracer.close(LIMIT);
    const [inner, root] = posted[0]?.spans ?? [];
    expect([root?.['name'], root?.['parentSpanId']]).toEqual(['root', undefined]);
    expect([inner?.['parentSpanId'], inner?.['traceId']]).toEqual([root?.['spanId'], root?.['traceId']]);
  });

  test('of work that throws says the kind of error, not its message, and the error goes on', async () => {
    const { posted, tracer } = await aCollector();
    const work = tracer.span({ name: 'x', kind: 'internal', attributes: {} }, () =>
      Promise.reject(new TypeError('canary')),
    );
    await expect(work).rejects.toThrow('canary');
    await tracer.close(LIMIT);
    expect(posted[0]?.spans[0]).toMatchObject({ status: { code: 2, message: 'TypeError' } });
    expect(JSON.stringify(posted)).not.toContain('canary');
  });

  test.each([
    ['begun', { hex: () => broken() }, {}],
    ['told or ended', {}, { monotonic: () => broken() }],
  ])('that cannot be %s leaves the work as it is, and counts as dropped', async (_name, random, afterwards) => {
    const dropped: number[] = [];
    const clock = new VirtualClock();
    const tracer = new OtelTracer({
      endpoint: 'http://127.0.0.1:1',
      resource: {},
      clock,
      random: { ...seededRandom(1), ...random },
      onDropped: (count) => dropped.push(count),
      onMisconfigured: broken,
    });
    const work = tracer.span({ name: 'order', kind: 'client', attributes: {} }, async (span) => {
      Object.assign(clock, afterwards);
      span.set({ a: 'b' });
      return 'ordered';
    });
    expect(await work).toBe('ordered');
    expect(dropped).toEqual([1]);
  });

  test('begins its work at once', async () => {
    const { tracer } = await aCollector();
    let begun = false;
    void tracer.span({ name: 'x', kind: 'internal', attributes: {} }, async () => {
      begun = true;
    });
    expect(begun).toBe(true);
    await tracer.close(LIMIT);
  });
});

describe('the variables of OpenTelemetry', () => {
  test('choose headers and compression, and add to who is traced', async () => {
    const { posted, tracer, problems } = await aCollector(ok, {
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test,service.name=other',
    });
    await spans(tracer, 1);
    await tracer.close(LIMIT);
    expect(posted[0]?.headers).toMatchObject({ authorization: 'Bearer abc', 'content-encoding': 'gzip' });
    expect(posted[0]?.resource).toMatchObject({ 'deployment.environment.name': 'test', 'service.name': 'test' });
    expect(problems).toEqual([]);
  });

  test('choose a sample, with all spans of a trace or none', async () => {
    const { posted, tracer, droppedInAll } = await aCollector(ok, {
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.5',
    });
    for (let count = 0; count < 40; count += 1)
      await tracer.span({ name: 'outer', kind: 'internal', attributes: {} }, () => spans(tracer, 2));
    await tracer.close(LIMIT);
    const taken = posted.flatMap((batch) => batch.spans);
    const traces = Map.groupBy(taken, (span) => span['traceId']);
    expect([...traces.values()].map((trace) => trace.length)).toEqual(Array.from({ length: traces.size }, () => 3));
    expect(traces.size).toBeGreaterThan(8);
    expect(traces.size).toBeLessThan(32);
    expect(droppedInAll()).toBe(0);
  });

  test('that are not understood are told of, without addresses, and left out', async () => {
    const { posted, tracer, problems } = await aCollector(ok, {
      OTEL_TRACES_SAMPLER: 'sometimes',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://me:canary@[nowhere',
    });
    expect(problems.join('\n')).toContain('OTEL_TRACES_SAMPLER value "sometimes" invalid');
    expect(problems.join('\n')).not.toContain('canary');
    await spans(tracer, 1);
    await tracer.close(LIMIT);
    expect(posted).toHaveLength(1);
  });
});

describe('a collector', () => {
  test('gets 512 spans at most at a time', async () => {
    const { posted, tracer, droppedInAll } = await aCollector();
    await spans(tracer, 1_300);
    await tracer.close(LIMIT);
    expect(posted.map(({ spans: batch }) => batch.length)).toEqual([512, 512, 276]);
    expect(droppedInAll()).toBe(0);
  });

  test('that is overloaded is asked again', async () => {
    let calls = 0;
    const { posted, tracer, droppedInAll } = await aCollector((response) => {
      calls += 1;
      response.writeHead(calls === 1 ? 503 : 200).end('{}');
    });
    await spans(tracer, 3);
    await tracer.close(LIMIT);
    expect(posted).toHaveLength(2);
    expect(droppedInAll()).toBe(0);
  });

  test('that refuses costs its batch, which is counted', async () => {
    const { tracer, droppedInAll } = await aCollector((response) => void response.writeHead(400).end('canary'));
    await spans(tracer, 3);
    await tracer.close(LIMIT);
    expect(droppedInAll()).toBe(3);
  });

  test('that is down costs the same', async () => {
    const { clock, tracer, stop, droppedInAll } = await aCollector();
    await stop();
    await spans(tracer, 3);
    const closed = tracer.close(seconds(3));
    await clock.advance(seconds(3));
    await closed;
    expect(droppedInAll()).toBe(3);
  });

  test('that says nothing holds up nothing: 2048 spans wait, the rest is dropped, and the end comes in time', async () => {
    const { posted, clock, tracer, droppedInAll } = await aCollector(() => undefined);
    await spans(tracer, 512);
    await expect.poll(() => posted).toHaveLength(1);
    await spans(tracer, 2_048 - 512 + 10);
    expect(droppedInAll()).toBe(10);
    const closed = tracer.close(seconds(3));
    await clock.advance(seconds(3));
    await closed;
    expect(droppedInAll()).toBe(2_048 + 10);
    await spans(tracer, 1);
    expect(droppedInAll()).toBe(2_048 + 11);
  });
});
