import { minutes, seconds } from '../../src/base/time.ts';
import { ANNOTATION } from '../../src/resources/names.ts';
import { fieldsOf, textOf } from '../support/api-server/json.ts';
import { CANARIES } from '../support/simulation/canaries.ts';
import { FOREIGN_SERVERS, SMALL_PAGE } from '../support/simulation/foreign-servers.ts';
import { aServer, scenarioOf } from '../support/simulation/scenarios.ts';
import type { Scenario } from '../support/simulation/scenarios.ts';
import type { Simulation } from '../support/simulation/simulation.ts';

const WEB = aServer('web-1');
const OTHER_TOKEN = `${CANARIES.token}-of-another-account`;
const ORDERED_WITHOUT_ANSWER = {
  match: { operation: 'createFlexMetalServer', nth: 1 },
  do: { commit: 'now', answer: { kind: 'error', status: 504, body: 'html' } },
} as const;

/** Situations in which a guard matters that others stand in for elsewhere. */
const OWN: Readonly<Record<string, Scenario>> = {
  'pages move for long after an unclear order': {
    world: {
      servers: FOREIGN_SERVERS,
      faults: [
        ORDERED_WITHOUT_ANSWER,
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
      await sim.until('web-1 is gone', () => sim.object('web-1') === undefined);
    },
  },
  'a leader sleeps before its order': {
    script: async (sim) => {
      sim.startStandby();
      await sim.pass(seconds(20));
      sim.user.create(WEB);
      await sim.untilOr(() => isIntended(sim), minutes(5));
      sim.processes.find((process) => process.isLeading)?.freeze(minutes(10));
      await sim.until('web-1 is Ready by another', () => sim.isReady('web-1'));
    },
  },
  'an object that goes right before its order': {
    script: async (sim) => {
      sim.user.create(WEB);
      await sim.untilOr(() => isIntended(sim), minutes(5));
      sim.user.dropFinalizers(WEB);
      sim.user.delete(WEB);
      await sim.pass(minutes(5));
    },
  },
  'a finalizer that is taken right before the order': {
    script: async (sim) => {
      sim.user.create(WEB);
      await sim.untilOr(() => isIntended(sim), minutes(5));
      sim.user.dropFinalizers(WEB);
      await sim.untilOr(() => sim.world.orders().length > 0, seconds(5));
      sim.user.delete(WEB);
      await sim.until('web-1 is gone', () => sim.object('web-1') === undefined);
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
      sim.user.create({
        ...WEB,
        metadata: { ...WEB.metadata, annotations: { [ANNOTATION.resolve]: `adopt=${byHand}` } },
      });
      await sim.until('the server made by hand is adopted', () => serverOf(sim) === byHand && sim.isReady('web-1'));
    },
  },
  'a token of another account while an order is unclear': {
    world: {
      tokens: [{ token: CANARIES.token }, { token: OTHER_TOKEN, account: 'other' }],
      faults: [ORDERED_WITHOUT_ANSWER],
    },
    script: async (sim) => {
      sim.user.create(WEB);
      await sim.untilOr(() => sim.world.orders().length > 0, minutes(10));
      sim.token = OTHER_TOKEN;
      await sim.pass(minutes(20));
      sim.token = CANARIES.token;
      await sim.until('web-1 is Ready', () => sim.isReady('web-1'));
    },
  },
  'a server that carries another uid as well when its object is deleted': {
    script: async (sim) => {
      await deliver(sim);
      const uuid = String(sim.liveServers()[0]?.uuid);
      tag(sim, 'POST', uuid);
      await sim.until('the other uid is seen', () => sim.reasonOf('web-1') === 'OwnershipUnproven');
      sim.user.delete(WEB);
      await sim.pass(minutes(5));
      await sim.until('the server is left alone', () => sim.liveServers().length === 1, seconds(1));
      tag(sim, 'DELETE', uuid);
      await sim.until('web-1 is gone', () => sim.object('web-1') === undefined);
    },
  },
};

async function deliver(sim: Simulation): Promise<void> {
  sim.user.create(WEB);
  await sim.until('web-1 is Ready', () => sim.isReady('web-1'));
}

/** Both copies of the intent are durable: the annotation comes first. */
const isIntended = (sim: Simulation): boolean => fieldsOf(sim.object('web-1')?.['status'])['order'] !== undefined;

const serverOf = (sim: Simulation): string | undefined =>
  textOf(fieldsOf(sim.object('web-1')?.['status'])['serverUuid']);

/** Somebody puts the uid tag of another cluster's object on a server, or takes it off. */
function tag(sim: Simulation, method: 'POST' | 'DELETE', uuid: string): void {
  const path = `/v3/flexMetal/servers/${uuid}/tag/flexmetal-uid:0d1c1f0e-6a53-4c39-9d2b-5f0a3f0c7e11`;
  sim.world.apply(sim.clock.now(), { method, path, headers: { 'private-token': CANARIES.token } });
}

/** @throws when neither the simulation nor the mutants have such a scenario */
export const mutantScenarioOf = (name: string): Scenario => OWN[name] ?? scenarioOf(name);
