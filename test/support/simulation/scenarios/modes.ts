import { minutes } from '../../../../src/base/time.ts';
import { ANNOTATION } from '../../../../src/resources/names.ts';
import type { FaultName } from '../plan.ts';
import type { Simulation } from '../simulation.ts';
import { tagsOf } from './portal.ts';
import type { Scenarios } from './scenario.ts';
import { aServer, blocked, deliver, gone, passing, ready, serverOf, WEB } from './user.ts';

const CHANGES = (sim: Simulation): number => sim.world.history.filter(({ kind }) => kind === 'request').length;

/** Nothing is sent to the vendor that changes anything, whatever happens meanwhile. */
async function untouched(sim: Simulation, length: Parameters<Simulation['pass']>[0]): Promise<void> {
  const before = CHANGES(sim);
  await sim.pass(length);
  if (CHANGES(sim) > before)
    sim.mishaps.push(`the vendor got ${CHANGES(sim) - before} changes while hands were to be off`);
}

/** The brakes count what the list shows, so one that leaves servers out gives way; see docs/behaviour.md, "What is not promised". */
const UNCOUNTED: readonly FaultName[] = ['listEmpty'];

/** Hands off: observe mode, brakes, pauses. */
export const MODES: Scenarios = {
  'observe, then order': {
    settings: { mode: 'observe' },
    script: async (sim) => {
      sim.user.create(WEB);
      await blocked(sim, 'ObserveMode');
      await untouched(sim, minutes(10));
      sim.restartWith({ mode: 'normal' });
      await ready(sim);
    },
  },
  'observe, and never order': {
    settings: { mode: 'observe' },
    endsIn: ['ObserveMode'],
    script: async (sim) => {
      sim.user.create(WEB);
      await blocked(sim, 'ObserveMode');
      await untouched(sim, minutes(10));
    },
  },
  'observe, then release and tag': {
    script: async (sim) => {
      await deliver(sim);
      sim.user.create(aServer('web-2'));
      await sim.until('web-2 is Ready', () => sim.isReady('web-2'));
      sim.restartWith({ mode: 'observe' });
      // What is under way when the old process is told to stop may still end.
      await sim.pass(minutes(6));
      sim.user.edit(aServer('web-2'), { spec: { tags: ['team:db'] } });
      sim.user.delete(WEB);
      await blocked(sim, 'ObserveMode');
      await sim.until('web-2 is observed', () => sim.reasonOf('web-2') === 'ObserveMode');
      sim.outage = minutes(30);
      await untouched(sim, minutes(10));
      sim.restartWith({ mode: 'normal' });
      await gone(sim);
      await sim.until(
        'web-2 has its tag',
        () => sim.isReady('web-2') && sim.liveServers().some(({ tags }) => tags.includes('team:db')),
      );
    },
  },
  'a limit of servers, and room again': {
    spoiledBy: UNCOUNTED,
    settings: { serversMax: 1 },
    script: async (sim) => {
      await deliver(sim);
      sim.user.create(aServer('web-2'));
      await sim.until('web-2 is held', () => sim.reasonOf('web-2') === 'BrakeEngaged');
      sim.user.delete(WEB);
      await sim.until('web-2 is Ready', () => sim.isReady('web-2') && sim.objects().length === 1);
    },
  },
  'a limit of orders, raised': {
    spoiledBy: UNCOUNTED,
    settings: { ordersPerHourMax: 1 },
    script: async (sim) => {
      await deliver(sim);
      sim.user.create(aServer('web-2'));
      await sim.until('web-2 is held', () => sim.reasonOf('web-2') === 'BrakeEngaged');
      sim.restartWith({ ordersPerHourMax: 10 });
      await sim.until('web-2 is Ready', () => sim.isReady('web-2'));
    },
  },
  'a brake on all orders': {
    settings: { ordersPerHourMax: 0 },
    endsIn: ['BrakeEngaged'],
    script: async (sim) => {
      sim.user.create(WEB);
      await blocked(sim, 'BrakeEngaged');
      await untouched(sim, minutes(10));
    },
  },
  'paused before the order': {
    script: async (sim) => {
      sim.user.create({ ...WEB, metadata: { ...WEB.metadata, annotations: { [ANNOTATION.paused]: 'true' } } });
      await blocked(sim, 'Paused');
      await untouched(sim, minutes(10));
      sim.user.annotate(WEB, { [ANNOTATION.paused]: null });
      await ready(sim);
    },
  },
  'paused while provisioning': {
    script: async (sim) => {
      sim.user.create(WEB);
      await passing(sim, 'Provisioning');
      sim.user.annotate(WEB, { [ANNOTATION.paused]: 'true' });
      sim.user.edit(WEB, { spec: { tags: ['team:db'] } });
      await sim.pass(minutes(15));
      sim.user.annotate(WEB, { [ANNOTATION.paused]: null });
      await ready(sim);
      await sim.until(
        'the tag is changed',
        () => tagsOf(sim, serverOf(sim)).includes('team:db') && sim.isReady('web-1'),
      );
    },
  },
  'paused for good': {
    endsIn: ['Paused'],
    script: async (sim) => {
      sim.user.create({ ...WEB, metadata: { ...WEB.metadata, annotations: { [ANNOTATION.paused]: 'true' } } });
      await blocked(sim, 'Paused');
      await untouched(sim, minutes(10));
    },
  },
};
