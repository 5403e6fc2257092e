import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatInstant } from '../../src/base/time.ts';
import { runs } from '../support/runs.ts';
import type { RunResult } from '../support/simulation/run.ts';
import { callsUnclearRefused, neverReleases, repeatsOrders } from '../support/simulation/sabotages.ts';
import { runSequence } from './commands/run-sequence.ts';
import { Sequence, sequences } from './commands/steps.ts';

/** A sequence as text, to be run again with its whole history printed: the failure report's command sets it. */
const ASKED = process.env['USER_COMMANDS'];

const replayCommand = (sequence: Sequence): string =>
  `USER_COMMANDS='${JSON.stringify(sequence)}' npx vitest run --project unit test/properties/user-commands.test.ts`;

const HOUR_MS = 3_600_000;

test.skipIf(ASKED !== undefined)('whatever people do, all promises are kept', { timeout: 12 * HOUR_MS }, async () => {
  await fc.assert(
    fc.asyncProperty(sequences, async (sequence) => {
      const { violations } = await runSequence(sequence);
      expect(violations.map((violation) => `${violation}\n  ${replayCommand(sequence)}`)).toEqual([]);
    }),
    runs(100),
  );
});

/** A property that never fails proves nothing: what these break must be noticed by chance alone, and soon. */
test.skipIf(ASKED !== undefined).each([
  ['takes unclear orders for refused', callsUnclearRefused],
  ['lets no release reach the vendor', neverReleases],
  ['repeats orders that had no answer', repeatsOrders],
])('an operator that %s is caught', { timeout: HOUR_MS }, async (_what, vendor) => {
  const { failed } = await fc.check(
    fc.asyncProperty(sequences, async (sequence) => {
      const { violations } = await runSequence(sequence, { vendor });
      return violations.length === 0;
    }),
    { numRuns: 60, endOnFailure: true },
  );
  expect(failed).toBe(true);
});

test('the same deeds give the same history, and keep all promises', { timeout: HOUR_MS }, async () => {
  const sequence = ASKED === undefined ? fc.sample(sequences, 1)[0] : Sequence.parse(JSON.parse(ASKED));
  if (sequence === undefined) throw new Error('no sequence');
  const [first, second] = [await runSequence(sequence), await runSequence(sequence)];
  if (ASKED !== undefined) process.stdout.write(`${report(first)}\n`);
  expect(historyOf(second)).toEqual(historyOf(first));
  expect(first.violations).toEqual([]);
});

const historyOf = ({ simulation: { api, world, logLines } }: RunResult) => ({
  cluster: JSON.stringify(api.history),
  vendor: JSON.stringify(world.history),
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
