import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findTool, howToGet } from '../tools/find.ts';
import { makePicture } from './picture/make.ts';
import { monitoringFiles } from './outputs.ts';

/**
 * `npm run monitoring` writes alerts, the dashboard and the configuration of kube-state-metrics. With `--check` it writes nothing
 * and fails when a file is not as it would be written. With `--picture` it lives through six simulated hours and draws the dashboard.
 */
const ROOT = path.join(import.meta.dirname, '../..');
const PICTURE = 'docs/dashboard.svg';
const stale = Object.entries(monitoringFiles()).filter(
  ([name, content]) => readIfThere(path.join(ROOT, name)) !== content,
);

if (process.argv.includes('--picture')) {
  const { PROMETHEUS: prometheus } = process.env;
  const promtool = findTool('promtool');
  if (prometheus === undefined || promtool === undefined)
    throw new Error(`The picture needs Prometheus 3 (PROMETHEUS=<path>) and promtool. ${howToGet('promtool')}`);
  writeFileSync(path.join(ROOT, PICTURE), await makePicture({ prometheus, promtool }));
  process.stdout.write(`wrote ${PICTURE}\n`);
} else if (process.argv.includes('--check')) {
  for (const [name] of stale)
    process.stderr.write(`${name} is not what scripts/monitoring says: run npm run monitoring\n`);
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  for (const [name, content] of stale) {
    mkdirSync(path.dirname(path.join(ROOT, name)), { recursive: true });
    writeFileSync(path.join(ROOT, name), content);
    process.stdout.write(`wrote ${name}\n`);
  }
  if (stale.length === 0) process.stdout.write('everything is up to date\n');
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
