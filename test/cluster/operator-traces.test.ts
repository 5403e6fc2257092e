import { expect, inject, test } from 'vitest';
import * as z from 'zod';
import { startCollector } from '../support/collector.ts';
import { openStage } from './support/stage.ts';

const kubeconfig = inject('kubeconfig');

const Span = z.looseObject({
  name: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  startTimeUnixNano: z.coerce.bigint(),
  endTimeUnixNano: z.coerce.bigint(),
});
const Body = z.object({
  resourceSpans: z.array(z.object({ scopeSpans: z.array(z.object({ spans: z.array(Span) })) })),
});

const spansIn = (bodies: string) =>
  bodies
    .split('\n')
    .flatMap((body) => Body.parse(JSON.parse(body)).resourceSpans)
    .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));

test.concurrent('each pass is a trace of its own, with the calls that it made while it ran', async () => {
  await using stage = await openStage({ kubeconfig });
  await using collector = await startCollector();
  const operator = await stage.operator({ 'tracing-endpoint': collector.url });
  await stage.objects.create('web');
  await stage.objects.ready('web');
  await stage.objects.delete('web');
  await stage.objects.gone('web');
  // It sends what is left when it stops.
  expect(await operator.stop(10_000)).toEqual({ code: 0, signal: null });

  const spans = spansIn(collector.taken());
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const pairs = spans.flatMap((span) => {
    const parent = span.parentSpanId === undefined ? undefined : byId.get(span.parentSpanId);
    return parent === undefined ? [] : [{ span, parent }];
  });
  const orphans = spans.filter(({ parentSpanId }) => parentSpanId !== undefined && !byId.has(parentSpanId));
  expect(orphans).toEqual([]);
  expect(spans.filter(({ name, parentSpanId }) => name === 'reconcile' && parentSpanId !== undefined)).toEqual([]);
  expect(pairs.filter(({ parent }) => parent.name !== 'reconcile')).toEqual([]);
  const late = pairs.filter(({ span, parent }) => span.startTimeUnixNano > parent.endTimeUnixNano);
  expect(late).toEqual([]);
  const calls = new Set(pairs.map(({ span }) => span.name));
  expect([...calls]).toEqual(
    expect.arrayContaining(['flexmetal POST /v3/flexMetal/servers', 'flexmetal DELETE /v3/flexMetal/servers/{uuid}']),
  );
});
