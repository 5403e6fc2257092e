import { ALERTS } from '../../../scripts/monitoring/alerts.ts';
import { ROWS } from '../../../scripts/monitoring/panels.ts';

/** Every query of the project, by where it stands. Grafana's variables have values. */
export const QUERIES: readonly (readonly [string, string])[] = [
  ...ALERTS.map(({ name, expression }) => [name, expression] as const),
  ...ROWS.flatMap(({ title: row, panels }) =>
    panels.flatMap(({ title, queries }) =>
      queries.map(({ expression, legend }) => [`${row}: ${title}: ${legend}`, filledIn(expression)] as const),
    ),
  ),
];

/** What Grafana would put in for a look at six hours. */
function filledIn(expression: string): string {
  return expression
    .replaceAll('$__rate_interval', '2m')
    .replaceAll('$__range', '6h')
    .replaceAll('$namespace', 'flexmetal-system')
    .replaceAll('$job', 'flexmetal-operator-metrics');
}
