import { minutes } from '../../../../src/base/time.ts';
import { ANNOTATION, clusterTag, readMarks } from '../../../../src/resources/names.ts';
import type { FaultName } from '../plan.ts';
import type { Simulation } from '../simulation.ts';
import { addTag, breakVendor, firstOrder, orderAtPortal, releaseAtPortal, removeTag, tagsOf } from './portal.ts';
import type { Scenarios } from './scenario.ts';
import {
  abandon,
  answer,
  aServer,
  attemptOf,
  blocked,
  deliver,
  gone,
  orderSent,
  ready,
  remove,
  serverOf,
  uidOf,
  WEB,
} from './user.ts';

const STRANGER = 'flexmetal-uid:11111111-2222-4333-8444-555555555555';

/**
 * Two lists in a row that leave out a server which is there: nothing can tell that from no server. And an order that comes after
 * the window brings a server with our tags, which is taken instead.
 */
const HIDES_A_SUSPECT: readonly FaultName[] = ['listEmpty', 'frozenPastWindow', 'delayedPastWindow'];
/** The order has no clear answer, and no server comes of it. */
const NO_SERVER = firstOrder({ commit: 'never', answer: { kind: 'hang' } });

const NOT_NOW = { answer: { kind: 'error', status: 503, body: 'html' } } as const;

/** Somebody orders a second server with all tags of the first one. */
const copyServer = (sim: Simulation): string => orderAtPortal(sim, { name: 'copy', tags: tagsOf(sim, serverOf(sim)) });

