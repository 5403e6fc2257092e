import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Chart } from './charts.ts';
import { CRDS_CHART, OPERATOR_CHART } from './charts.ts';
import { describedValues } from './described-values.ts';
import { valuesSchema } from './values-schema.ts';
import { withValuesTable } from './values-table.ts';

/** Files of the charts that are made without Helm, by their paths from the root of the project. */
export const chartFiles = (root: string): Readonly<Record<string, string>> =>
  Object.assign({}, ...[OPERATOR_CHART, CRDS_CHART].map((chart) => filesOf(root, chart)));

function filesOf(root: string, chart: Chart): Readonly<Record<string, string>> {
  const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
  const values = describedValues(read(`${chart.folder}/values.yaml`));
  const crds = readdirSync(path.join(root, 'crds')).map((file) => [
    `${chart.folder}/files/crds/${file}`,
    read(`crds/${file}`),
  ]);
  return {
    [`${chart.folder}/values.schema.json`]: `${JSON.stringify(valuesSchema(chart, values), null, 2)}\n`,
    [`${chart.folder}/README.md`]: withValuesTable(read(`${chart.folder}/README.md`), values),
    ...Object.fromEntries(crds),
  };
}
