import { formatInstant } from '../../../src/base/time.ts';
import type { RunResult } from './run.ts';

/** The whole run for people: what the operator said (above debug), and each outside effect with its fault. */
export const historyText = ({ simulation: { effects, logLines } }: RunResult): string =>
  [
    ...logLines.filter((line) => !line.includes('"level":"debug"')).map((line) => line.trim()),
    ...effects.seen.map(
      ({ ordinal, at, process, label, fault }) =>
        `${ordinal} ${formatInstant(at)} ${process} ${label}${fault === undefined ? '' : ` ← ${fault}`}`,
    ),
  ].join('\n');
