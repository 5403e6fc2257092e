import type { Millis } from '../../../src/base/time.ts';
import { hours, minutes, seconds } from '../../../src/base/time.ts';
import { FaultRule } from '../../../src/simulator/faults.ts';
import { aServer, SECRET } from '../../../test/support/simulation/scenarios/user.ts';
import { Simulation } from '../../../test/support/simulation/simulation.ts';

/** How often Prometheus would have read. */
const SCRAPE = seconds(30);
/** Of what the picture shows. */
const LENGTH = hours(6);

/** What was read from an operator, as promtool takes it in. */
export interface History {
  readonly openMetrics: string;
  /** Seconds since 1970. */
  readonly from: number;
  readonly until: number;
}

/** What happens in the six hours: the operator is the real one, the vendor and the time are simulated. */
const EVENTS: readonly { readonly at: Millis; readonly happens: (sim: Simulation) => void }[] = [
  ...Array.from({ length: 12 }, (_, index) => ({
    at: minutes(2 + index * 12),
    happens: (sim: Simulation) => void sim.user.create(aServer(`web-${index + 1}`)),
  })),
  { at: minutes(100), happens: (sim) => void sim.world.addFault(OUTAGE) },
  { at: minutes(118), happens: (sim) => void sim.world.removeFault(OUTAGE.id ?? '') },
  { at: minutes(170), happens: (sim) => void sim.world.addFault(LOST_REPLY) },
  { at: minutes(172), happens: (sim) => void sim.user.create(aServer('batch-1')) },
  { at: minutes(205), happens: (sim) => void sim.user.create(aServer('batch-2', { location: 'EU: Nowhere' })) },
  { at: minutes(235), happens: (sim) => sim.user.delete(aServer('batch-2')) },
  ...Array.from({ length: 5 }, (_, index) => ({
    at: minutes(250 + index * 4),
    happens: (sim: Simulation) => sim.user.delete(aServer(`web-${index + 1}`)),
  })),
  { at: minutes(300), happens: (sim) => void sim.world.addFault(BUSY) },
];

const OUTAGE = FaultRule.parse({
  id: 'outage',
  match: {},
  do: { answer: { kind: 'error', status: 503, body: 'html' } },
});
const LOST_REPLY = FaultRule.parse({
  id: 'lost-reply',
  match: { operation: 'createFlexMetalServer', nth: 1 },
  do: { answer: { kind: 'reset' } },
});
const BUSY = FaultRule.parse({
  id: 'busy',
  match: { method: 'GET', probability: 0.05 },
  do: { answer: { kind: 'rateLimit', retryAfter: 'seconds', wait: '10s' } },
});

/** Lives through the events and reads the metrics all the while. */
export async function live(): Promise<History> {
  const sim = new Simulation({
    seed: 5,
    faults: [],
    world: { delivery: { takes: '24m', jitter: 0.4 } },
  });
  sim.user.create(SECRET);
  sim.start();
  sim.startStandby();
  const lines: string[] = [];
  const begunAt = sim.clock.now();
  const open = EVENTS.toSorted((left, right) => left.at - right.at);
  for (let passed = 0; passed <= LENGTH; passed += SCRAPE) {
    while (open[0] !== undefined && open[0].at <= passed) open.shift()?.happens(sim);
    for (const process of sim.processes) {
      const { body } = await process.metrics.render();
      lines.push(...stamped(body, process.name, sim.clock.now() / 1_000));
    }
    await sim.pass(SCRAPE);
  }
  sim.end();
  return {
    openMetrics: `${lines.join('\n')}\n# EOF\n`,
    from: begunAt / 1_000,
    until: (begunAt + LENGTH) / 1_000,
  };
}

/** Samples as a Prometheus in a cluster would have kept them. */
function stamped(page: string, pod: string, at: number): readonly string[] {
  const labels = `namespace="flexmetal-system",job="flexmetal-operator",pod="${pod}"`;
  return page.split('\n').flatMap((line) => {
    const [, name, own = '', value] = /^([a-z_:][\w:]*)(?:\{(.*)\})? (\S+)$/i.exec(line) ?? [];
    return name === undefined ? [] : [`${name}{${own === '' ? labels : `${own},${labels}`}} ${value} ${at}`];
  });
}
