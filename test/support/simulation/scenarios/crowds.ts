import { minutes } from '../../../../src/base/time.ts';
import type { Simulation } from '../simulation.ts';
import { orderAtPortal } from './portal.ts';
import type { Scenarios } from './scenario.ts';
import { aServer, deliver, remove } from './user.ts';

async function crowd(sim: Simulation, count: number): Promise<void> {
  const names = Array.from({ length: count }, (_, index) => `many-${index}`);
  const leaving = names.slice(0, count / 2);
  for (const name of names) sim.user.create(aServer(name));
  await sim.until('all are Ready', () => names.every((name) => sim.isReady(name)));
  for (const name of leaving) sim.user.delete(aServer(name));
  await sim.until('half of them are left', () => sim.objects().length === count - leaving.length);
}

/** Many objects, and many servers that are none of ours. */
export const CROWDS: Scenarios = {
  'ten at once': { isLong: true, script: (sim) => crowd(sim, 10) },
  'twenty at once': { isLong: true, script: (sim) => crowd(sim, 20) },
  'many servers of others': {
    settings: { pageSize: 10 },
    script: async (sim) => {
      const others = Array.from({ length: 35 }, (_, other) =>
        orderAtPortal(sim, { name: `other-${other}`, tags: ['theirs'] }),
      );
      await sim.pass(minutes(1));
      await deliver(sim);
      await remove(sim);
      const living = new Set(sim.liveServers().map(({ uuid }) => uuid));
      if (!others.every((uuid) => living.has(uuid))) sim.mishaps.push('somebody else’s server was released');
    },
  },
};
