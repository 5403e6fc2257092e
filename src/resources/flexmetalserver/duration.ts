import type { Millis } from '../../base/time.ts';
import { hours, millis, minutes, seconds } from '../../base/time.ts';

/** Hours, minutes and seconds as Go writes them, biggest first: `45m`, `1h30m`, `90s`. RE2-safe, so that the CRD has the same pattern. */
export const DURATION_PATTERN = /^([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,6}s)?$/;

/** Reads `45m` or `1h30m`; undefined when the text is empty or no such length of time. */
export function parseDuration(text: string): Millis | undefined {
  const parts = DURATION_PATTERN.exec(text);
  if (parts === null || text === '') return undefined;
  return millis(hours(count(parts[1])) + minutes(count(parts[2])) + seconds(count(parts[3])));
}

const count = (part: string | undefined): number => (part === undefined ? 0 : Number(part.slice(0, -1)));
