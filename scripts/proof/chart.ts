import type { LagResult } from './own-results.ts';

const WIDTH = 720;
const HEIGHT = 360;
const LEFT = 64;
const RIGHT = 24;
const TOP = 56;
const BOTTOM = 60;

/** The plot of docs/proof/lag.json as SVG text: readable on a light and a dark page, and without colours. */
export function lagChart({ points, windowSeconds }: LagResult): string {
  const ratioMost = Math.max(...points.map(({ ratio }) => ratio));
  const x = (ratio: number): number => LEFT + (ratio / ratioMost) * (WIDTH - LEFT - RIGHT);
  const y = (share: number): number => HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
  const line = (of: (point: LagResult['points'][number]) => { readonly runs: number; readonly doubles: number }) =>
    points.map((point) => ({ x: x(point.ratio), y: y(of(point).doubles / of(point).runs) }));
  const runs = points[0]?.operator.runs ?? 0;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="title about">`,
    '<title id="title">Duplicates against list lag</title>',
    `<desc id="about">Share of runs with two servers at once, over the time from an order until lists show its server, in parts of the window of ${windowSeconds} s. ${runs} runs a point.</desc>`,
    STYLE,
    ...[0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
      `<line class="grid" x1="${LEFT}" y1="${at(y(share))}" x2="${WIDTH - RIGHT}" y2="${at(y(share))}"/>`,
      `<text x="${LEFT - 8}" y="${at(y(share) + 4)}" text-anchor="end">${share * 100} %</text>`,
    ]),
    ...ticks(ratioMost).map(
      (ratio) => `<text x="${at(x(ratio))}" y="${HEIGHT - BOTTOM + 20}" text-anchor="middle">${ratio}</text>`,
    ),
    `<line class="edge" x1="${at(x(1))}" y1="${TOP}" x2="${at(x(1))}" y2="${HEIGHT - BOTTOM}"/>`,
    `<text x="${at(x(1) - 8)}" y="${at(y(0.625) + 4)}" text-anchor="end">up to here one server is promised</text>`,
    `<text x="${at((LEFT + WIDTH - RIGHT) / 2)}" y="${HEIGHT - 16}" text-anchor="middle">time until lists show the server ÷ window (order time-out + settle window = ${windowSeconds} s)</text>`,
    `<text x="${LEFT}" y="${TOP - 12}">runs with two servers at once</text>`,
    ...series(
      'without',
      line(({ withoutWindow }) => withoutWindow),
    ),
    ...series(
      'operator',
      line(({ operator }) => operator),
    ),
    ...legend('operator', WIDTH - RIGHT - 410, 'this operator'),
    ...legend('without', WIDTH - RIGHT - 260, 'model: look by tag, no window'),
    '</svg>',
    '',
  ].join('\n');
}

/** The grey tones are readable on white and on black; the two lines differ in dash and mark as well as in colour. */
const STYLE = [
  '<style>',
  'text { font: 13px system-ui, sans-serif; fill: #57606a; }',
  '.grid { stroke: #8c959f; stroke-opacity: 0.35; }',
  '.edge { stroke: #8c959f; stroke-dasharray: 2 4; }',
  'polyline { fill: none; stroke-width: 2; }',
  '.operator { stroke: #1f6feb; }',
  '.without { stroke: #bc4c00; stroke-dasharray: 7 4; }',
  'circle.operator { fill: #1f6feb; }',
  'rect.without { fill: #bc4c00; stroke: none; }',
  '@media (prefers-color-scheme: dark) {',
  'text { fill: #9198a1; }',
  '.operator { stroke: #58a6ff; }',
  '.without { stroke: #f0883e; }',
  'circle.operator { fill: #58a6ff; }',
  'rect.without { fill: #f0883e; }',
  '}',
  '</style>',
].join('\n');

type Series = 'operator' | 'without';
interface Point {
  readonly x: number;
  readonly y: number;
}

const series = (name: Series, points: readonly Point[]): readonly string[] => [
  `<polyline class="${name}" points="${points.map((point) => `${at(point.x)},${at(point.y)}`).join(' ')}"/>`,
  ...points.map((point) => mark(name, point)),
];

const legend = (name: Series, left: number, words: string): readonly string[] => [
  `<polyline class="${name}" points="${left},20 ${left + 32},20"/>`,
  mark(name, { x: left + 16, y: 20 }),
  `<text x="${left + 40}" y="24">${words}</text>`,
];

const mark = (name: Series, { x, y }: Point): string =>
  name === 'operator'
    ? `<circle class="operator" cx="${at(x)}" cy="${at(y)}" r="3.5"/>`
    : `<rect class="without" x="${at(x - 3)}" y="${at(y - 3)}" width="6" height="6"/>`;

/** Every half window. */
const ticks = (most: number): readonly number[] =>
  Array.from({ length: Math.floor(most * 2) + 1 }, (_, half) => half / 2);

const at = (value: number): string => String(Number(value.toFixed(1)));
