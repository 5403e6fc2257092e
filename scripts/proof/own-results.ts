import * as z from 'zod';
import { DELETIONS } from '../../test/support/models/life.ts';
import { MODEL_FAULTS } from '../../test/support/models/matrix.ts';
import { OUTCOMES } from '../../test/support/models/outcome.ts';

const Count = z.int().nonnegative();

/** When it ended, what was checked out (with `+` when changed), and how long it took. */
const Measured = { date: z.string(), commit: z.string(), seconds: z.number() };

const Counts = z.strictObject({ one: Count, person: Count, leak: Count, double: Count });

/** docs/proof/models.json: what each order of steps came to under the same faults. */
export const ModelsResult = z.strictObject({
  ...Measured,
  protocols: z.array(
    z.strictObject({
      name: z.string(),
      steps: z.string(),
      source: z.string(),
      /** One pair of faults of so many was run at each pair of effects. */
      pairsThinned: Count,
      single: Counts,
      pairs: Counts,
      cells: z
        .array(
          z.strictObject({
            deletion: z.enum(DELETIONS),
            at: Count,
            effect: z.enum(['object', 'order', 'release', 'tag']),
            fault: z.enum(MODEL_FAULTS),
            outcome: z.enum(OUTCOMES),
          }),
        )
        .readonly(),
    }),
  ),
});
export type ModelsResult = z.infer<typeof ModelsResult>;

const Doubles = z.strictObject({ runs: z.int().positive(), doubles: Count });

/** docs/proof/lag.json: doubles against the time after which lists show an order that was lost sight of. */
export const LagResult = z.strictObject({
  ...Measured,
  /** Order time-out and settle window together. */
  windowSeconds: z.number().positive(),
  points: z.array(
    z.strictObject({
      /** The delay as a part of the window. */
      ratio: z.number().nonnegative(),
      delaySeconds: z.number().nonnegative(),
      operator: Doubles,
      withoutWindow: Doubles,
    }),
  ),
});
export type LagResult = z.infer<typeof LagResult>;
