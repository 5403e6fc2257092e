import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { dump } from 'js-yaml';
import { afterAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { ALERTS } from '../../scripts/monitoring/alerts.ts';
import type { Alert } from '../../scripts/monitoring/alerts.ts';
import { monitoringFiles } from '../../scripts/monitoring/outputs.ts';
import { buildTool } from '../../scripts/tools/build.ts';
import { findTool, howToGet } from '../../scripts/tools/find.ts';
import { skipsWithout } from '../support/requirement.ts';
import { ALERT_CASES } from './support/alert-cases.ts';
import type { Readings } from './support/alert-cases.ts';
import { QUERIES } from './support/queries.ts';

const RULES = 'helm/flexmetal-operator/files/alerts.yaml';
const RUN_TIMEOUT_MS = 60_000;

const isRequired = (process.env['FLEXMETAL_REQUIRE'] ?? '').includes('promtool');
const promtool = findTool('promtool') ?? (isRequired ? await buildTool('promtool') : undefined);

const folder = mkdtempSync(path.join(tmpdir(), 'flexmetal-alerts-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(skipsWithout('promtool', promtool !== undefined, howToGet('promtool')))('with promtool', () => {
  test('the rules are rules', async () => {
    expect(await complaintsOf('check', 'rules', '--lint-fatal', written('alerts.yaml', RULE_FILE))).toBe('');
  });

  test('every query of alerts and dashboard is one', async () => {
    const rules = QUERIES.map(([, expr], index) => ({ record: `tried:query:${index}`, expr }));
    const file = written('queries.yaml', dump({ groups: [{ name: 'queries', rules }] }, { lineWidth: -1 }));
    expect(await complaintsOf('check', 'rules', file)).toBe('');
  });

  describe.each(ALERTS.map((alert) => [alert.name, alert] as const))('%s', (name, alert) => {
    const { at, fires, quiet } = ALERT_CASES[name] ?? NO_CASE;

    test('fires', async () => {
      const labels = { severity: alert.severity, namespace: 'flexmetal-system', job: 'operator', ...fires.labels };
      expect(
        await trial(alert, at, fires.readings, [
          { exp_labels: labels, exp_annotations: annotationsOf(alert, fires.summary) },
        ]),
      ).toBe('');
    });

    test.each(Object.entries(quiet))('is quiet: %s', async (_case, readings) => {
      expect(await trial(alert, at, readings, [])).toBe('');
    });
  });
});

const NO_CASE = { at: '1m', fires: { readings: {}, labels: undefined, summary: '' }, quiet: {} };
const RULE_FILE = monitoringFiles()[RULES] ?? '';

const annotationsOf = ({ name, description }: Alert, summary: string) => ({
  summary,
  description,
  runbook_url: `https://github.com/flexmetal-operator/flexmetal-operator/blob/main/docs/runbooks/${name}.md`,
});

/** What promtool complains about when these alerts, and no others of that name, are expected. */
function trial({ name }: Alert, at: string, readings: Readings, expected: readonly object[]): Promise<string> {
  written('alerts.yaml', RULE_FILE);
  const tried = {
    interval: '1m',
    input_series: Object.entries(readings).map(([series, values]) => ({ series, values })),
    alert_rule_test: [{ alertname: name, eval_time: at, exp_alerts: expected }],
  };
  const text = dump({ rule_files: ['alerts.yaml'], evaluation_interval: '1m', tests: [tried] }, { lineWidth: -1 });
  return complaintsOf('test', 'rules', written(`${name}.yaml`, text));
}

function written(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

const Printed = z.looseObject({ stdout: z.string().default(''), stderr: z.string().default('') });

/** Empty when promtool is content. */
async function complaintsOf(...argv: readonly string[]): Promise<string> {
  try {
    await promisify(execFile)(promtool ?? '', argv, { timeout: RUN_TIMEOUT_MS });
    return '';
  } catch (error) {
    const { stdout, stderr } = Printed.parse(error);
    return `${stdout}${stderr}` || String(error);
  }
}
