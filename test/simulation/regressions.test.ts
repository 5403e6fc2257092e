import { expect, test } from 'vitest';
import { minutes, seconds } from '../../src/base/time.ts';
import { aServer, SECRET } from '../support/simulation/scenarios.ts';
import { Simulation } from '../support/simulation/simulation.ts';
import { stripsFinalizers, stripsLedgers } from '../support/simulation/sabotages.ts';

/** Faults that the simulation found, each reduced to what it takes. */

test.each([
  ['finalizers', stripsFinalizers],
  ['ledgers', stripsLedgers],
])('an admission webhook that takes %s away is met with patience, and nothing is ordered', async (_what, kube) => {
  const sim = new Simulation({ seed: 1, faults: [], sabotage: { kube } });
  sim.user.create(SECRET);
  sim.start();
  await sim.pass(seconds(6));
  sim.user.create(aServer('web-1'));
  await sim.pass(minutes(20));
  expect(sim.world.orders()).toEqual([]);
  expect(sim.effects.seen.length).toBeGreaterThan(5);
  expect(sim.effects.seen.length).toBeLessThan(60);
  expect(sim.describe()).toContain('admission webhook');
  sim.end();
});

test.each([
  ['that a brake holds back', { ordersPerHourMax: 0 }, 'BrakeEngaged'],
  ['whose former object left a server', {}, 'PreviousServerExists'],
])('an object %s asks the vendor no faster than the poller goes', async (_what, settings, reason) => {
  const sim = new Simulation({ seed: 1, faults: [], settings });
  sim.user.create(SECRET);
  sim.start();
  await sim.pass(seconds(6));
  sim.user.create(aServer('web-1'));
  if (reason === 'PreviousServerExists') {
    await sim.until('web-1 is Ready', () => sim.isReady('web-1'));
    sim.user.dropFinalizers(aServer('web-1'));
    sim.user.delete(aServer('web-1'));
    sim.user.create(aServer('web-1'));
  }
  await sim.until('web-1 waits', () => sim.reasonOf('web-1') === reason);
  const lists = (): number => sim.world.calls()['GET /v3/flexMetal/servers'] ?? 0;
  const before = lists();
  await sim.pass(minutes(10));
  expect(lists() - before).toBeGreaterThan(10);
  expect(lists() - before).toBeLessThanOrEqual(42);
  expect(sim.reasonOf('web-1')).toBe(reason);
  sim.end();
});
