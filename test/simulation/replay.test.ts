import { expect, test } from 'vitest';
import { Plan } from '../support/simulation/plan.ts';
import { historyText } from '../support/simulation/replay.ts';
import type { RunResult } from '../support/simulation/run.ts';
import { run } from '../support/simulation/run.ts';
import { scenarioOf } from '../support/simulation/scenarios.ts';

/** A plan as text: the failure report's command sets it. */
const ASKED = process.env['SIM_PLAN'];
const PLANS = (
  ASKED === undefined
    ? [
        '{"scenario":"ten at once","seed":3,"faults":[{"at":7,"do":"killAfter"},{"at":30,"do":"cutOff"}]}',
        '{"scenario":"recreate","seed":4,"faults":[{"at":3,"do":"frozen"},{"at":9,"do":"watchDuplicated"}]}',
        '{"scenario":"deliver","seed":5,"faults":[{"at":3,"do":"leaseTaken"},{"at":4,"do":"pageShift"}]}',
      ]
    : [ASKED]
).map((text) => Plan.parse(JSON.parse(text)));

test.each(PLANS)('the same plan gives the same history, to the last byte: $scenario', async (plan) => {
  const [first, second] = [await run(plan, scenarioOf(plan.scenario)), await run(plan, scenarioOf(plan.scenario))];
  if (ASKED !== undefined) process.stdout.write(`${historyText(first)}\n`);
  expect(historyOf(second)).toEqual(historyOf(first));
  expect(first.violations).toEqual([]);
});

const historyOf = ({ simulation: { api, world, logLines, effects } }: RunResult) => ({
  cluster: JSON.stringify(api.history),
  vendor: JSON.stringify(world.history),
  effects: effects.seen,
  logLines,
});
