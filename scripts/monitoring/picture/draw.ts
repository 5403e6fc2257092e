import { linesOf } from '../dashboard.ts';
import type { Panel, Row } from '../panels.ts';
import type { Series } from './prometheus.ts';

/** One query's answer, with the legend that its series get. */
export interface Answered {
  readonly legend: string;
  readonly series: readonly Series[];
}

export interface Shown {
  readonly from: number;
  readonly until: number;
  readonly answers: ReadonlyMap<Panel, readonly Answered[]>;
}

const WIDTH = 1200;
const GAP = 12;
const ROW_TITLE = 34;
const HEIGHTS = { number: 76, drawing: 214 } as const;
/** What is left of a panel for the plot: title above, hours and legend below, numbers to the left. */
const PLOT = { left: 52, top: 34, right: 12, bottom: 62 } as const;
const LEGEND = { perLine: 3, lines: 2, lineHeight: 15 } as const;
/** Told apart on white and on black, also by those who see few colours; repeated when there are more series. */
const COLOURS = ['#4477aa', '#ee6677', '#228833', '#ccbb44', '#66ccee', '#aa3377', '#bb5566', '#999933', '#8a8a8a'];

/** The dashboard as SVG text. Panels without any data are left out, and rows without any panel. */
export function picture(rows: readonly Row[], shown: Shown): string {
  const parts: string[] = [];
  let y = GAP;
  for (const { title, panels } of rows) {
    const full = panels.filter((panel) => (shown.answers.get(panel) ?? []).some(({ series }) => series.length > 0));
    if (full.length === 0) continue;
    parts.push(`<text class="row" x="${GAP}" y="${y + 22}">${escaped(title)}</text>`);
    y += ROW_TITLE;
    for (const line of linesOf(full)) {
      const width = (WIDTH - GAP) / line.length - GAP;
      const height = line.every(({ kind }) => kind === 'number') ? HEIGHTS.number : HEIGHTS.drawing;
      for (const [index, panel] of line.entries()) {
        const box = { x: GAP + index * (width + GAP), y, width, height };
        parts.push(drawn(panel, named(shown.answers.get(panel) ?? []), box, shown));
      }
      y += height + GAP;
    }
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" role="img" aria-labelledby="title about">`,
    '<title id="title">Dashboard of the FlexMetal operator</title>',
    '<desc id="about">The queries of the dashboard, answered by Prometheus from the metrics of a simulated run of six hours.</desc>',
    STYLE,
    `<rect class="page" width="${WIDTH}" height="${y}"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

const STYLE = [
  '<style>',
  'text { font: 12px system-ui, sans-serif; fill: #57606a; }',
  '.page { fill: #ffffff; } .box { fill: #f6f8fa; stroke: #d0d7de; }',
  '.row { font-size: 15px; font-weight: 600; fill: #24292f; } .name { font-weight: 600; fill: #24292f; }',
  '.value { font-size: 26px; font-weight: 600; fill: #1a7f37; } .red { fill: #cf222e; }',
  '.grid { stroke: #8c959f; stroke-opacity: 0.3; } polyline { fill: none; stroke-width: 1.6; stroke-linejoin: round; }',
  '.area { fill-opacity: 0.45; } .small { font-size: 10.5px; }',
  '@media (prefers-color-scheme: dark) {',
  'text { fill: #9198a1; } .page { fill: #0d1117; } .box { fill: #161b22; stroke: #30363d; }',
  '.row, .name { fill: #e6edf3; } .value { fill: #3fb950; } .red { fill: #f85149; }',
  '}',
  '</style>',
].join('\n');

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Named {
  readonly name: string;
  readonly points: Series['points'];
}

/** `{{label}}` is filled in as Grafana does. */
const named = (answers: readonly Answered[]): readonly Named[] =>
  answers.flatMap(({ legend, series }) =>
    series.map(({ labels, points }) => ({
      name: legend.replaceAll(/\{\{(\w+)\}\}/g, (_all, label: string) => labels[label] ?? ''),
      points,
    })),
  );

function drawn(panel: Panel, series: readonly Named[], box: Box, shown: Shown): string {
  const { x, y, width, height } = box;
  return [
    `<g transform="translate(${at(x)} ${at(y)})">`,
    `<rect class="box" width="${at(width)}" height="${at(height)}" rx="5"/>`,
    `<text class="name" x="12" y="20">${escaped(panel.title)}</text>`,
    ...(panel.kind === 'number' ? number(panel, series) : plot(panel, series, box, shown)),
    '</g>',
  ].join('\n');
}

function number({ unit, redFrom }: Panel, [first]: readonly Named[]): readonly string[] {
  const value = first?.points.at(-1)?.value ?? 0;
  const red = redFrom !== undefined && value >= redFrom ? ' red' : '';
  return [`<text class="value${red}" x="12" y="56">${words(value, unit)}</text>`];
}

function plot(panel: Panel, series: readonly Named[], box: Box, { from, until }: Shown): readonly string[] {
  const stacked =
    panel.kind === 'areas' ? stackedOn(series) : series.map((one, index) => ({ ...one, index, floor: undefined }));
  const most = roundUp(Math.max(...stacked.flatMap(({ points }) => points.map(({ value }) => value)), 0));
  const bottom = box.height - PLOT.bottom;
  const right = box.width - PLOT.right;
  const place = (moment: number, value: number): string =>
    `${at(PLOT.left + ((moment - from) / (until - from)) * (right - PLOT.left))},${at(bottom - (value / most) * (bottom - PLOT.top))}`;
  const lineOf = (points: Series['points']): string => points.map((point) => place(point.at, point.value)).join(' ');
  return [
    ...[0, 0.5, 1].flatMap((share) => {
      const height = at(bottom - share * (bottom - PLOT.top));
      return [
        `<line class="grid" x1="${PLOT.left}" y1="${height}" x2="${at(right)}" y2="${height}"/>`,
        `<text class="small" x="${PLOT.left - 6}" y="${Number(height) + 4}" text-anchor="end">${words(share * most, panel.unit)}</text>`,
      ];
    }),
    ...hoursBetween(from, until).map(
      (moment) =>
        `<text class="small" x="${place(moment, 0).split(',')[0]}" y="${bottom + 15}" text-anchor="middle">${clockTime(moment)}</text>`,
    ),
    ...stacked.toReversed().flatMap(({ points, floor, index }) => {
      const below = new Map((floor ?? []).map((point) => [point.at, point]));
      return withoutGaps(points).map((part) =>
        floor === undefined
          ? `<polyline stroke="${colour(index)}" points="${lineOf(part)}"/>`
          : `<polygon class="area" fill="${colour(index)}" points="${lineOf(part)} ${lineOf(part.map((point) => below.get(point.at) ?? point).toReversed())}"/>`,
      );
    }),
    ...legendOf(series, box),
  ];
}

/** The parts of a line between moments that have no value. The least distance of two points is one step. */
function withoutGaps(points: Series['points']): readonly Series['points'][] {
  const step = Math.min(...points.slice(1).map((point, index) => point.at - (points[index]?.at ?? 0)));
  const parts: Series['points'][number][][] = [];
  for (const point of points) {
    const part = parts.at(-1);
    const last = part?.at(-1);
    if (part === undefined || last === undefined || point.at - last.at > step * 1.5) parts.push([point]);
    else part.push(point);
  }
  return parts;
}

const colour = (index: number): string => COLOURS[index % COLOURS.length] ?? '#8a8a8a';

/** As many names as fit; the rest is counted. */
function legendOf(series: readonly Named[], { width, height }: Box): readonly string[] {
  const places = LEGEND.perLine * LEGEND.lines;
  const column = (width - 24) / LEGEND.perLine;
  const lettersMax = Math.floor(column / 6.2) - 3;
  const texts = series.map(({ name }) => (name.length > lettersMax ? `${name.slice(0, lettersMax - 1)}…` : name));
  const shown =
    texts.length > places ? [...texts.slice(0, places - 1), `and ${texts.length - places + 1} more`] : texts;
  return shown.flatMap((text, index) => {
    const x = 12 + (index % LEGEND.perLine) * column;
    const y = height - 24 + Math.floor(index / LEGEND.perLine) * LEGEND.lineHeight;
    const isName = index < texts.length && text === texts[index];
    return [
      ...(isName ? [`<rect x="${at(x)}" y="${y - 8}" width="8" height="8" fill="${colour(index)}"/>`] : []),
      `<text class="small" x="${at(x + 12)}" y="${y}">${escaped(text)}</text>`,
    ];
  });
}

interface Stacked extends Named {
  readonly index: number;
  /** The series below, where areas are drawn. */
  readonly floor: Series['points'] | undefined;
}

/** Each series on top of those before it. */
function stackedOn(series: readonly Named[]): readonly Stacked[] {
  const heights = new Map<number, number>();
  return series.map(({ name, points }, index) => {
    const floor = points.map((point) => ({ at: point.at, value: heights.get(point.at) ?? 0 }));
    for (const { at: moment, value } of points) heights.set(moment, (heights.get(moment) ?? 0) + value);
    return { name, index, floor, points: points.map((point) => ({ at: point.at, value: heights.get(point.at) ?? 0 })) };
  });
}

/** 1, 2, 2.5 or 5 times a power of ten. */
function roundUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 2.5, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}

function words(value: number, unit: Panel['unit']): string {
  if (unit === 's') return value >= 120 ? `${short(value / 60)} min` : `${short(value)} s`;
  if (unit === 'bytes') return `${short(value / 2 ** 20)} MiB`;
  if (unit === 'ops') return `${short(value)}/s`;
  return short(value);
}

const short = (value: number): string => String(Number(value.toPrecision(2)));
const hoursBetween = (from: number, until: number): readonly number[] =>
  Array.from({ length: Math.floor((until - from) / 3_600) + 1 }, (_, hour) => from + hour * 3_600);
const clockTime = (moment: number): string => new Date(moment * 1_000).toISOString().slice(11, 16);
const at = (value: number): string => String(Number(value.toFixed(1)));
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
