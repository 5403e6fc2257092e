import { minutes, seconds } from '../../../../src/base/time.ts';
import { ANNOTATION } from '../../../../src/resources/names.ts';
import { fieldsOf } from '../../api-server/json.ts';
import { FOREIGN_SERVERS, SMALL_PAGE } from '../foreign-servers.ts';
import type { Simulation } from '../simulation.ts';
import { addTag, removeTag } from './portal.ts';
import type { Scenarios } from './scenario.ts';
import { blocked, deliver, gone, ready, serverOf, WEB } from './user.ts';

/** The tag of an object that another cluster has. */
const STRANGER = 'flexmetal-uid:0d1c1f0e-6a53-4c39-9d2b-5f0a3f0c7e11';

/** Situations in which one guard of the protocol stands alone, while elsewhere another one would do as well. */
export const GUARDS: Scenarios = {
  'pages move for long after an unclear order': {
    world: {
      servers: FOREIGN_SERVERS,
      faults: [
        {
          match: { operation: 'createFlexMetalServer', nth: 1 },
          do: { commit: 'now', answer: { kind: 'error', status: 504, body: 'html' } },
        },
        { match: { operation: 'getFlexMetalServers', until: '15m' }, do: { answer: { kind: 'page', shift: 6 } } },
      ],
    },
    settings: { pageSize: SMALL_PAGE },
    script: deliver,
  },
  'single reads lag as lists do': {
    world: { visibility: { lag: '20s', appliesTo: 'everything' } },
    script: async (sim) => {
      sim.user.create(WEB);
      await sim.untilOr(() => sim.world.orders().length > 0, minutes(5));
      sim.user.delete(WEB);
      await gone(sim);
    },
  },
  'a leader sleeps before its order': {
    script: async (sim) => {
      sim.startStandby();
      await sim.pass(seconds(20));
      sim.user.create(WEB);
      await intended(sim);
      // Long enough for the next leader to conclude that nothing was ordered, and to order.
      sim.processes.find((process) => process.isLeading)?.freeze(minutes(10));
      await ready(sim);
    },
  },
  'an object that goes right before its order': {
    script: async (sim) => {
      sim.user.create(WEB);
      await intended(sim);
      sim.user.dropFinalizers(WEB);
      sim.user.delete(WEB);
      await sim.pass(minutes(5));
    },
  },
  'a finalizer that is taken right before the order': {
    script: async (sim) => {
      sim.user.create(WEB);
      await intended(sim);
      sim.user.dropFinalizers(WEB);
      await sim.untilOr(() => sim.world.orders().length > 0, seconds(5));
      sim.user.delete(WEB);
      await gone(sim);
    },
  },
  'an answer that names a server which cannot be read yet': {
    world: {
      servers: [{ name: 'by-hand', location: 'EU: Rotterdam', instanceType: 'bm7.std.8', tags: [] }],
      faults: [
        {
          match: { operation: 'getFlexMetalServer', until: '5m' },
          do: { answer: { kind: 'error', status: 503, body: 'html' } },
        },
      ],
    },
    script: async (sim) => {
      const byHand = String(sim.world.servers()[0]?.uuid);
      const annotations = { [ANNOTATION.resolve]: `adopt=${byHand}` };
      sim.user.create({ ...WEB, metadata: { ...WEB.metadata, annotations } });
      await sim.until('web-1 is Ready with that server', () => sim.isReady('web-1') && serverOf(sim) === byHand);
    },
  },
  'a stranger on the server for long, then deleted': {
    script: async (sim) => {
      await deliver(sim);
      const server = serverOf(sim);
      addTag(sim, server, STRANGER);
      await blocked(sim, 'OwnershipUnproven');
      sim.outage = minutes(10);
      sim.user.delete(WEB);
      await sim.pass(minutes(5));
      removeTag(sim, server, STRANGER);
      await gone(sim);
    },
  },
};

/** The intent is durable in both places, the second one just now: its writer does not even know yet. */
const intended = (sim: Simulation): Promise<void> =>
  sim.untilOr(() => fieldsOf(sim.object('web-1')?.['status'])['order'] !== undefined, minutes(5));
