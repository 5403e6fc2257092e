import { expect, test } from 'vitest';
import * as z from 'zod';
import { dashboard, linesOf } from '../../scripts/monitoring/dashboard.ts';
import { ROWS } from '../../scripts/monitoring/panels.ts';
import type { Panel } from '../../scripts/monitoring/panels.ts';

const Place = z.object({ x: z.int(), y: z.int(), w: z.int().positive(), h: z.int().positive() });
const Drawn = z.looseObject({
  id: z.int(),
  type: z.enum(['row', 'stat', 'timeseries']),
  title: z.string().min(1),
  gridPos: Place,
  targets: z.array(z.looseObject({ refId: z.string(), expr: z.string() })).default([]),
});
const Dashboard = z.looseObject({
  panels: z.array(Drawn),
  templating: z.object({ list: z.array(z.looseObject({ name: z.string() })) }),
});

const text = JSON.stringify(dashboard(ROWS));
const { panels, templating } = Dashboard.parse(JSON.parse(text));

test('every panel has a number of its own, and every query of a panel a letter', () => {
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  for (const { targets } of panels) expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
});

test('every row and panel of the source is there', () => {
  expect(panels.map(({ title }) => title)).toEqual(
    ROWS.flatMap(({ title, panels: inRow }) => [title, ...inRow.map((panel) => panel.title)]),
  );
});

test('no panel lies on another or out of the page', () => {
  const fields = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, index) => ({ x: x + (index % w), y: y + Math.floor(index / w) })),
  );
  expect(fields.filter(({ x }) => x >= 24)).toEqual([]);
  expect(new Set(fields.map(({ x, y }) => `${x},${y}`)).size).toBe(fields.length);
});

test('data source, namespace and job are chosen on the page, and named nowhere', () => {
  expect(templating.list.map(({ name }) => name)).toEqual(['datasource', 'namespace', 'job']);
  const sources = [...text.matchAll(/"datasource":(\{.*?"\})/g)].map(([, source = '']) => source);
  expect(new Set(sources)).toEqual(new Set(['{"type":"prometheus","uid":"${datasource}"}']));
  for (const { targets } of panels)
    for (const { expr } of targets) expect(expr).toContain('{namespace="$namespace",job="$job"');
});

test('only variables that exist are used', () => {
  const used = [...text.matchAll(/\$(?:\{(\w+)\}|(\w+))/g)].map(([, braced, bare]) => braced ?? bare);
  expect(['datasource', 'namespace', 'job', '__rate_interval', '__range']).toEqual(
    expect.arrayContaining([...new Set(used)]),
  );
});

test.each([
  ['six numbers in one line', 'number', 6, [6]],
  ['four drawings in two lines of two', 'lines', 4, [2, 2]],
  ['five drawings in three and two', 'areas', 5, [3, 2]],
] as const)('%s', (_name, kind, count, expected) => {
  const panel: Panel = { title: 'x', description: 'x', kind, unit: 'short', queries: [] };
  expect(linesOf(Array.from({ length: count }, () => panel)).map((line) => line.length)).toEqual(expected);
});
