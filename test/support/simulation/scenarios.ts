import { hours, minutes, seconds } from '../../../src/base/time.ts';
import type { OperatorSettings } from '../../../src/controllers/operator.ts';
import { ANNOTATION } from '../../../src/resources/names.ts';
import { FaultRule } from '../../../src/simulator/faults.ts';
import { A_PUBLIC_KEY } from '../simulated-world.ts';
import { CANARIES } from './canaries.ts';
import type { Simulation } from './simulation.ts';

/** What happens in a run beside the faults of its plan. */
export interface Scenario {
  readonly world?: ConstructorParameters<typeof Simulation>[0]['world'];
  /** What the operator is configured with at first. */
  readonly settings?: Partial<OperatorSettings>;
  /** The user: acts and waits. */
  readonly script: (sim: Simulation) => Promise<void>;
  /** In which reasons of Ready objects may stand at the end; only Ready when left out. */
  readonly endsIn?: readonly string[];
  /** Takes too long for every fault at every effect; the daily sweep takes one fault for each effect. */
  readonly isLong?: boolean;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

export const SECRET = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'inputs', namespace: 'default' },
  data: { script: base64(CANARIES.script), param: base64(CANARIES.kernelParam) },
};

export const aServer = (name: string, spec: object = {}) => ({
  apiVersion: 'flexmetal.i3d.net/v1alpha1',
  kind: 'FlexMetalServer',
  metadata: { name, namespace: 'default' },
  spec: {
    location: 'EU: Rotterdam',
    instanceType: 'bm7.std.8',
    os: {
      slug: 'ubuntu-2404-lts',
      kernelParams: [{ key: 'secret', valueFrom: { secretKeyRef: { name: 'inputs', key: 'param' } } }],
    },
    sshKeys: [{ publicKey: A_PUBLIC_KEY }],
    postInstallScript: { secretKeyRef: { name: 'inputs', key: 'script' } },
    tags: ['team:web'],
    ...spec,
  },
});

const WEB = aServer('web-1');

async function deliver(sim: Simulation): Promise<void> {
  sim.user.create(WEB);
  await sim.until('web-1 is Ready', () => sim.isReady('web-1'));
}

const THE_API_SAYS_NO = { kind: 'error', status: 503, body: 'html' } as const;

