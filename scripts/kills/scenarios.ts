import type { Millis } from '../../src/base/time.ts';
import { minutes, seconds } from '../../src/base/time.ts';
import type { WorldConfigInput } from '../../src/simulator/config.ts';
import type { FaultRuleInput } from '../../src/simulator/faults.ts';
import type { View } from './view.ts';

/** The user of a run, real or simulated: has one object, web-1, and sees what became of it. */
export interface Hands {
  create(): Promise<void>;
  /** A merge patch of the object, or of its status. */
  edit(patch: object, part?: 'status'): Promise<void>;
  delete(): Promise<void>;
  /** Lets pass what it takes to finish what is under way for an object that is gone. */
  rest(): Promise<void>;
  /** Resolves with the view when it is as wanted; that it never is, is a failure of the run. */
  until(what: string, isReached: (view: View) => boolean): Promise<View>;
}

/** Writes a length of the simulation's time for a vendor's configuration: as it is there, shorter in a real run. */
export type Pace = (length: Millis) => string;

export interface KillScenario {
  /** What the vendor does amiss. */
  readonly faults: (pace: Pace) => readonly FaultRuleInput[];
  readonly script: (hands: Hands) => Promise<void>;
}

/** The same vendor on both sides. `few`: the words on the way to delivery come and go between two listings, or do not. */
export const vendorConfig = (pace: Pace): WorldConfigInput => ({
  delivery: { takes: pace(minutes(2)), jitter: 0.3 },
  release: { takes: pace(seconds(20)), jitter: 0.3 },
  visibility: { lag: pace(seconds(20)) },
  manners: { deliverySteps: 'few' },
});

export const SPEC = {
  location: 'EU: Rotterdam',
  instanceType: 'bm7.std.8',
  os: { slug: 'ubuntu-2404-lts' },
  sshKeys: [
    {
      publicKey:
        'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFakeFakeFakeFakeFakeFakeFakeFakeFakeFakeFake someone@example.com',
    },
  ],
  tags: ['team:web'],
};

const ORDER = { operation: 'createFlexMetalServer' } as const;

const none = (): readonly FaultRuleInput[] => [];

async function deliver(hands: Hands): Promise<void> {
  await hands.create();
  await hands.until('it is Ready', isReady);
}

async function remove(hands: Hands): Promise<void> {
  await hands.delete();
  await hands.until('it is gone', ({ object }) => object === undefined);
}

/** Once only, and only for the first order: those that follow an unclear one must not meet it again. */
const firstOrder = (fault: FaultRuleInput['do']): FaultRuleInput => ({ match: ORDER, times: 1, do: fault });

const isReady = ({ object }: View): boolean => object?.ready === 'True';
const isRefusedOrReady = (view: View): boolean => view.object?.outcome === 'refused' || isReady(view);
const isOrdered = ({ orders }: View): boolean => orders > 0;
const isUnderWay = ({ object }: View): boolean => object?.reason === 'Provisioning' || object?.ready === 'True';

export const KILL_SCENARIOS = {
  deliver: { faults: none, script: deliver },

  'unclear, ordered': {
    faults: () => [firstOrder({ commit: 'now', answer: { kind: 'error', status: 504, body: 'html' } })],
    script: deliver,
  },
  'unclear, not ordered': {
    faults: () => [firstOrder({ commit: 'never', answer: { kind: 'hang' } })],
    script: deliver,
  },
  'unclear, ordered late': {
    faults: (pace) => [firstOrder({ commit: { after: pace(minutes(4)) }, answer: { kind: 'hang' } })],
    script: deliver,
  },
  'refused, then mended': {
    faults: () => [firstOrder({ answer: { kind: 'error', status: 422, body: 'api', message: 'no capacity' } })],
    script: async (hands) => {
      await hands.create();
      const { object } = await hands.until('the order is refused, or another one went well', isRefusedOrReady);
      // Once an order was unclear its spec is fixed: then the same one is tried again, a minute later.
      if (object?.outcome === 'refused' && !object.everUnclear)
        await hands.edit({ spec: { os: { slug: 'debian-12' } } });
      await hands.until('it is Ready', isReady);
    },
  },

  'change tags': {
    faults: none,
    script: async (hands) => {
      await deliver(hands);
      await hands.edit({ spec: { tags: ['team:db', 'tier:1'] } });
      await hands.until(
        'it is Ready with its tags',
        (view) => isReady(view) && hasTags(view, ['team:db', 'tier:1'], ['team:web']),
      );
    },
  },

  'delete while ordering': {
    faults: (pace) => [firstOrder({ replyAfter: pace(seconds(30)) })],
    script: async (hands) => {
      await hands.create();
      await hands.until('it is ordered', isOrdered);
      await remove(hands);
    },
  },
  'delete while unclear': {
    faults: (pace) => [firstOrder({ commit: { after: pace(minutes(4)) }, answer: { kind: 'hang' } })],
    script: async (hands) => {
      await hands.create();
      await hands.until('it is ordered', isOrdered);
      await remove(hands);
    },
  },
  'delete while provisioning': {
    faults: none,
    script: async (hands) => {
      await hands.create();
      await hands.until('it is under way', isUnderWay);
      await remove(hands);
    },
  },
  'delete when delivered': {
    faults: none,
    script: async (hands) => {
      await deliver(hands);
      await remove(hands);
    },
  },
  recreate: {
    faults: none,
    script: async (hands) => {
      await deliver(hands);
      await remove(hands);
      // Otherwise last effects of the one and first effects of the other come in any order.
      await hands.rest();
      await deliver(hands);
    },
  },
} as const satisfies Readonly<Record<string, KillScenario>>;

export type ScenarioName = keyof typeof KILL_SCENARIOS;

const NAMES: ReadonlySet<string> = new Set(Object.keys(KILL_SCENARIOS));

export const isScenarioName = (name: string): name is ScenarioName => NAMES.has(name);

export const SCENARIO_NAMES: readonly ScenarioName[] = [...NAMES].filter(isScenarioName);

function hasTags({ live }: View, wanted: readonly string[], unwanted: readonly string[]): boolean {
  const tags = live[0]?.tags ?? [];
  return wanted.every((tag) => tags.includes(tag)) && !unwanted.some((tag) => tags.includes(tag));
}