/** Blocks that a person leaves by an answer. */
export const ANSWERS: Scenarios = {
  'duplicates, one released': {
    script: async (sim) => {
      await deliver(sim);
      const copy = copyServer(sim);
      await blocked(sim, 'DuplicateServers');
      answer(sim, 'release', copy);
      await ready(sim);
    },
  },
  'duplicates, the first one released': {
    script: async (sim) => {
      await deliver(sim);
      const first = serverOf(sim);
      copyServer(sim);
      await blocked(sim, 'DuplicateServers');
      answer(sim, 'release', first);
      await sim.until('the other one is its server', () => serverOf(sim) !== first && sim.isReady('web-1'));
    },
  },
  /** A release that was allowed while there were two, and the other one goes before it is sent. */
  'duplicates, one released, and the other one goes': {
    // A release that leaves, or is carried out, a minute late finds its server the last one, and nothing can call it back.
    spoiledBy: ['delayed', 'frozen'],
    script: async (sim) => {
      await deliver(sim);
      const first = serverOf(sim);
      const copy = copyServer(sim);
      await blocked(sim, 'DuplicateServers');
      const mend = breakVendor(sim, { match: { operation: 'deleteFlexMetalServer' }, do: NOT_NOW });
      answer(sim, 'release', copy);
      await sim.untilOr(() => sim.world.faults.some(({ hits }) => hits > 0), minutes(5));
      releaseAtPortal(sim, first);
      mend();
      await sim.until('the one that is left is its server', () => serverOf(sim) === copy && sim.isReady('web-1'));
      // A process that starts anew has nothing to say of what the one before it took back.
      const isUndisturbed = sim.effects.seen.every(({ fault }) => fault === undefined);
      if (isUndisturbed && !sim.describe().includes('was refused'))
        sim.mishaps.push('nobody says why the release was not made');
    },
  },
  'duplicates, one forgotten': {
    script: async (sim) => {
      await deliver(sim);
      const copy = copyServer(sim);
      await blocked(sim, 'DuplicateServers');
      answer(sim, 'forget', copy);
      await ready(sim);
      await remove(sim);
    },
  },
  'duplicates, deleted': {
    script: async (sim) => {
      await deliver(sim);
      copyServer(sim);
      await blocked(sim, 'DuplicateServers');
      await remove(sim);
    },
  },
  'duplicates, and nobody answers': {
    endsIn: ['DuplicateServers'],
    script: async (sim) => {
      await deliver(sim);
      copyServer(sim);
      await blocked(sim, 'DuplicateServers');
    },
  },
  'duplicates, the other one adopted': {
    script: async (sim) => {
      await deliver(sim);
      const first = serverOf(sim);
      const copy = copyServer(sim);
      await blocked(sim, 'DuplicateServers');
      answer(sim, 'adopt', copy);
      await sim.until('the copy is its server', () => serverOf(sim) === copy);
      await blocked(sim, 'DuplicateServers');
      answer(sim, 'release', first);
      await ready(sim);
    },
  },
  'duplicates of an unclear order': {
    world: NO_SERVER,
    script: async (sim) => {
      sim.user.create(WEB);
      await orderSent(sim);
      const tags = sim.world.orders()[0]?.tags ?? [];
      const [first, second] = [orderAtPortal(sim, { name: 'a', tags }), orderAtPortal(sim, { name: 'b', tags })];
      await blocked(sim, 'DuplicateServers');
      answer(sim, 'adopt', first);
      await sim.until('the first is its server', () => serverOf(sim) === first);
      answer(sim, 'release', second);
      await ready(sim);
    },
  },

  'a suspect adopted': {
    world: NO_SERVER,
    spoiledBy: HIDES_A_SUSPECT,
    script: async (sim) => {
      sim.user.create(WEB);
      await orderSent(sim);
      const suspect = orderAtPortal(sim, { name: 'web-1', tags: [] });
      await blocked(sim, 'SuspectServer');
      answer(sim, 'adopt', suspect);
      await ready(sim);
    },
  },
  'a suspect that is somebody else’s': {
    world: NO_SERVER,
    spoiledBy: HIDES_A_SUSPECT,
    script: async (sim) => {
      sim.user.create(WEB);
      await orderSent(sim);
      const suspect = orderAtPortal(sim, { name: 'web-1', tags: [] });
      await blocked(sim, 'SuspectServer');
      answer(sim, 'reorder', attemptOf(sim));
      await sim.until('web-1 is Ready with another server', () => sim.isReady('web-1') && serverOf(sim) !== suspect);
    },
  },
  'a suspect, and nobody answers': {
    world: NO_SERVER,
    spoiledBy: HIDES_A_SUSPECT,
    endsIn: ['SuspectServer'],
    script: async (sim) => {
      sim.user.create(WEB);
      await orderSent(sim);
      orderAtPortal(sim, { name: 'web-1', tags: [] });
      await blocked(sim, 'SuspectServer');
    },
  },
  'a suspect, and the object deleted': {
    world: NO_SERVER,
    spoiledBy: HIDES_A_SUSPECT,
    script: async (sim) => {
      sim.user.create(WEB);
      await orderSent(sim);
      orderAtPortal(sim, { name: 'web-1', tags: [] });
      await blocked(sim, 'SuspectServer');
      sim.user.delete(WEB);
      sim.user.annotate(WEB, { [ANNOTATION.forceForget]: attemptOf(sim) });
      await gone(sim);
    },
  },

  'a suspect adopted by an object that is going': {
    world: NO_SERVER,
    spoiledBy: HIDES_A_SUSPECT,
    script: async (sim) => {
      sim.user.create(WEB);
      await orderSent(sim);
      const suspect = orderAtPortal(sim, { name: 'web-1', tags: [] });
      sim.user.delete(WEB);
      await blocked(sim, 'SuspectServer');
      answer(sim, 'adopt', suspect);
      await gone(sim);
    },
  },
  'not what was ordered': {
    world: NO_SERVER,
    script: async (sim) => {
      sim.user.create(WEB);
      await orderSent(sim);
      const tags = sim.world.orders()[0]?.tags ?? [];
      const odd = orderAtPortal(sim, { name: 'odd', instanceType: 'bm8.std.32', tags });
      await blocked(sim, 'OwnershipUnproven');
      answer(sim, 'forget', odd);
      await ready(sim);
    },
  },
  'a stranger on the server': {
    script: async (sim) => {
      await deliver(sim);
      const server = serverOf(sim);
      addTag(sim, server, STRANGER);
      await blocked(sim, 'OwnershipUnproven');
      removeTag(sim, server, STRANGER);
      await ready(sim);
    },
  },
  'a stranger on the server, deleted': {
    script: async (sim) => {
      await deliver(sim);
      const server = serverOf(sim);
      addTag(sim, server, STRANGER);
      sim.outage = minutes(30);
      sim.user.delete(WEB);
      await blocked(sim, 'OwnershipUnproven');
      await sim.pass(minutes(20));
      removeTag(sim, server, STRANGER);
      await gone(sim);
    },
  },
  'a stranger on the server, and nobody cares': {
    endsIn: ['OwnershipUnproven'],
    script: async (sim) => {
      await deliver(sim);
      addTag(sim, serverOf(sim), STRANGER);
      await blocked(sim, 'OwnershipUnproven');
    },
  },

  'lost, and ordered again': {
    script: async (sim) => {
      await deliver(sim);
      const former = serverOf(sim);
      releaseAtPortal(sim, former);
      await blocked(sim, 'Lost');
      answer(sim, 'reorder', attemptOf(sim));
      await sim.until('web-1 is Ready with another server', () => sim.isReady('web-1') && serverOf(sim) !== former);
    },
  },
  'lost, and deleted': {
    script: async (sim) => {
      await deliver(sim);
      releaseAtPortal(sim, serverOf(sim));
      await blocked(sim, 'Lost');
      await remove(sim);
    },
  },
  lost: {
    endsIn: ['Lost'],
    script: async (sim) => {
      await deliver(sim);
      releaseAtPortal(sim, serverOf(sim));
      await blocked(sim, 'Lost');
    },
  },
  'forgotten, and ordered again': {
    script: async (sim) => {
      await deliver(sim);
      answer(sim, 'forget', attemptOf(sim));
      await blocked(sim, 'Forgotten');
      answer(sim, 'reorder', attemptOf(sim));
      await ready(sim);
    },
  },
  'forgotten, and deleted': {
    script: async (sim) => {
      await deliver(sim);
      answer(sim, 'forget', attemptOf(sim));
      await blocked(sim, 'Forgotten');
      await remove(sim);
    },
  },
  'answers that do not fit': {
    script: async (sim) => {
      await deliver(sim);
      for (const text of ['yes', 'reorder=0000000000000000', `release=${serverOf(sim)}`]) {
        sim.user.annotate(WEB, { [ANNOTATION.resolve]: text });
        await sim.until('the answer is refused', () => sim.describe().includes('was refused'));
        await sim.pass(minutes(1));
      }
      sim.user.annotate(WEB, { [ANNOTATION.resolve]: null });
      await sim.until('nothing is refused', () => sim.isReady('web-1') && !sim.describe().includes('was refused'));
    },
  },
  'a server of another cluster is not adopted': {
    endsIn: ['Ready'],
    script: async (sim) => {
      await deliver(sim);
      const uid = '99999999-2222-4333-8444-555555555555';
      const theirs = orderAtPortal(sim, {
        name: 'theirs',
        tags: ['flexmetal-cluster:0123456789ab', `flexmetal-uid:${uid}`],
      });
      sim.user.create(aServer('web-2'));
      sim.user.annotate(aServer('web-2'), { [ANNOTATION.resolve]: `adopt=${theirs}` });
      await sim.until('web-2 is Ready', () => sim.isReady('web-2'));
      await sim.until('with a server of its own', () => readMarks(tagsOf(sim, theirs)).clusters.length === 1);
    },
  },
  'a server that its owner still wants is not adopted': {
    script: async (sim) => {
      await deliver(sim);
      sim.user.create(aServer('web-2'));
      sim.user.annotate(aServer('web-2'), { [ANNOTATION.resolve]: `adopt=${serverOf(sim)}` });
      await sim.until('web-2 is Ready', () => sim.isReady('web-2') && sim.isReady('web-1'));
    },
  },
  'an answer of a former object': {
    script: async (sim) => {
      await deliver(sim);
      const server = serverOf(sim);
      answer(sim, 'forget', attemptOf(sim));
      await blocked(sim, 'Forgotten');
      const cluster = readMarks(tagsOf(sim, server)).clusters[0];
      sim.user.restore(await abandon(sim));
      await blocked(sim, 'PreviousServerExists');
      answer(sim, 'adopt', server);
      await sim.until(
        'the server is web-1’s',
        () => sim.isReady('web-1') && tagsOf(sim, server).includes(`flexmetal-uid:${uidOf(sim)}`),
      );
      await sim.until(
        'in the same cluster',
        () => cluster !== undefined && tagsOf(sim, server).includes(clusterTag(cluster)),
      );
    },
  },
};
