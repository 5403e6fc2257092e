import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { findHelm, HOW_TO_GET_HELM } from '../../scripts/chart/helm.ts';
import { ALERTS } from '../../scripts/monitoring/alerts.ts';
import { render } from '../chart/support/render.ts';
import { skipsWithout } from '../support/requirement.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const TOKEN = { api: { token: { existingSecret: { name: 'token' } } } };
const MONITORING = [
  'monitoring.coreos.com/v1/PrometheusRule',
  'monitoring.coreos.com/v1/ServiceMonitor',
  'monitoring.coreos.com/v1/PodMonitor',
];

const KubeObject = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), labels: z.record(z.string(), z.string()).default({}) }),
});
const Rule = z.looseObject({
  spec: z.object({
    groups: z.array(
      z.object({
        rules: z.array(
          z.looseObject({ alert: z.string(), annotations: z.object({ runbook_url: z.string() }).loose() }),
        ),
      }),
    ),
  }),
});
const Monitor = z.looseObject({
  spec: z.looseObject({ selector: z.object({ matchLabels: z.record(z.string(), z.string()) }) }),
});
const Dashboard = z.looseObject({ data: z.record(z.string(), z.string()) });
const Pods = z.looseObject({
  spec: z.looseObject({
    template: z.looseObject({ metadata: z.looseObject({ labels: z.record(z.string(), z.string()) }) }),
  }),
});

const helm = findHelm() ?? '';

async function rendered(metrics: object, knows: readonly string[] = MONITORING) {
  const flags = knows.flatMap((api) => ['--api-versions', api]);
  const chart = path.join(ROOT, 'helm/flexmetal-operator');
  const all = await render({ helm, chart, values: { ...TOKEN, metrics }, flags });
  return all.map((object) => KubeObject.parse(object));
}

const only = (objects: readonly z.output<typeof KubeObject>[], kind: string) => {
  const found = objects.filter((object) => object.kind === kind);
  expect(found).toHaveLength(1);
  return found[0];
};

const alertsOf = (rule: unknown) => Rule.parse(rule).spec.groups.flatMap(({ rules }) => rules);

describe.skipIf(skipsWithout('helm', helm !== '', HOW_TO_GET_HELM))('the chart', { timeout: 60_000 }, () => {
  test('watches nothing unless it is told to', async () => {
    const kinds = (await rendered({})).map(({ kind }) => kind);
    expect(kinds).not.toEqual(expect.arrayContaining([expect.stringMatching(/Monitor|PrometheusRule/)]));
  });

  test('brings all alerts, with links to where the runbooks are', async () => {
    const rule = only(
      await rendered({ rules: { enabled: true, labels: { release: 'x' }, runbookUrl: 'https://runbooks.example/' } }),
      'PrometheusRule',
    );
    expect(rule?.metadata.labels).toMatchObject({ release: 'x' });
    expect(alertsOf(rule).map(({ alert, annotations }) => [alert, annotations.runbook_url])).toEqual(
      ALERTS.map(({ name }) => [name, `https://runbooks.example/${name}.md`]),
    );
  });

  test('leaves out the alerts that are named', async () => {
    const rule = only(await rendered({ rules: { enabled: true, disabled: ['FlexMetalNoLeader'] } }), 'PrometheusRule');
    expect(alertsOf(rule).map(({ alert }) => alert)).toEqual(
      ALERTS.map(({ name }) => name).filter((name) => name !== 'FlexMetalNoLeader'),
    );
  });

  test('refuses to leave out an alert that there is not', async () => {
    await expect(rendered({ rules: { enabled: true, disabled: ['FlexMetalNoLeaders'] } })).rejects.toThrow(
      'there is no alert "FlexMetalNoLeaders"',
    );
  });

  test.each([
    ['serviceMonitor', 'ServiceMonitor'],
    ['podMonitor', 'PodMonitor'],
    ['rules', 'PrometheusRule'],
  ])('metrics.%s is skipped, refused or rendered all the same where its kind is unknown', async (key, kind) => {
    const kindsWith = async (renderMode: string): Promise<readonly string[]> =>
      (await rendered({ [key]: { enabled: true, renderMode } }, [])).map((object) => object.kind);
    expect(await kindsWith('skip')).not.toContain(kind);
    expect(await kindsWith('always')).toContain(kind);
    await expect(kindsWith('fail')).rejects.toThrow(`metrics.${key}: this cluster does not know`);
  });

  test('the ServiceMonitor finds the Service, and the PodMonitor the pods', async () => {
    const objects = await rendered({ serviceMonitor: { enabled: true }, podMonitor: { enabled: true } });
    const pods = Pods.parse(only(objects, 'Deployment')).spec.template.metadata.labels;
    const { matchLabels } = Monitor.parse(only(objects, 'ServiceMonitor')).spec.selector;
    // The Service of `helm test` leads to the same pods: chosen as well, it would have them read twice.
    const chosen = objects
      .filter(({ kind }) => kind === 'Service')
      .filter(({ metadata }) =>
        Object.entries(matchLabels).every(([label, value]) => metadata.labels[label] === value),
      );
    expect(chosen.map(({ metadata }) => metadata.name)).toEqual(['flexmetal-operator-metrics']);
    expect(pods).toMatchObject(Monitor.parse(only(objects, 'PodMonitor')).spec.selector.matchLabels);
  });

  test('a ServiceMonitor without the Service is refused', async () => {
    await expect(rendered({ service: { enabled: false }, serviceMonitor: { enabled: true } })).rejects.toThrow(
      'metrics.serviceMonitor needs the Service',
    );
  });

  test('the dashboard arrives as it is written', async () => {
    const objects = await rendered({ dashboard: { enabled: true } });
    const maps = objects.filter(({ metadata }) => metadata.labels['grafana_dashboard'] === '1');
    expect(maps).toHaveLength(1);
    const text = Dashboard.parse(maps[0]).data['flexmetal-operator.json'] ?? '';
    const file = readFileSync(path.join(ROOT, 'helm/flexmetal-operator/files/dashboard.json'), 'utf8');
    expect(JSON.parse(text)).toEqual(JSON.parse(file));
  });
});
