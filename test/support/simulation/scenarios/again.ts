import { minutes, seconds } from '../../../../src/base/time.ts';
import { parseClusterId } from '../../../../src/base/ids.ts';
import { ANNOTATION } from '../../../../src/resources/names.ts';
import { addTag, firstOrder, removeTag, tagsOf } from './portal.ts';
import type { Scenarios } from './scenario.ts';
import {
  abandon,
  isAnnotated,
  answer,
  blocked,
  deliver,
  ledgerOf,
  loseLedgers,
  orderSent,
  passing,
  ready,
  serverOf,
  hasFinalizer,
  uidOf,
  WEB,
} from './user.ts';

const STRANGER = 'flexmetal-uid:11111111-2222-4333-8444-555555555555';
const OLD_CLUSTER = parseClusterId('0123456789ab');
const NEW_CLUSTER = parseClusterId('ba9876543210');

/** Objects that come back, and ledgers that go. */
export const AGAIN: Scenarios = {
  recreate: {
    script: async (sim) => {
      await deliver(sim);
      const uid = uidOf(sim);
      sim.user.recreate(WEB);
      await sim.until('another web-1 is Ready', () => sim.isReady('web-1') && uidOf(sim) !== uid);
    },
  },
  'recreate while unclear': {
    world: firstOrder({ commit: { after: '4m' }, answer: { kind: 'hang' } }),
    script: async (sim) => {
      sim.user.create(WEB);
      const uid = uidOf(sim);
      await orderSent(sim);
      sim.user.recreate(WEB);
      await sim.until('another web-1 is Ready', () => sim.isReady('web-1') && uidOf(sim) !== uid);
    },
  },
  'restore from a backup': {
    script: async (sim) => {
      await deliver(sim);
      const former = serverOf(sim);
      sim.user.restore(await abandon(sim));
      await blocked(sim, 'PreviousServerExists');
      answer(sim, 'adopt', former);
      await ready(sim);
    },
  },
  'restore, and leave the former server alone': {
    script: async (sim) => {
      await deliver(sim);
      const former = serverOf(sim);
      sim.user.restore(await abandon(sim));
      await blocked(sim, 'PreviousServerExists');
      answer(sim, 'forget', former);
      await ready(sim);
    },
  },
  'restore, and nobody answers': {
    endsIn: ['PreviousServerExists'],
    script: async (sim) => {
      await deliver(sim);
      sim.user.restore(await abandon(sim));
      await blocked(sim, 'PreviousServerExists');
    },
  },
  'restore into another cluster with its id': {
    settings: { clusterId: OLD_CLUSTER },
    script: async (sim) => {
      await deliver(sim);
      const former = serverOf(sim);
      const backup = await abandon(sim);
      sim.restartWith({ clusterId: OLD_CLUSTER });
      sim.user.restore(backup);
      await blocked(sim, 'PreviousServerExists');
      answer(sim, 'adopt', former);
      await ready(sim);
    },
  },
  /** Its servers are another cluster's then: they are not found, and another one is ordered. */
  'restore into another cluster without its id': {
    settings: { clusterId: OLD_CLUSTER },
    script: async (sim) => {
      await deliver(sim);
      const backup = await abandon(sim);
      sim.restartWith({ clusterId: NEW_CLUSTER });
      await sim.pass(minutes(2));
      sim.user.restore(backup);
      await ready(sim);
    },
  },

  'adopt, and delete at once': {
    script: async (sim) => {
      await deliver(sim);
      const former = serverOf(sim);
      sim.user.restore(await abandon(sim));
      await blocked(sim, 'PreviousServerExists');
      answer(sim, 'adopt', former);
      await sim.untilOr(() => serverOf(sim) === former, minutes(5));
      sim.user.delete(WEB);
      await sim.until('web-1 is gone', () => sim.object('web-1') === undefined);
    },
  },

  'one copy of the ledger lost': {
    script: async (sim) => {
      await deliver(sim);
      sim.user.edit(WEB, { status: null }, 'status');
      await sim.until('status is back', () => sim.isReady('web-1'));
      sim.user.replace(WEB);
      await sim.until('the annotation is back', () => isAnnotated(sim));
      await ready(sim);
    },
  },
  'both ledgers lost': {
    script: async (sim) => {
      await deliver(sim);
      loseLedgers(sim);
      await sim.pass(minutes(3));
      await ready(sim);
    },
  },
  'both ledgers lost while provisioning': {
    script: async (sim) => {
      sim.user.create(WEB);
      await passing(sim, 'Provisioning');
      // No list need show the server yet: then nobody but the running process knows of it.
      loseLedgers(sim);
      await ready(sim);
    },
  },
  'both ledgers lost, then deleted': {
    script: async (sim) => {
      sim.user.create(WEB);
      await passing(sim, 'Provisioning');
      loseLedgers(sim);
      sim.user.delete(WEB);
      await sim.until('web-1 is gone', () => sim.object('web-1') === undefined);
    },
  },
  'both ledgers lost, and a stranger on the server': {
    script: async (sim) => {
      await deliver(sim);
      const server = serverOf(sim);
      addTag(sim, server, STRANGER);
      loseLedgers(sim);
      await blocked(sim, 'OwnershipUnproven');
      removeTag(sim, server, STRANGER);
      await ready(sim);
    },
  },
  'a ledger that nobody can read': {
    script: async (sim) => {
      await deliver(sim);
      sim.user.edit(WEB, { status: null }, 'status');
      sim.user.annotate(WEB, { [ANNOTATION.order]: '{"not": "a ledger"}' });
      await sim.untilOr(() => sim.reasonOf('web-1') === 'OrderUnclear', minutes(5));
      await sim.pass(minutes(10));
      sim.user.annotate(WEB, { [ANNOTATION.order]: null });
      await ready(sim);
    },
  },
  'a ledger that nobody mends': {
    endsIn: ['OrderUnclear', 'Ready'],
    script: async (sim) => {
      await deliver(sim);
      sim.user.edit(WEB, { status: null }, 'status');
      sim.user.annotate(WEB, { [ANNOTATION.order]: '{"not": "a ledger"}' });
      await sim.untilOr(() => sim.reasonOf('web-1') === 'OrderUnclear', minutes(5));
    },
  },
  'the finalizer taken away': {
    script: async (sim) => {
      await deliver(sim);
      sim.user.dropFinalizers(WEB);
      await sim.pass(seconds(30));
      // Where nobody has put it back by then, the user lets the object go.
      if (!hasFinalizer(sim)) sim.abandoned.add(uidOf(sim));
      sim.user.delete(WEB);
      await sim.until('web-1 is gone', () => sim.object('web-1') === undefined);
    },
  },
  'an old manifest with an old annotation': {
    script: async (sim) => {
      sim.user.create(WEB);
      await passing(sim, 'Ordering', minutes(5));
      const early = JSON.stringify(ledgerOf(sim));
      await ready(sim);
      sim.user.annotate(WEB, { [ANNOTATION.order]: early });
      await sim.pass(minutes(2));
      await ready(sim);
      await sim.until('still its server', () => tagsOf(sim, serverOf(sim)).length > 0);
    },
  },
};
