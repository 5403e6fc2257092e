import * as z from 'zod';

/**
 * What goes wrong with the call itself at one outside effect.
 * - killBefore, killAfter: the process dies before its call leaves, or when it was carried out.
 * - replyLost: carried out, and the connection dies.
 * - errorWithout, errorWith: 503 although, or because, it was (not) carried out.
 * - delayed: nothing comes, and the call is carried out a minute after the caller gave up.
 * - delayedToEdge: the same for an order, and it is carried out just before the settle window ends.
 * - frozen: the process stops for a minute right before its call leaves, while time and everybody else go on.
 * - conflict: somebody changes the object right before the call, so the guard of a write refuses it.
 */
export const CALL_FAULTS = [
  'killBefore',
  'killAfter',
  'replyLost',
  'errorWithout',
  'errorWith',
  'delayed',
  'delayedToEdge',
  'frozen',
  'conflict',
] as const;

/**
 * What goes wrong around the process at one outside effect, while the call goes its way.
 * - handOver: the process is told to stop at its call, and the standby takes over.
 * - cutOff: from its call on the process does not reach the Kubernetes API for two minutes; the standby takes over.
 * - leaseTaken: the lease is the standby's from here on; both live and reach both APIs, and the process learns it when it renews.
 * - clockForward, clockBack: the process's wall clock jumps by ten minutes.
 * - watchDuplicated: what its watch brings comes twice, and once more, from here on, 20 s later.
 * - watchFrozen: its watch stands still for 90 s, then brings everything.
 * - watchMissed: its watch brings nothing for 30 s and is then told that its version is too old (410).
 * - listLag: for five minutes the vendor's lists lack servers younger than three minutes.
 * - listEmpty: the vendor's next two lists are empty, with 200.
 * - readsFail: the vendor answers all reads with 503 for two minutes.
 * - pageShift: for 20 s the pages of the vendor's list after the first begin too late, so that rows are skipped.
 */
export const SURROUNDING_FAULTS = [
  'handOver',
  'cutOff',
  'leaseTaken',
  'clockForward',
  'clockBack',
  'watchDuplicated',
  'watchFrozen',
  'watchMissed',
  'listLag',
  'listEmpty',
  'readsFail',
  'pageShift',
] as const;

/**
 * Beyond what the design promises to survive with one server.
 * - delayedPastWindow: as delayed, and the order is carried out two minutes after the settle window.
 * - frozenPastWindow: as frozen, and for longer than the settle window, between the last check and the first byte.
 */
export const FAULTS_BEYOND = ['delayedPastWindow', 'frozenPastWindow'] as const;

/** All faults after which every promise holds. */
export const FAULTS = [...CALL_FAULTS, ...SURROUNDING_FAULTS] as const;

export type CallFault = (typeof CALL_FAULTS)[number] | (typeof FAULTS_BEYOND)[number];
export type SurroundingFault = (typeof SURROUNDING_FAULTS)[number];

const PlannedFault = z.strictObject({ at: z.int().positive(), do: z.enum([...FAULTS, ...FAULTS_BEYOND]) });
export type PlannedFault = z.infer<typeof PlannedFault>;
export type FaultName = PlannedFault['do'];

/** A whole run in one value: same plan, same history. `at` counts the outside effects of the run from 1. */
export const Plan = z.strictObject({
  scenario: z.string(),
  seed: z.int().nonnegative(),
  faults: z.array(PlannedFault),
});
export type Plan = z.infer<typeof Plan>;

/** What an outside effect is: a write of an object of ours, or a call to the vendor that changes something. */
export type EffectKind = 'object' | 'order' | 'release' | 'tag';

const ONLY_AT: Partial<Record<FaultName, readonly EffectKind[]>> = {
  conflict: ['object'],
  delayedToEdge: ['order'],
  delayedPastWindow: ['order'],
  // No other call spends or ends money, and only these two are sent after a last check that nothing can repeat.
  frozenPastWindow: ['order', 'release'],
};

/** Why a fault makes no sense at an effect; undefined when it does. */
export function pointlessAt(fault: FaultName, kind: EffectKind): string | undefined {
  const kinds = ONLY_AT[fault];
  return kinds === undefined || kinds.includes(kind) ? undefined : `${fault} only strikes: ${kinds.join(', ')}`;
}

const WITH_STANDBY: ReadonlySet<FaultName> = new Set([
  'handOver',
  'cutOff',
  'leaseTaken',
  'frozen',
  'frozenPastWindow',
]);

/** Whether a second process must be there to take over. */
export const needsStandby = (faults: readonly PlannedFault[]): boolean =>
  faults.some((fault) => WITH_STANDBY.has(fault.do));

/** Whether the vendor's list must have several pages. */
export const needsPages = (faults: readonly PlannedFault[]): boolean =>
  faults.some((fault) => fault.do === 'pageShift');

/** The command that runs this plan again and prints what happened. */
export const replayCommand = (plan: Plan): string =>
  `SIM_PLAN='${JSON.stringify(plan)}' npx vitest run --project simulation test/simulation/replay.test.ts`;
