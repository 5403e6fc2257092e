import { describe, expect, test } from 'vitest';
import { seconds } from '../../src/base/time.ts';
import { run } from '../support/simulation/run.ts';
import type { SimulationOptions } from '../support/simulation/simulation.ts';
import { aServer, scenarioOf } from '../support/simulation/scenarios.ts';
import {
  callsUnclearRefused,
  neverReleases,
  neverRests,
  releasesAnything,
  repeatsOrders,
  tellsSecrets,
} from '../support/simulation/sabotages.ts';

type Broken = Pick<SimulationOptions, 'settings' | 'sabotage'>;

/** A check that never complains proves nothing: each broken operator must be caught by the rule that forbids it. */
describe('the checks catch', () => {
  test.each<[what: string, rule: string, scenario: string, broken: Broken]>([
    ['an order that is repeated', 'S1', 'unclear, ordered', { sabotage: { vendor: repeatsOrders } }],
    ['an attempt that is sent twice', 'S2', 'unclear, ordered', { sabotage: { vendor: repeatsOrders } }],
    [
      'an unclear order taken for refused',
      'S1',
      'unclear, ordered late',
      { sabotage: { vendor: callsUnclearRefused } },
    ],
    [
      'a settle window shorter than the vendor needs',
      'S1',
      'unclear, ordered late',
      { settings: { orderTimeout: seconds(10), settleWindow: seconds(1) } },
    ],
    ['a release without a deletion', 'S3', 'deliver', { sabotage: { vendor: releasesAnything } }],
    ['a server that is paid for too long', 'S5', 'delete when delivered', { sabotage: { vendor: neverReleases } }],
    ['an object that never gets on', 'L1', 'delete when delivered', { sabotage: { vendor: neverReleases } }],
    ['a secret in a status', 'S6', 'deliver', { sabotage: { kube: tellsSecrets } }],
    ['changes without end', 'L2', 'deliver', { sabotage: { vendor: neverRests } }],
  ])('%s', async (_what, rule, scenario, broken) => {
    const { violations } = await run({ scenario, seed: 1, faults: [] }, scenarioOf(scenario), broken);
    expect(violations.map((violation) => violation.slice(0, 2))).toContain(rule);
  });

  test('an object that went before its server', async () => {
    const deliver = scenarioOf('deliver');
    const { violations } = await run(
      { scenario: 'deliver', seed: 1, faults: [] },
      {
        script: async (sim) => {
          await deliver.script(sim);
          sim.user.dropFinalizers(aServer('web-1'));
          sim.user.delete(aServer('web-1'));
        },
      },
    );
    expect(violations.map((violation) => violation.slice(0, 2))).toEqual(expect.arrayContaining(['S4', 'L3']));
  });
});
