import { expect, test } from 'vitest';
import { formatInstant } from '../../src/base/time.ts';
import { Plan } from '../support/simulation/plan.ts';
import type { RunResult } from '../support/simulation/run.ts';
import { run } from '../support/simulation/run.ts';
import { scenarioOf } from '../support/simulation/scenarios.ts';

/** A plan as text: the failure report's command sets it. */
const ASKED = process.env['SIM_PLAN'];
const PLAN = Plan.parse(
  JSON.parse(
    ASKED ?? '{"scenario":"ten at once","seed":3,"faults":[{"at":7,"do":"killAfter"},{"at":30,"do":"cutOff"}]}',
  ),
);

test('the same plan gives the same history, to the last byte', async () => {
  const [first, second] = [await run(PLAN, scenarioOf(PLAN.scenario)), await run(PLAN, scenarioOf(PLAN.scenario))];
  if (ASKED !== undefined) process.stdout.write(`${report(first)}\n`);
  expect(historyOf(second)).toEqual(historyOf(first));
  expect(first.violations).toEqual([]);
});

const historyOf = ({ simulation: { api, world, logLines, effects } }: RunResult) => ({
  cluster: JSON.stringify(api.history),
  vendor: JSON.stringify(world.history),
  effects: effects.seen,
  logLines,
});

const report = ({ simulation: { effects, logLines } }: RunResult): string =>
  [
    ...logLines.filter((line) => !line.includes('"level":"debug"')).map((line) => line.trim()),
    ...effects.seen.map(
      ({ ordinal, at, process, label, fault }) =>
        `${ordinal} ${formatInstant(at)} ${process} ${label}${fault === undefined ? '' : ` ← ${fault}`}`,
    ),
  ].join('\n');
