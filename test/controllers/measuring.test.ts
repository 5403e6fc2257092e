import { expect, test } from 'vitest';
import { millis } from '../../src/base/time.ts';
import type { Logger } from '../../src/observability/logger.ts';
import { createMetrics } from '../../src/observability/metrics.ts';
import { beginCounting, reportCall, watchGauges } from '../../src/controllers/measuring.ts';

const SILENT: Logger = {
  child: () => SILENT,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

test.each([
  ['the code of the reply', { status: 401 }, '401'],
  ['none where there was no reply', {}, 'none'],
])('a call to the vendor is counted with %s', async (_name, reply, code) => {
  const metrics = createMetrics({ version: '', nodeVersion: '' }, 'operator');
  reportCall(SILENT, metrics, {
    route: '/v3/flexMetal/servers',
    method: 'GET',
    outcome: 'unreadable',
    ...reply,
    durationMs: millis(20),
  });
  expect((await metrics.render()).body).toContain(
    `flexmetal_api_requests_total{route="/v3/flexMetal/servers",method="GET",outcome="unreadable",code="${code}"} 1`,
  );
});

const IDLE = {
  waiting: 0,
  depth: { continue: 0, change: 0, resync: 0 },
  running: 0,
  unfinished: millis(0),
  longestRunning: millis(0),
};

const pageOf = async (given: Partial<Parameters<typeof watchGauges>[1]>): Promise<string> => {
  const metrics = createMetrics({ version: '', nodeVersion: '' }, 'operator');
  watchGauges(metrics, {
    queue: { stats: () => IDLE },
    poller: { age: () => millis(0) },
    leadingFor: () => millis(0),
    informerAge: () => undefined,
    standing: () => [],
    ...given,
  });
  return (await metrics.render()).body;
};

test.each([
  ['the age of the last listing', millis(7_000), 'flexmetal_listing_age_seconds 7'],
  ['how long none has come, where none has come yet', undefined, 'flexmetal_listing_age_seconds 400'],
])('a listing is as old as %s', async (_name, age, expected) => {
  const page = await pageOf({ poller: { age: () => age }, leadingFor: () => millis(400_000) });
  expect(page.split('\n')).toContain(expected);
});

test('objects are counted by phase, by reason, and with an unclear order', async () => {
  const page = await pageOf({
    standing: () => [
      { phase: 'Blocked', reason: 'DuplicateServers', orderUnclear: false },
      { phase: 'Blocked', reason: 'AccountChanged', orderUnclear: true },
      { phase: 'Ready', reason: 'Ready', orderUnclear: false },
    ],
  });
  expect(page.split('\n').filter((line) => /^flexmetal_(?:servers|orders_unclear)/.test(line))).toEqual([
    'flexmetal_orders_unclear 1',
    'flexmetal_servers{phase="Blocked"} 2',
    'flexmetal_servers{phase="Ready"} 1',
    'flexmetal_servers_by_reason{reason="DuplicateServers"} 1',
    'flexmetal_servers_by_reason{reason="AccountChanged"} 1',
    'flexmetal_servers_by_reason{reason="Ready"} 1',
  ]);
});

test('what an alert must notice the first time is there before it happens', async () => {
  const metrics = createMetrics({ version: '', nodeVersion: '' }, 'operator');
  beginCounting(metrics);
  const { body } = await metrics.render();
  expect(body.split('\n').filter((line) => /^[a-z_]+_total\{.*\} 0$/.test(line))).toEqual([
    'flexmetal_order_attempts_total{result="created"} 0',
    'flexmetal_order_attempts_total{result="refused"} 0',
    'flexmetal_order_attempts_total{result="unclear"} 0',
    'flexmetal_releases_total{result="sent"} 0',
    'flexmetal_releases_total{result="refused"} 0',
    'flexmetal_releases_total{result="unclear"} 0',
    'flexmetal_releases_total{result="released"} 0',
    'flexmetal_releases_total{result="retained"} 0',
    'flexmetal_releases_total{result="forgotten"} 0',
    'flexmetal_releases_total{result="failedLetGo"} 0',
    'controller_runtime_reconcile_errors_total{controller="flexmetalserver"} 0',
  ]);
});
