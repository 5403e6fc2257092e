import { minutes } from '../../../../src/base/time.ts';
import type { FaultRuleInput } from '../../../../src/simulator/faults.ts';
import { breakVendor, firstOrder, orderAtPortal, releaseAtPortal } from './portal.ts';
import type { Scenario, Scenarios } from './scenario.ts';
import { answer, aServer, attemptOf, blocked, deliver, passing, ready, remove, SECRET, WEB } from './user.ts';

const TOKYO = { location: 'JP: Tokyo', instanceType: 'bm8.std.32' };

/** Something happens to the first order, and the object becomes Ready all the same. */
const delivered = (what: FaultRuleInput['do']): Scenario => ({ world: firstOrder(what), script: deliver });

/** One server is ordered, whatever its order meets. */
export const ORDERS: Scenarios = {
  deliver: { script: deliver },

  'unclear, ordered': delivered({ commit: 'now', answer: { kind: 'error', status: 504, body: 'html' } }),
  'unclear, not ordered': delivered({ commit: 'never', answer: { kind: 'hang' } }),
  'unclear, ordered late': delivered({ commit: { after: '4m' }, answer: { kind: 'hang' } }),
  'unclear, reset': delivered({ commit: 'now', answer: { kind: 'reset', within: 'headers' } }),
  'unclear, reply cut short': delivered({ answer: { kind: 'truncate' } }),
  'unclear, reply without uuid': delivered({ answer: { kind: 'spoil', how: 'noUuid' } }),
  'unclear, conflict': delivered({ answer: { kind: 'error', status: 409 } }),
  'unclear, too many requests': delivered({ answer: { kind: 'rateLimit', wait: '1m' } }),
  'unclear, redirected': delivered({ answer: { kind: 'redirect' } }),

  'refused, then taken': delivered({ answer: { kind: 'error', status: 422, message: 'no capacity' } }),
  'refused, then corrected': {
    script: async (sim) => {
      sim.user.create(aServer('web-1', { location: 'EU: Nowhere' }));
      await blocked(sim, 'OrderRefused');
      sim.user.edit(WEB, { spec: { location: 'EU: Rotterdam' } });
      await ready(sim);
    },
  },
  'refused for good': {
    endsIn: ['OrderRefused'],
    script: async (sim) => {
      sim.user.create(aServer('web-1', { instanceType: 'bm0.none' }));
      await blocked(sim, 'OrderRefused');
    },
  },
  'refused, then deleted': {
    script: async (sim) => {
      sim.user.create(aServer('web-1', { instanceType: 'bm0.none' }));
      await blocked(sim, 'OrderRefused');
      await remove(sim);
    },
  },
  'no capacity for a while': {
    script: async (sim) => {
      const mend = breakVendor(sim, {
        match: { operation: 'createFlexMetalServer' },
        do: { answer: { kind: 'error', status: 422, errorCode: 90_001, message: 'not now' } },
      });
      sim.user.create(WEB);
      await blocked(sim, 'CapacityLimited');
      mend();
      await ready(sim);
    },
  },
  'quota used up for a while': {
    world: { quotas: [{ ...TOKYO, quota: 1 }] },
    script: async (sim) => {
      const other = orderAtPortal(sim, { ...TOKYO, name: 'other', tags: [] });
      sim.user.create(aServer('web-1', TOKYO));
      await blocked(sim, 'QuotaExceeded');
      releaseAtPortal(sim, other);
      await ready(sim);
    },
  },
  'inputs come later': {
    script: async (sim) => {
      sim.user.delete(SECRET);
      sim.user.create(WEB);
      await blocked(sim, 'InputsMissing');
      sim.user.create(SECRET);
      await ready(sim);
    },
  },
  'inputs never come': {
    endsIn: ['InputsMissing'],
    script: async (sim) => {
      sim.user.delete(SECRET);
      sim.user.create(WEB);
      await blocked(sim, 'InputsMissing');
    },
  },

  'slow delivery': {
    world: { delivery: { takes: '14m' } },
    script: async (sim) => {
      sim.user.create(aServer('web-1', { provisioningTimeout: '10m' }));
      await passing(sim, 'Slow', minutes(30));
      await ready(sim);
    },
  },
  'addresses come late': {
    world: firstOrder({ delivery: { kind: 'lacksAddresses', after: '3m' } }),
    script: async (sim) => {
      sim.user.create(WEB);
      await passing(sim, 'AddressesPending');
      await ready(sim);
    },
  },
  'delivery fails, ordered again': {
    world: firstOrder({ delivery: { kind: 'fails' } }),
    // Of two orders only the one that comes first fails, which need not be the object's server then.
    spoiledBy: ['frozenPastWindow'],
    script: async (sim) => {
      sim.user.create(WEB);
      await blocked(sim, 'ProvisioningFailed');
      answer(sim, 'reorder', attemptOf(sim));
      await ready(sim);
    },
  },
  'delivery fails': {
    world: firstOrder({ delivery: { kind: 'fails' } }),
    spoiledBy: ['frozenPastWindow'],
    endsIn: ['ProvisioningFailed'],
    script: async (sim) => {
      sim.user.create(WEB);
      await blocked(sim, 'ProvisioningFailed');
    },
  },
  'fails after delivery, deleted': {
    world: firstOrder({ delivery: { kind: 'failsLater', after: '2m' } }),
    spoiledBy: ['frozenPastWindow'],
    script: async (sim) => {
      sim.user.create(WEB);
      await blocked(sim, 'ProvisioningFailed');
      await remove(sim);
    },
  },
  'ordered, and never seen': {
    world: firstOrder({ answer: { kind: 'pretend' } }),
    script: async (sim) => {
      sim.user.create(WEB);
      await sim.untilOr(() => sim.isReady('web-1') || sim.reasonOf('web-1') === 'Lost', minutes(45));
      // A fault may have hidden the false reply; then the order was unclear, and another followed.
      if (sim.reasonOf('web-1') === 'Lost') answer(sim, 'reorder', attemptOf(sim));
      await ready(sim);
    },
  },
};
