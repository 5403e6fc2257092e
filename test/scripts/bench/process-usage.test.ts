import { expect, test } from 'vitest';
import { readUsage, usageOf } from '../../../scripts/bench/process-usage.ts';

const status = 'Name:\tnode\nVmPeak:\t  999999 kB\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\nThreads:\t11\n';
const statOf = (name: string): string => `4711 (${name}) S 1 2 3 4 5 6 7 8 9 10 250 50 0 0 20 0 11 0 12345 1000 200`;

test.each(['node', 'a name) with (brackets', ') 1 2 3 ('])('memory and CPU time of a process called %s', (name) => {
  expect(readUsage(status, statOf(name))).toEqual({ rssBytes: 1_048_576, rssPeakBytes: 2_097_152, cpuMs: 3_000 });
});

test('a process that is gone has no usage', () => {
  expect(() => readUsage('Name:\tnode\nState:\tZ (zombie)\n', statOf('node'))).toThrow('says nothing');
});

test.skipIf(process.platform !== 'linux')('the own process is read as Node sees it', () => {
  const { rssBytes, rssPeakBytes, cpuMs } = usageOf(process.pid);
  const { user, system } = process.cpuUsage();
  expect(Math.abs(rssBytes - process.memoryUsage.rss()) / rssBytes).toBeLessThan(0.3);
  expect(rssPeakBytes).toBeGreaterThanOrEqual(rssBytes);
  expect(Math.abs(cpuMs - (user + system) / 1_000)).toBeLessThan(100);
});
