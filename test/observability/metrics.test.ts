import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createMetrics, metricsTable } from '../../src/observability/metrics.ts';

const aRegistry = () => createMetrics({ version: '1.2.3', nodeVersion: 'v24.0.0' });

test('the page says what runs, and how the process is', async () => {
  const { contentType, body } = await aRegistry().render();
  expect(contentType).toMatch(/^text\/plain/);
  expect(body).toContain('flexmetal_build_info{version="1.2.3",node_version="v24.0.0"} 1');
  expect(body).toContain('process_resident_memory_bytes');
  expect(body).toContain('nodejs_eventloop_lag_seconds');
});

test('an operator that is one of many in its process leaves the process unwatched', async () => {
  const { body } = await createMetrics({ version: '1.2.3', nodeVersion: 'v24.0.0' }, 'operator').render();
  expect(body).toContain('flexmetal_build_info');
  expect(body).not.toContain('process_resident_memory_bytes');
  expect(body).not.toContain('nodejs_eventloop_lag_seconds');
});

test('names of controller-runtime are kept, so that its dashboards fit', () => {
  const names = aRegistry()
    .described()
    .map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining([
      'workqueue_depth',
      'workqueue_adds_total',
      'workqueue_queue_duration_seconds',
      'workqueue_work_duration_seconds',
      'workqueue_retries_total',
      'workqueue_unfinished_work_seconds',
      'workqueue_longest_running_processor_seconds',
      'controller_runtime_reconcile_total',
      'controller_runtime_reconcile_errors_total',
      'controller_runtime_reconcile_time_seconds',
      'controller_runtime_active_workers',
      'controller_runtime_max_concurrent_reconciles',
      'rest_client_requests_total',
      'leader_election_master_status',
    ]),
  );
});

test('every name and label fits Prometheus, ours carry our prefix, counters end in _total', () => {
  for (const { name, type, labels, help } of aRegistry().described()) {
    expect(name).toMatch(/^(?:flexmetal|workqueue|controller_runtime|rest_client|leader_election)_[a-z_]+[a-z]$/);
    expect(name.endsWith('_total')).toBe(type === 'counter');
    expect(labels.filter((label) => !/^[a-z][a-z_]*$/.test(label))).toEqual([]);
    expect(help).toMatch(/^.+\.$/);
  }
});

test('values come back with their labels', async () => {
  const metrics = aRegistry();
  metrics.apiRequests.inc({ route: '/v3/flexMetal/servers', method: 'GET', outcome: 'ok', code: '200' });
  metrics.apiRequests.inc({ route: '/v3/flexMetal/servers', method: 'GET', outcome: 'ok', code: '200' }, 2);
  metrics.servers.set({ phase: 'Ready' }, 3);
  metrics.timeToReady.observe({}, 6_000);
  const { body } = await metrics.render();
  expect(body).toContain(
    'flexmetal_api_requests_total{route="/v3/flexMetal/servers",method="GET",outcome="ok",code="200"} 3',
  );
  expect(body).toContain('flexmetal_servers{phase="Ready"} 3');
  expect(body).toContain('flexmetal_time_to_ready_seconds_bucket{le="5400"} 0');
  expect(body).toContain('flexmetal_time_to_ready_seconds_bucket{le="7200"} 1');
});

test('series go when they are removed or reset', async () => {
  const metrics = aRegistry();
  metrics.servers.set({ phase: 'Ready' }, 3);
  metrics.servers.set({ phase: 'Lost' }, 1);
  metrics.servers.remove({ phase: 'Lost' });
  expect((await metrics.render()).body).not.toContain('phase="Lost"');
  metrics.servers.reset();
  expect((await metrics.render()).body).not.toContain('phase="Ready"');
});

test('ages are computed when somebody looks', async () => {
  const metrics = aRegistry();
  let age = 1;
  metrics.onScrape(() => metrics.listingAge.set({}, age));
  expect((await metrics.render()).body).toContain('flexmetal_listing_age_seconds 1');
  age = 2;
  expect((await metrics.render()).body).toContain('flexmetal_listing_age_seconds 2');
});

test('two registries do not share anything', async () => {
  const first = aRegistry();
  first.lost.inc({});
  expect((await aRegistry().render()).body).toContain('flexmetal_lost_total 0');
});

test('docs/metrics.md says what the program does (npm run generate)', () => {
  expect(readFileSync('docs/metrics.md', 'utf8')).toBe(metricsTable());
});
