import * as z from 'zod';

/**
 * What goes wrong at one outside effect.
 * - killBefore, killAfter: the process dies before its call leaves, or when it was carried out.
 * - replyLost: carried out, and the connection dies.
 * - errorWithout, errorWith: 503 although, or because, it was (not) carried out.
 * - delayed: nothing comes, and the call is carried out a minute after the caller gave up.
 * - handOver: the process is told to stop at its call, and the standby takes over.
 * - cutOff: from its call on the process does not reach the Kubernetes API for two minutes; the standby takes over.
 */
export const FAULTS = [
  'killBefore',
  'killAfter',
  'replyLost',
  'errorWithout',
  'errorWith',
  'delayed',
  'handOver',
  'cutOff',
] as const;

const PlannedFault = z.strictObject({ at: z.int().positive(), do: z.enum(FAULTS) });
export type PlannedFault = z.infer<typeof PlannedFault>;
export type FaultName = PlannedFault['do'];

/** A whole run in one value: same plan, same history. `at` counts the outside effects of the run from 1. */
export const Plan = z.strictObject({
  scenario: z.string(),
  seed: z.int().nonnegative(),
  faults: z.array(PlannedFault),
});
export type Plan = z.infer<typeof Plan>;

/** The command that runs this plan again and prints what happened. */
export const replayCommand = (plan: Plan): string =>
  `SIM_PLAN='${JSON.stringify(plan)}' npx vitest run --project simulation test/simulation/replay.test.ts`;
