import { expect, test } from 'vitest';
import { millis } from '../../src/base/time.ts';
import type { Logger } from '../../src/observability/logger.ts';
import { createMetrics } from '../../src/observability/metrics.ts';
import { reportCall } from '../../src/controllers/measuring.ts';

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
