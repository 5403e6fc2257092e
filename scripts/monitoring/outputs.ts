import { ALERTS } from './alerts.ts';
import { dashboard } from './dashboard.ts';
import { ROWS } from './panels.ts';
import { ruleFile, ruleObject } from './rules.ts';
import { stateMetricsFile } from './state-metrics.ts';

const header = (source: string): string => `# Made by \`npm run monitoring\` from ${source}.\n`;

/** Every file that is made for whoever watches the operator, by its path from the root of the project. */
export const monitoringFiles = (): Readonly<Record<string, string>> => ({
  'helm/flexmetal-operator/files/alerts.yaml': ruleFile(ALERTS, header('scripts/monitoring/alerts.ts')),
  'examples/monitoring/prometheus-rule.yaml': ruleObject(ALERTS, header('scripts/monitoring/alerts.ts')),
  'helm/flexmetal-operator/files/dashboard.json': `${JSON.stringify(dashboard(ROWS), null, 2)}\n`,
  'examples/monitoring/kube-state-metrics.yaml': stateMetricsFile(header('scripts/monitoring/state-metrics.ts')),
});
