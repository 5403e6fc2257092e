import * as fc from 'fast-check';
import * as z from 'zod';
import { FAULTS, Plan } from '../../support/simulation/plan.ts';

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
});
export type Sequence = z.infer<typeof Sequence>;

const name = fc.constantFrom(...NAMES);
const small = fc.nat(7);
const about = fc.constantFrom(...SUBJECTS);

/** So often out of all. Deeds that wreck what others need are rarer, else most sequences would be over at once. */
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant('apply' as const), name, tags: small }) },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('edit' as const),
      name,
      what: fc.constantFrom('tags', 'policy', 'protection', 'timeout', 'location', 'type'),
      value: small,
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('answer' as const),
      name,
      verb: fc.constantFrom('adopt', 'release', 'reorder', 'forget'),
      about,
    }),
  },
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
      ['dropSecret', 1],
      ['releaseAtVendor', 3],
      ['failAtVendor', 3],
      ['stickAtVendor', 1],
      ['untagAtVendor', 2],
    ] as const
  ).map(([verb, weight]) => ({ weight, arbitrary: fc.record({ do: fc.constant(verb), name }) })),
  ...(['outage', 'revokeToken'] as const).map((verb) => ({
    weight: 1,
    arbitrary: fc.record({ do: fc.constant(verb), seconds: fc.constantFrom(30, 600) }),
  })),
  ...(['kill', 'terminate'] as const).map((verb) => ({
    weight: 3,
    arbitrary: fc.record({ do: fc.constant(verb) }),
  })),
);

/** Most deeds follow each other closely, for that is where they get in each other's way. */
const pause = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(0, 0.002, 0.05, 0.5, 1, 3) },
  { weight: 3, arbitrary: fc.constantFrom(10, 25, 60) },
  { weight: 3, arbitrary: fc.constantFrom(180, 300, 660) },
);

/** Faults that stay within what the promises of the specification assume; the others are swept and counted apart. */
const withinClass = FAULTS.filter((fault) => !fault.endsWith('PastWindow'));

/** Sequences that begin with an object, since nothing can be done to none. */
export const sequences: fc.Arbitrary<Sequence> = fc.record({
  seed: fc.nat(1_000_000),
  person: fc.nat(1_000),
  steps: fc
    .array(fc.record({ after: pause, step }), { minLength: 1, maxLength: 12 })
    .map((steps) => [{ after: 0, step: { do: 'apply' as const, name: 'web-1' as const, tags: 0 } }, ...steps]),
  faults: fc.array(fc.record({ at: fc.integer({ min: 1, max: 60 }), do: fc.constantFrom(...withinClass) }), {
    maxLength: 3,
  }),
});
