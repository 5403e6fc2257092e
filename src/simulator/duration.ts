import * as z from 'zod';
import type { Millis } from '../base/time.ts';
import { millis } from '../base/time.ts';

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** A length of time as people write it: `250ms`, `30s`, `15m`, `2h`, `1d` or `0`. Bare numbers are refused: nobody knows their unit. */
export const Duration = z
  .custom<string | 0>((value) => parseDuration(value) !== undefined, {
    error: (issue) => `${JSON.stringify(issue.input)} is not a duration: write 250ms, 30s, 15m, 2h or 0`,
  })
  .transform((value) => parseDuration(value) ?? millis(0));

function parseDuration(value: unknown): Millis | undefined {
  if (value === 0 || value === '0') return millis(0);
  if (typeof value !== 'string') return undefined;
  const [, count, unit] = DURATION.exec(value) ?? [];
  const unitMs = unit === undefined ? undefined : UNIT_MS[unit];
  return unitMs === undefined ? undefined : millis(Math.round(Number(count) * unitMs));
}
