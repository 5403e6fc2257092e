import * as z from 'zod';
import { Plan } from '../../test/support/simulation/plan.ts';

const Count = z.int().nonnegative();

/** A run that broke a promise. */
export const Failure = z.strictObject({
  plan: Plan,
  /** Each begins with the number of its rule. */
  violations: z.array(z.string()),
  /** The shortest plan that still breaks the same rule, when it was looked for. */
  shortest: Plan.optional(),
});
export type Failure = z.infer<typeof Failure>;

export const ScenarioResult = z.strictObject({
  scenario: z.string(),
  /** Outside effects of the run without faults at which one can strike. */
  effects: Count,
  /** Plans with one fault: there are, were run. The run without faults is counted as one of both. */
  singles: z.strictObject({ inAll: Count, run: Count }),
  /** Plans with two faults, the second one at each later effect of the run of the first. */
  pairs: z.strictObject({ inAll: Count, run: Count }),
  /** Runs that took a course of their own: different effects at different times with different results. */
  courses: Count,
  violations: Count,
  /** Processor time spent on it. */
  seconds: z.number(),
});
export type ScenarioResult = z.infer<typeof ScenarioResult>;

/** What a sweep came to. `npm run sweep -- --full --out docs/proof.json` writes it; docs/proof.md is made from it. */
export const SweepResult = z.strictObject({
  date: z.string(),
  commit: z.string(),
  node: z.string(),
  cores: z.int().positive(),
  workers: z.int().positive(),
  /** Wall time. */
  seconds: z.number(),
  seed: Count,
  /** Whether the whole sweep was asked for; else a share of it by scenario or time. */
  full: z.boolean(),
  plans: z.strictObject({
    /** All that make sense. */
    inAll: Count,
    run: Count,
    /** Left out by the seed, since not all pairs can be run in the time. */
    notDrawn: Count,
    /** Drawn, and not run because the time was up. */
    notRun: Count,
    /** Left out because they make no sense, by reason. */
    pruned: z.record(z.string(), Count),
    /** Run although a fault of theirs did not strike, by the fault: the world of a pageShift holds more servers and may take another course. */
    missed: z.record(z.string(), Count),
  }),
  scenarios: z.array(ScenarioResult),
  /** In how many runs each fault struck. */
  faults: z.record(z.string(), Count),
  /** Runs within the class of the design, and what they broke. */
  within: z.strictObject({ runs: Count, failures: z.array(Failure) }),
  /** Runs beyond it, by how they ended, and what they broke of what is promised of them. */
  beyond: z.strictObject({
    runs: Count,
    oneServer: Count,
    duplicate: Count,
    orphan: Count,
    failures: z.array(Failure),
  }),
  /** How often each rule, reason and blocked state was reached, and which never. */
  coverage: z.strictObject({ reached: z.record(z.string(), Count), never: z.array(z.string()) }),
});
export type SweepResult = z.infer<typeof SweepResult>;