export const SCENARIOS = {
  deliver: { script: deliver },

  'unclear, ordered': {
    world: {
      faults: [
        {
          match: { operation: 'createFlexMetalServer', nth: 1 },
          do: { commit: 'now', answer: { ...THE_API_SAYS_NO, status: 504 } },
        },
      ],
    },
    script: deliver,
  },
  'unclear, not ordered': {
    world: {
      faults: [
        { match: { operation: 'createFlexMetalServer', nth: 1 }, do: { commit: 'never', answer: { kind: 'hang' } } },
      ],
    },
    script: deliver,
  },
  'unclear, ordered late': {
    world: {
      faults: [
        {
          match: { operation: 'createFlexMetalServer', nth: 1 },
          do: { commit: { after: '4m' }, answer: { kind: 'hang' } },
        },
      ],
    },
    script: deliver,
  },
  'refused, then taken': {
    world: {
      faults: [
        {
          match: { operation: 'createFlexMetalServer', nth: 1 },
          do: { answer: { kind: 'error', status: 422, body: 'api', message: 'no capacity' } },
        },
      ],
    },
    script: deliver,
  },

  'change tags': {
    script: async (sim) => {
      await deliver(sim);
      sim.user.edit(WEB, { spec: { tags: ['team:db', 'tier:1'] } });
      await sim.until('the tags of the server are as wanted', () => {
        const tags = sim.liveServers()[0]?.tags ?? [];
        return (
          tags.includes('team:db') && tags.includes('tier:1') && !tags.includes('team:web') && sim.isReady('web-1')
        );
      });
    },
  },

  'delete before the order': {
    script: async (sim) => {
      sim.user.create(WEB);
      await sim.untilOr(() => sim.effects.seen.length > 0, minutes(2));
      await remove(sim);
    },
  },
  'delete while ordering': {
    world: {
      faults: [{ match: { operation: 'createFlexMetalServer', nth: 1 }, do: { replyAfter: '20s' } }],
    },
    script: async (sim) => {
      sim.user.create(WEB);
      await sim.untilOr(() => sim.world.orders().length > 0, minutes(5));
      await remove(sim);
    },
  },
  'delete while unclear': {
    world: {
      faults: [
        {
          match: { operation: 'createFlexMetalServer', nth: 1 },
          do: { commit: { after: '4m' }, answer: { kind: 'hang' } },
        },
      ],
    },
    script: async (sim) => {
      sim.user.create(WEB);
      await sim.untilOr(() => sim.world.orders().length > 0, minutes(5));
      await sim.pass(seconds(30));
      await remove(sim);
    },
  },
  'delete while provisioning': {
    script: async (sim) => {
      sim.user.create(WEB);
      await sim.untilOr(() => sim.reasonOf('web-1') === 'Provisioning', minutes(20));
      await remove(sim);
    },
  },
  'delete when delivered': {
    script: async (sim) => {
      await deliver(sim);
      await remove(sim);
    },
  },
  recreate: {
    script: async (sim) => {
      await deliver(sim);
      const uid = uidOf(sim);
      sim.user.recreate(WEB);
      await sim.until('another web-1 is Ready', () => sim.isReady('web-1') && uidOf(sim) !== uid);
    },
  },

  'restore from a backup': {
    script: async (sim) => {
      await deliver(sim);
      const backup = sim.user.get(WEB) ?? {};
      sim.abandoned.add(uidOf(sim));
      sim.user.dropFinalizers(WEB);
      sim.user.delete(WEB);
      await sim.pass(seconds(10));
      sim.user.restore(backup);
      await sim.until('the former server is seen', () => sim.reasonOf('web-1') === 'PreviousServerExists');
      const [left] = sim.liveServers();
      sim.user.annotate(WEB, { [ANNOTATION.resolve]: `adopt=${left?.uuid}` });
      await sim.until('web-1 is Ready again', () => sim.isReady('web-1'));
    },
  },
  'both ledgers lost': {
    script: async (sim) => {
      await deliver(sim);
      loseLedgers(sim);
      await sim.pass(minutes(3));
    },
  },
  'both ledgers lost while provisioning': {
    script: async (sim) => {
      sim.user.create(WEB);
      await sim.untilOr(() => sim.reasonOf('web-1') === 'Provisioning', minutes(20));
      // No list need show the server yet: then nobody but the running process knows of it.
      loseLedgers(sim);
      await sim.until('web-1 is Ready', () => sim.isReady('web-1'));
    },
  },

  'ten at once': {
    isLong: true,
    script: async (sim) => {
      const names = Array.from({ length: 10 }, (_, index) => `many-${index}`);
      for (const name of names) sim.user.create(aServer(name));
      await sim.until('all ten are Ready', () => names.every((name) => sim.isReady(name)));
      for (const name of names.slice(0, 5)) sim.user.delete(aServer(name));
      await sim.until('five are left', () => sim.objects().length === 5);
    },
  },
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
  'an hour of outage': {
    isLong: true,
    script: async (sim) => {
      sim.user.create(WEB);
      await sim.untilOr(() => sim.reasonOf('web-1') === 'Provisioning', minutes(20));
      const outage = sim.world.addFault(FaultRule.parse({ do: { answer: THE_API_SAYS_NO } }));
      sim.outage = hours(1);
      sim.user.create(aServer('web-2'));
      await sim.pass(minutes(30));
      sim.user.delete(WEB);
      await sim.pass(minutes(30));
      sim.world.removeFault(outage);
      await sim.until('web-2 is Ready and web-1 gone', () => sim.isReady('web-2') && sim.objects().length === 1);
    },
  },
} as const satisfies Readonly<Record<string, Scenario>>;

export function scenarioOf(name: string): Scenario {
  const scenario = Object.entries<Scenario>(SCENARIOS).find(([known]) => known === name)?.[1];
  if (scenario === undefined) throw new Error(`no scenario ${name}; there are: ${Object.keys(SCENARIOS).join(', ')}`);
  return scenario;
}

async function remove(sim: Simulation): Promise<void> {
  sim.user.delete(WEB);
  await sim.until('web-1 is gone', () => sim.object('web-1') === undefined);
}

/** What a careless restore of status and a replaced manifest leave: no copy of the order. */
function loseLedgers(sim: Simulation): void {
  sim.user.edit(WEB, { status: null }, 'status');
  sim.user.annotate(WEB, { [ANNOTATION.order]: null });
}

const uidOf = (sim: Simulation): string => String(Object(sim.object('web-1')?.['metadata'])['uid']);
