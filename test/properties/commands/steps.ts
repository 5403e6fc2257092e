import * as fc from 'fast-check';
import * as z from 'zod';
import { readScenario } from '../../../src/simulator/scenario.ts';
import { classOf } from '../../support/simulation/lateness.ts';
import { FAULTS, Plan } from '../../support/simulation/plan.ts';
import { fateOf, OrderFate } from './fates.ts';

/** The objects that people work on: two, so that an answer can be about the wrong one. */
export const NAMES = ['web-1', 'web-2'] as const;

/** What an answer names. `said`: the command at the end of the object's own message, which is the right one. */
const SUBJECTS = ['said', 'ownServer', 'ownAttempt', 'othersServer', 'othersAttempt', 'nobody', 'nonsense'] as const;

const Name = z.enum(NAMES);
const on = <Do extends string>(verb: Do) => z.strictObject({ do: z.literal(verb), name: Name });

/** One deed of a person, of another tool in the cluster, of somebody at the vendor's, or of the machine that the operator runs on. */
export const Step = z.discriminatedUnion('do', [
  /** As `kubectl apply`, with other tags each time. */
  z.strictObject({ do: z.literal('apply'), name: Name, tags: z.int() }),
  /** As `kubectl replace`: annotations and finalizers go. */
  on('replace'),
  z.strictObject({
    do: z.literal('edit'),
    name: Name,
    what: z.enum(['tags', 'policy', 'protection', 'timeout', 'location', 'type']),
    value: z.int(),
  }),
  on('pause'),
  on('resume'),
  on('lookNow'),
  z.strictObject({
    do: z.literal('answer'),
    name: Name,
    verb: z.enum(['adopt', 'release', 'reorder', 'forget']),
    about: z.enum(SUBJECTS),
  }),
  z.strictObject({ do: z.literal('forceForget'), name: Name, about: z.enum(SUBJECTS) }),
  on('delete'),
  on('recreate'),
  on('backup'),
  /** The object as it was at the last backup, with a new uid; what was there is lost. */
  on('restore'),
  on('dropStatus'),
  on('dropLedger'),
  on('dropFinalizers'),
  on('spoilLedger'),
  on('dropSecret'),
  on('releaseAtVendor'),
  on('failAtVendor'),
  on('stickAtVendor'),
  /** Somebody takes this object's uid tag off its server. */
  on('untagAtVendor'),
  /** Somebody puts the other object's uid tag on this one's server. */
  on('mislabelAtVendor'),
  /** Somebody orders a server like this object's by hand: without tags, or with all tags of the one it has. */
  on('orderAtVendor'),
  on('doubleAtVendor'),
  /** Nothing comes from the vendor but errors. */
  z.strictObject({ do: z.literal('outage'), seconds: z.int() }),
  z.strictObject({ do: z.literal('revokeToken'), seconds: z.int() }),
  z.strictObject({ do: z.literal('kill') }),
  z.strictObject({ do: z.literal('terminate') }),
]);
export type Step = z.infer<typeof Step>;

/** A whole run in one value: same sequence, same history. */
export const Sequence = z.strictObject({
  seed: z.int().nonnegative(),
  /** Chooses among the ways out in the end. */
  person: z.int().nonnegative(),
  /** Each deed, and how many seconds pass before it. */
  steps: z.array(z.strictObject({ after: z.number().nonnegative(), step: Step })),
  faults: Plan.shape.faults,
  orders: z.array(OrderFate),
  /** Hardly an order is allowed in an hour. */
  isBraked: z.boolean(),
});
export type Sequence = z.infer<typeof Sequence>;

const name = fc.constantFrom(...NAMES);
const small = fc.nat(7);
const about = fc.constantFrom(...SUBJECTS);

/** Most deeds follow each other closely, for that is where they get in each other's way. */
const pause = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(0, 0.002, 0.05, 0.5, 1, 3) },
  { weight: 3, arbitrary: fc.constantFrom(10, 25, 60) },
  { weight: 3, arbitrary: fc.constantFrom(180, 300, 660) },
);

type Deeds = Sequence['steps'];

const paced = (steps: fc.Arbitrary<readonly Step[]>): fc.Arbitrary<Deeds> =>
  fc
    .tuple(steps, fc.array(pause, { minLength: 6, maxLength: 6 }))
    .map(([list, pauses]) => list.map((step, index) => ({ after: pauses[index] ?? 0, step })));

const answer = fc.record({
  do: fc.constant('answer' as const),
  name,
  verb: fc.constantFrom('adopt', 'release', 'reorder', 'forget'),
  about,
});
const edit = fc.record({
  do: fc.constant('edit' as const),
  name,
  what: fc.constantFrom('tags', 'policy', 'protection', 'timeout', 'location', 'type'),
  value: small,
});

