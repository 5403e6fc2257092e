import type { Panel, Query, Row } from './panels.ts';

/** Grafana divides a row into so many columns. */
const COLUMNS = 24;
const HEIGHTS = { title: 1, number: 4, drawing: 8 } as const;
/** More panels than this in a line cannot be read; numbers are small. */
const IN_LINE_MAX = { number: 6, drawing: 3 } as const;
const DATASOURCE = { type: 'prometheus', uid: '${datasource}' } as const;

/** The dashboard as Grafana imports it. Names no data source: that is a variable, like namespace and job. */
export function dashboard(rows: readonly Row[]): object {
  return {
    uid: 'flexmetal-operator',
    title: 'FlexMetal operator',
    description: 'Servers, orders, the FlexMetal API, and the operator itself.',
    tags: ['flexmetal', 'kubernetes'],
    schemaVersion: 39,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: '1m',
    time: { from: 'now-6h', to: 'now' },
    timezone: 'browser',
    annotations: { list: [] },
    links: [],
    templating: {
      list: [
        { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus', refresh: 1 },
        labelVariable('namespace', 'Namespace', 'label_values(flexmetal_build_info, namespace)'),
        labelVariable('job', 'Job', 'label_values(flexmetal_build_info{namespace="$namespace"}, job)'),
      ],
    },
    panels: placed(rows),
  };
}

const labelVariable = (name: string, label: string, query: string) => ({
  name,
  label,
  type: 'query',
  datasource: DATASOURCE,
  query: { query, refId: name },
  definition: query,
  refresh: 2,
  sort: 1,
});

interface Place {
  readonly h: number;
  readonly w: number;
  readonly x: number;
  readonly y: number;
}

/** Rows from top to bottom, with a number for each panel that nothing else has. */
function placed(rows: readonly Row[]): readonly object[] {
  const panels: object[] = [];
  let y = 0;
  for (const { title, panels: inRow } of rows) {
    panels.push({
      id: panels.length + 1,
      type: 'row',
      title,
      collapsed: false,
      panels: [],
      gridPos: { h: HEIGHTS.title, w: COLUMNS, x: 0, y },
    });
    y += HEIGHTS.title;
    for (const line of linesOf(inRow)) {
      const h = line.every(({ kind }) => kind === 'number') ? HEIGHTS.number : HEIGHTS.drawing;
      const w = COLUMNS / line.length;
      for (const [index, panel] of line.entries()) {
        panels.push({ id: panels.length + 1, ...drawn(panel, { h, w, x: index * w, y }) });
      }
      y += h;
    }
  }
  return panels;
}

/** As few lines as may be, filled alike: four drawings are two and two. */
export function linesOf(panels: readonly Panel[]): readonly (readonly Panel[])[] {
  const inLineMax = panels.every(({ kind }) => kind === 'number') ? IN_LINE_MAX.number : IN_LINE_MAX.drawing;
  const lines = Math.ceil(panels.length / inLineMax);
  const inLine = Math.ceil(panels.length / lines);
  return Array.from({ length: lines }, (_, line) => panels.slice(line * inLine, (line + 1) * inLine));
}

function drawn(panel: Panel, gridPos: Place): object {
  const { title, description, kind, queries } = panel;
  return {
    type: kind === 'number' ? 'stat' : 'timeseries',
    title,
    description,
    datasource: DATASOURCE,
    gridPos,
    fieldConfig: { defaults: kind === 'number' ? numberField(panel) : drawingField(panel), overrides: [] },
    options:
      kind === 'number'
        ? { reduceOptions: { calcs: ['lastNotNull'] }, colorMode: 'value', graphMode: 'area' }
        : { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
    targets: queries.map(target),
  };
}

const numberField = ({ unit, redFrom }: Panel) => ({
  unit,
  color: { mode: 'thresholds' },
  thresholds: {
    mode: 'absolute',
    steps: [{ color: 'green', value: null }, ...(redFrom === undefined ? [] : [{ color: 'red', value: redFrom }])],
  },
});

const drawingField = ({ unit, kind }: Panel) => ({
  unit,
  min: 0,
  custom: {
    fillOpacity: kind === 'areas' ? 30 : 0,
    stacking: { mode: kind === 'areas' ? 'normal' : 'none' },
    showPoints: 'never',
  },
});

/** Queries of one panel are told apart by letters: A, B, C. */
const target = ({ expression, legend }: Query, index: number) => ({
  refId: String.fromCodePoint(65 + index),
  datasource: DATASOURCE,
  expr: expression,
  legendFormat: legend,
  range: true,
});
