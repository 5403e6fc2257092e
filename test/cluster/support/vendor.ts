import { randomBytes } from 'node:crypto';
import { systemClock } from '../../../src/runtime/system-clock.ts';
import type { WorldConfigInput } from '../../../src/simulator/config.ts';
import type { FaultRuleInput } from '../../../src/simulator/faults.ts';
import { FaultRule } from '../../../src/simulator/faults.ts';
import type { HistoryEntry } from '../../../src/simulator/history.ts';
import type { OrderSeen, ServerLife } from '../../../src/simulator/retrospect.ts';
import { readScenario } from '../../../src/simulator/scenario.ts';
import { startSimulatorServer } from '../../../src/simulator/server.ts';
import { Simulation } from '../../../src/simulator/simulation.ts';
import { waitFor } from '../../support/cluster/wait-for.ts';

/** A FlexMetal API that delivers within a second, on a socket, whose truth can be looked at past its API. */
export interface Vendor {
  readonly url: string;
  readonly token: string;
  addFault(rule: FaultRuleInput): void;
  /** Every server that ever was. */
  lives(): readonly ServerLife[];
  /** Every order that arrived, whatever became of it. */
  orders(): readonly OrderSeen[];
  /** Resolves once so many orders have arrived, with the last of them. */
  orderArrived(count?: number): Promise<OrderSeen>;
  /** Resolves once so many servers exist. */
  serverExists(count?: number): Promise<ServerLife>;
  /** Requests that may change something, in order. */
  changes(): readonly Extract<HistoryEntry, { kind: 'request' }>[];
  close(): Promise<void>;
}

export const ORDER = 'createFlexMetalServer';

export async function startVendor(config: WorldConfigInput = {}): Promise<Vendor> {
  const token = `canary-token-${randomBytes(16).toString('hex')}`;
  const scenario = readScenario({
    tokens: [{ token }],
    delivery: { takes: '1s' },
    release: { takes: '500ms' },
    ...config,
  });
  const simulation = new Simulation(scenario, systemClock);
  const server = await startSimulatorServer({ simulation, port: 0 });
  const upToNow = () => {
    simulation.world.advance(systemClock.now());
    return simulation.world;
  };
  const vendor: Vendor = {
    url: server.url,
    token,
    addFault: (rule) => void simulation.world.addFault(FaultRule.parse(rule)),
    lives: () => upToNow().lives(),
    orders: () => upToNow().orders(),
    orderArrived: (count = 1) =>
      waitFor(`${count} orders have arrived`, () => vendor.orders()[count - 1], { everyMs: 10 }),
    serverExists: (count = 1) => waitFor(`${count} servers exist`, () => vendor.lives()[count - 1], { everyMs: 10 }),
    changes: () => upToNow().history.filter((entry) => entry.kind === 'request'),
    close: () => server.close(),
  };
  return vendor;
}
