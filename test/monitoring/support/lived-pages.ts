import { minutes } from '../../../src/base/time.ts';
import { createMetrics } from '../../../src/observability/metrics.ts';
import { parseMetrics } from '../../../scripts/bench/metrics-text.ts';
import type { Sample } from '../../../scripts/bench/metrics-text.ts';
import type { OperatorSettings } from '../../../src/controllers/operator.ts';
import { Simulation } from '../../support/simulation/simulation.ts';
import { SECRET, WEB } from '../../support/simulation/scenarios/user.ts';

/** What `/metrics` of operators said that delivered and released a server, that lost one, and that a brake held back. */
export async function livedSamples(): Promise<readonly Sample[]> {
  const pages = [await delivering(), await braked(), (await createMetrics(BUILD).render()).body];
  return pages.flatMap(parseMetrics);
}

const BUILD = { version: '1.2.3', nodeVersion: 'v24.0.0' };

async function delivering(): Promise<string> {
  const sim = begun();
  await sim.until('web-1 is Ready', () => sim.isReady('web-1'));
  const page = await pageOf(sim);
  sim.user.delete(WEB);
  await sim.until('web-1 is gone', () => sim.object('web-1') === undefined);
  const after = await pageOf(sim);
  sim.end();
  return `${page}\n${after}`;
}

async function braked(): Promise<string> {
  const sim = begun({ serversMax: 0 });
  await sim.until('web-1 is held back', () => sim.reasonOf('web-1') === 'BrakeEngaged');
  const page = await pageOf(sim);
  sim.end();
  return page;
}

function begun(settings: Partial<OperatorSettings> = {}): Simulation {
  const sim = new Simulation({ seed: 1, faults: [], settings });
  sim.user.create(SECRET);
  sim.user.create(WEB);
  sim.start();
  return sim;
}

async function pageOf(sim: Simulation): Promise<string> {
  await sim.pass(minutes(1));
  const pages = await Promise.all(sim.processes.map(async (process) => (await process.metrics.render()).body));
  return pages.join('\n');
}
