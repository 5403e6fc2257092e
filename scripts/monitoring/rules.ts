import { dump } from 'js-yaml';
import type { Alert } from './alerts.ts';

/** Where alerts point to unless the chart is told otherwise: the default of its value metrics.rules.runbookUrl. */
const RUNBOOKS = 'https://github.com/flexmetal-operator/flexmetal-operator/blob/main/docs/runbooks';

/** Alerts as a file of rules for Prometheus. */
export const ruleFile = (alerts: readonly Alert[], header: string): string =>
  `${header}${dump({ groups: [groupOf(alerts)] }, YAML)}`;

/** The same as an object for a cluster with the Prometheus Operator. */
export const ruleObject = (alerts: readonly Alert[], header: string): string =>
  `${header}${dump(
    {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PrometheusRule',
      metadata: { name: 'flexmetal-operator', labels: { 'app.kubernetes.io/name': 'flexmetal-operator' } },
      spec: { groups: [groupOf(alerts)] },
    },
    YAML,
  )}`;

/** Long lines stay whole: an expression that is broken cannot be copied. */
const YAML = { lineWidth: -1, noRefs: true } as const;

function groupOf(alerts: readonly Alert[]) {
  return {
    name: 'flexmetal-operator',
    rules: alerts.map(({ name, expression, for: lasting, severity, summary, description }) => ({
      alert: name,
      expr: expression,
      for: lasting,
      labels: { severity },
      annotations: { summary, description, runbook_url: `${RUNBOOKS}/${name}.md` },
    })),
  };
}
