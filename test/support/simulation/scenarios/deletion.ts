import { minutes, seconds } from '../../../../src/base/time.ts';
import { ANNOTATION } from '../../../../src/resources/names.ts';
import type { FaultRuleInput } from '../../../../src/simulator/faults.ts';
import { breakVendor, firstOrder } from './portal.ts';
import type { Scenarios } from './scenario.ts';
import { aServer, attemptOf, blocked, deliver, gone, orderSent, passing, remove, serverOf, WEB } from './user.ts';

const SLOWLY = firstOrder({ replyAfter: '20s' });
const UNCLEAR = firstOrder({ commit: { after: '4m' }, answer: { kind: 'hang' } });

const NO_RELEASE: FaultRuleInput = {
  match: { operation: 'deleteFlexMetalServer' },
  do: { answer: { kind: 'pretend' } },
};

/** Half an hour, which the next process begins anew after each of two faults. */
const STUCK_WITHIN = minutes(95);

/** The object is deleted at each stage of its life. */
export const DELETION: Scenarios = {
  'delete at once': {
    script: async (sim) => {
      sim.user.create(WEB);
      await remove(sim);
    },
  },
  'delete before the order': {
    script: async (sim) => {
      sim.user.create(WEB);
      await sim.untilOr(() => sim.effects.seen.length > 0, minutes(2));
      await remove(sim);
    },
  },
  'delete with the intent written': {
    script: async (sim) => {
      sim.user.create(WEB);
      await sim.untilOr(() => sim.effects.seen.length > 1, minutes(2));
      await remove(sim);
    },
  },
  'delete while ordering': {
    world: SLOWLY,
    script: async (sim) => {
      sim.user.create(WEB);
      await orderSent(sim);
      await remove(sim);
    },
  },
  'delete while unclear': {
    world: UNCLEAR,
    script: async (sim) => {
      sim.user.create(WEB);
      await orderSent(sim);
      await sim.pass(seconds(30));
      await remove(sim);
    },
  },
  'delete while provisioning': {
    script: async (sim) => {
      sim.user.create(WEB);
      await passing(sim, 'Provisioning');
      await remove(sim);
    },
  },
  'delete when delivered': {
    script: async (sim) => {
      await deliver(sim);
      await remove(sim);
    },
  },
  'delete while releasing': {
    world: { release: { takes: '5m' } },
    script: async (sim) => {
      await deliver(sim);
      sim.user.delete(WEB);
      await passing(sim, 'Releasing', minutes(10));
      sim.user.delete(WEB);
      await gone(sim);
    },
  },
  'delete, and the vendor refuses early releases': {
    world: { manners: { releaseEarly: 'refuse', releaseAgain: 'conflict', releaseReply: 'noContent' } },
    script: async (sim) => {
      sim.user.create(WEB);
      await passing(sim, 'Provisioning');
      await remove(sim);
    },
  },
  'delete when protected': {
    script: async (sim) => {
      sim.user.create(aServer('web-1', { deletionProtection: true }));
      await sim.until('web-1 is Ready', () => sim.isReady('web-1'));
      sim.user.delete(WEB);
      await blocked(sim, 'Protected');
      await sim.pass(minutes(40));
      sim.user.edit(WEB, { spec: { deletionProtection: false } });
      await gone(sim);
    },
  },
  'deleted and protected for good': {
    endsIn: ['Protected'],
    script: async (sim) => {
      sim.user.create(aServer('web-1', { deletionProtection: true }));
      await passing(sim, 'Provisioning');
      sim.user.delete(WEB);
      await blocked(sim, 'Protected');
    },
  },
  'delete when paused': {
    script: async (sim) => {
      await deliver(sim);
      sim.user.annotate(WEB, { [ANNOTATION.paused]: 'true' });
      sim.user.delete(WEB);
      await blocked(sim, 'Paused');
      await sim.pass(minutes(40));
      sim.user.annotate(WEB, { [ANNOTATION.paused]: null });
      await gone(sim);
    },
  },
  retain: {
    script: async (sim) => {
      sim.user.create(aServer('web-1', { deletionPolicy: 'Retain' }));
      await sim.until('web-1 is Ready', () => sim.isReady('web-1'));
      await remove(sim);
    },
  },
  'retain while unclear': {
    world: UNCLEAR,
    script: async (sim) => {
      sim.user.create(aServer('web-1', { deletionPolicy: 'Retain' }));
      await orderSent(sim);
      await sim.pass(seconds(30));
      await remove(sim);
    },
  },
  'a release that comes late': {
    isLong: true,
    script: async (sim) => {
      await deliver(sim);
      const mend = breakVendor(sim, NO_RELEASE);
      sim.outage = STUCK_WITHIN;
      sim.user.delete(WEB);
      await blocked(sim, 'ReleaseStuck', STUCK_WITHIN);
      mend();
      await gone(sim);
    },
  },
  'a release that never comes': {
    isLong: true,
    script: async (sim) => {
      await deliver(sim);
      const server = serverOf(sim);
      breakVendor(sim, NO_RELEASE);
      sim.outage = STUCK_WITHIN;
      sim.user.delete(WEB);
      await blocked(sim, 'ReleaseStuck', STUCK_WITHIN);
      sim.user.annotate(WEB, { [ANNOTATION.forceForget]: server });
      await gone(sim);
    },
  },
  'an unclear order that is let go': {
    world: UNCLEAR,
    script: async (sim) => {
      sim.user.create(WEB);
      await orderSent(sim);
      sim.user.delete(WEB);
      await passing(sim, 'OrderUnclear', minutes(5));
      const attempt = attemptOf(sim);
      if (sim.object('web-1') !== undefined && attempt !== '') {
        sim.user.annotate(WEB, { [ANNOTATION.forceForget]: attempt });
      }
      await gone(sim);
    },
  },
};
