import { hours, minutes } from '../../../../src/base/time.ts';
import { CANARIES } from '../canaries.ts';
import { breakVendor, firstOrder, orderAtPortal, releaseAtPortal } from './portal.ts';
import type { Scenarios } from './scenario.ts';
import { answerAsTold, orderSent, aServer, blocked, deliver, gone, passing, ready, serverOf, WEB } from './user.ts';

const NEXT_TOKEN = 'canary-token-8c1f0a9b7d-next';
const OTHER_TOKEN = 'canary-token-8c1f0a9b7d-other';
const TWO_ACCOUNTS = { tokens: [{ token: CANARIES.token }, { token: OTHER_TOKEN, account: 'other' }] };
const SAYS_NO = { answer: { kind: 'error', status: 503, body: 'html' } } as const;

/** Tokens, accounts, and a vendor that is out of reach. */
export const ACCOUNT: Scenarios = {
  'credentials fail and come back': {
    isLong: true,
    script: async (sim) => {
      await deliver(sim);
      sim.world.revokeToken(CANARIES.token);
      sim.outage = minutes(20);
      sim.user.create(aServer('web-2'));
      await sim.pass(minutes(10));
      sim.user.delete(WEB);
      await sim.pass(minutes(10));
      sim.world.setToken('default', CANARIES.token);
      await sim.until('web-2 is Ready and web-1 gone', () => sim.isReady('web-2') && sim.objects().length === 1);
    },
  },
  'credentials fail for good': {
    endsIn: ['CredentialsInvalid'],
    script: async (sim) => {
      sim.world.revokeToken(CANARIES.token);
      sim.user.create(WEB);
      await blocked(sim, 'CredentialsInvalid');
    },
  },
  'the order is refused for its token': {
    script: async (sim) => {
      const mend = breakVendor(sim, {
        match: { operation: 'createFlexMetalServer' },
        do: { answer: { kind: 'error', status: 403, message: 'not from here' } },
      });
      sim.user.create(WEB);
      await blocked(sim, 'CredentialsInvalid');
      mend();
      await ready(sim);
    },
  },
  'a token rotated': {
    script: async (sim) => {
      await deliver(sim);
      sim.world.setToken('default', NEXT_TOKEN);
      await blocked(sim, 'CredentialsInvalid');
      sim.token = NEXT_TOKEN;
      await ready(sim);
      sim.user.create(aServer('web-2'));
      await sim.until('web-2 is Ready', () => sim.isReady('web-2'));
    },
  },
  'a token rotated while provisioning': {
    world: { delivery: { takes: '10m' } },
    script: async (sim) => {
      sim.user.create(WEB);
      await passing(sim, 'Provisioning');
      sim.world.setToken('default', NEXT_TOKEN);
      sim.token = NEXT_TOKEN;
      await ready(sim);
    },
  },
  'another account, and back': {
    world: TWO_ACCOUNTS,
    script: async (sim) => {
      await deliver(sim);
      sim.token = OTHER_TOKEN;
      sim.outage = minutes(30);
      await blocked(sim, 'AccountChanged');
      await sim.pass(minutes(20));
      sim.token = CANARIES.token;
      await ready(sim);
    },
  },
  'another account while unclear, and back': {
    world: {
      ...TWO_ACCOUNTS,
      ...firstOrder({ commit: 'now', answer: { kind: 'error', status: 504, body: 'html' } }),
    },
    script: async (sim) => {
      sim.user.create(WEB);
      await orderSent(sim);
      sim.token = OTHER_TOKEN;
      sim.outage = minutes(30);
      await blocked(sim, 'AccountChanged');
      await sim.pass(minutes(20));
      sim.token = CANARIES.token;
      await ready(sim);
    },
  },
  'another account, deleted, and back': {
    world: TWO_ACCOUNTS,
    script: async (sim) => {
      await deliver(sim);
      sim.token = OTHER_TOKEN;
      sim.outage = minutes(30);
      sim.user.delete(WEB);
      await blocked(sim, 'AccountChanged');
      await sim.pass(minutes(20));
      sim.token = CANARIES.token;
      await gone(sim);
    },
  },
  'another account for good': {
    world: TWO_ACCOUNTS,
    endsIn: ['AccountChanged'],
    script: async (sim) => {
      await deliver(sim);
      sim.token = OTHER_TOKEN;
      await blocked(sim, 'AccountChanged');
    },
  },
  /** The person answers two questions about the same attempt, one after the other, as each message says. */
  'moved to another account': {
    world: TWO_ACCOUNTS,
    script: async (sim) => {
      await deliver(sim);
      releaseAtPortal(sim, serverOf(sim));
      sim.token = OTHER_TOKEN;
      await blocked(sim, 'AccountChanged');
      await answerAsTold(sim, 'reorder');
      await blocked(sim, 'Lost');
      await answerAsTold(sim, 'reorder');
      await ready(sim);
    },
  },

  'an hour of outage': {
    isLong: true,
    script: async (sim) => {
      sim.user.create(WEB);
      await passing(sim, 'Provisioning');
      const mend = breakVendor(sim, { do: SAYS_NO });
      sim.outage = hours(1);
      sim.user.create(aServer('web-2'));
      await sim.pass(minutes(30));
      sim.user.delete(WEB);
      await sim.pass(minutes(30));
      mend();
      await sim.until('web-2 is Ready and web-1 gone', () => sim.isReady('web-2') && sim.objects().length === 1);
    },
  },
  'nothing to be read': {
    // With a list that came before the outage, or right after a former one, the order goes out all the same.
    spoiledBy: ['listLag', 'listEmpty'],
    script: async (sim) => {
      await deliver(sim);
      const mend = breakVendor(sim, { match: { method: 'GET' }, do: SAYS_NO });
      sim.user.create(aServer('web-2'));
      await blocked(sim, 'ObservationStale');
      await sim.until('web-2 waits', () => sim.reasonOf('web-2') === 'ApiUnavailable');
      mend();
      await sim.until('both are Ready', () => sim.isReady('web-1') && sim.isReady('web-2'));
    },
  },
  'never heard of again': {
    endsIn: ['ObservationStale'],
    script: async (sim) => {
      await deliver(sim);
      breakVendor(sim, { match: { method: 'GET' }, do: SAYS_NO });
      await blocked(sim, 'ObservationStale');
    },
  },
  'lists that have no end': {
    settings: { pageSize: 5 },
    script: async (sim) => {
      for (let other = 0; other < 12; other += 1) orderAtPortal(sim, { name: `other-${other}`, tags: [] });
      await sim.pass(minutes(1));
      const mend = breakVendor(sim, {
        match: { operation: 'getFlexMetalServers' },
        do: { answer: { kind: 'page', ignoreRange: true } },
      });
      await sim.pass(minutes(2));
      sim.user.create(WEB);
      await blocked(sim, 'ListingIncomplete');
      mend();
      await ready(sim);
    },
  },
  'more pages than allowed': {
    settings: { pageSize: 5, pagesMax: 2 },
    endsIn: ['ListingIncomplete'],
    script: async (sim) => {
      for (let other = 0; other < 12; other += 1) orderAtPortal(sim, { name: `other-${other}`, tags: [] });
      await sim.pass(minutes(2));
      sim.user.create(WEB);
      await blocked(sim, 'ListingIncomplete');
    },
  },
};