/** One deed, so often out of all. */
const single: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant('apply' as const), name, tags: small }) },
  { weight: 8, arbitrary: edit },
  { weight: 10, arbitrary: answer },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('forceForget' as const), name, about }) },
  ...(
    [
      ['delete', 8],
      ['recreate', 4],
      ['pause', 3],
      ['resume', 4],
      ['replace', 5],
      ['lookNow', 1],
      ['backup', 3],
      ['restore', 4],
      ['dropStatus', 4],
      ['dropLedger', 4],
      ['dropFinalizers', 3],
      ['spoilLedger', 2],
      ['dropSecret', 2],
      ['releaseAtVendor', 3],
      ['failAtVendor', 3],
      ['stickAtVendor', 1],
      ['untagAtVendor', 3],
      ['mislabelAtVendor', 3],
      ['orderAtVendor', 3],
      ['doubleAtVendor', 3],
    ] as const
  ).map(([verb, weight]) => ({ weight, arbitrary: fc.record({ do: fc.constant(verb), name }) })),
  ...(['outage', 'revokeToken'] as const).map((verb) => ({
    weight: 1,
    arbitrary: fc.record({ do: fc.constant(verb), seconds: fc.constantFrom(30, 600) }),
  })),
  ...(['kill', 'terminate'] as const).map((verb) => ({ weight: 3, arbitrary: fc.record({ do: fc.constant(verb) }) })),
);

/** Deeds on one object that belong together: chance alone would seldom put them in a row. */
const story: fc.Arbitrary<readonly Step[]> = name.chain((of) =>
  fc.constantFrom<readonly Step[]>(
    [
      { do: 'dropSecret', name: of },
      { do: 'recreate', name: of },
    ],
    [
      { do: 'edit', name: of, what: 'protection', value: 0 },
      { do: 'delete', name: of },
    ],
    [
      { do: 'edit', name: of, what: 'policy', value: 0 },
      { do: 'delete', name: of },
      { do: 'apply', name: of, tags: 1 },
    ],
    [
      { do: 'pause', name: of },
      { do: 'delete', name: of },
      { do: 'resume', name: of },
    ],
    [
      { do: 'backup', name: of },
      { do: 'restore', name: of },
      { do: 'answer', name: of, verb: 'adopt', about: 'said' },
    ],
    [
      { do: 'failAtVendor', name: of },
      { do: 'answer', name: of, verb: 'reorder', about: 'ownAttempt' },
    ],
    [
      { do: 'releaseAtVendor', name: of },
      { do: 'answer', name: of, verb: 'reorder', about: 'said' },
    ],
    [
      { do: 'doubleAtVendor', name: of },
      { do: 'answer', name: of, verb: 'release', about: 'said' },
    ],
    [
      { do: 'doubleAtVendor', name: of },
      { do: 'delete', name: of },
    ],
    [
      { do: 'untagAtVendor', name: of },
      { do: 'delete', name: of },
    ],
    [
      { do: 'mislabelAtVendor', name: of },
      { do: 'delete', name: of },
    ],
    [
      { do: 'answer', name: of, verb: 'forget', about: 'ownServer' },
      { do: 'answer', name: of, verb: 'reorder', about: 'ownAttempt' },
    ],
    [{ do: 'dropStatus', name: of }, { do: 'dropLedger', name: of }, { do: 'kill' }],
    [{ do: 'replace', name: of }, { do: 'kill' }, { do: 'dropStatus', name: of }],
    [
      { do: 'delete', name: of },
      { do: 'forceForget', name: of, about: 'ownServer' },
      { do: 'apply', name: of, tags: 2 },
    ],
  ),
);

const chunk: fc.Arbitrary<Deeds> = fc.oneof(
  { weight: 3, arbitrary: paced(single.map((one) => [one])) },
  { weight: 2, arbitrary: paced(story) },
);

const fates: fc.Arbitrary<readonly OrderFate[]> = fc.oneof(
  { weight: 1, arbitrary: fc.constant([]) },
  {
    weight: 1,
    arbitrary: fc.uniqueArray(
      fc.record({ nth: fc.integer({ min: 1, max: 4 }), is: fc.constantFrom(...OrderFate.shape.is.options) }),
      { minLength: 1, maxLength: 2, selector: ({ nth }) => nth },
    ),
  },
);

/** Beyond what the design promises to survive with one server, where late orders and lagging lists add up: others sweep that. */
const isWithin = ({ faults, orders }: Sequence): boolean =>
  classOf({ faults }, readScenario({ visibility: { lag: '20s' }, faults: orders.map(fateOf) })) === 'within';

/** Sequences that begin with an object, since nothing can be done to none. Faults are those after which every promise holds. */
export const sequences: fc.Arbitrary<Sequence> = fc
  .record({
    seed: fc.nat(1_000_000),
    person: fc.nat(1_000),
    steps: fc
      .array(chunk, { minLength: 1, maxLength: 6 })
      .map((chunks): Deeds => [{ after: 0, step: { do: 'apply', name: 'web-1', tags: 0 } }, ...chunks.flat()]),
    faults: fc.array(fc.record({ at: fc.integer({ min: 1, max: 25 }), do: fc.constantFrom(...FAULTS) }), {
      maxLength: 3,
    }),
    orders: fates.map((list) => [...list]),
    isBraked: fc.nat(15).map((chance) => chance === 0),
  })
  .filter(isWithin);
