import type { Brand } from './brand.ts';

/** A point in wall-clock time: milliseconds since the Unix epoch, UTC. May jump; never used to measure a wait. */
export type Instant = Brand<number, 'Instant'>;

/** A length of time in milliseconds. */
export type Millis = Brand<number, 'Millis'>;

/** A point on this process's monotonic clock, in milliseconds since an unknown start. Means nothing to another process. */
export type Monotonic = Brand<number, 'Monotonic'>;

export const instant = (ms: number): Instant => ms as Instant;
export const millis = (ms: number): Millis => ms as Millis;
export const monotonic = (ms: number): Monotonic => ms as Monotonic;

export const seconds = (count: number): Millis => millis(count * 1_000);
export const minutes = (count: number): Millis => millis(count * 60_000);
export const hours = (count: number): Millis => millis(count * 3_600_000);

export const addMillis = (at: Instant, by: Millis): Instant => instant(at + by);
export const since = (from: Instant, to: Instant): Millis => millis(to - from);
export const laterBy = (at: Monotonic, by: Millis): Monotonic => monotonic(at + by);
/** The last of some points in time, at least one. */
export const latestOf = (times: readonly [Monotonic, ...Monotonic[]]): Monotonic => monotonic(Math.max(...times));
export const elapsed = (from: Monotonic, to: Monotonic): Millis => millis(to - from);

/** Rounded up to a whole minute: for messages that are written anew at every look and should then read the same. */
export const nextMinute = (at: Instant): Instant => instant(Math.ceil(at / 60_000) * 60_000);

/** RFC 3339 with seconds, the form of metav1.Time: `2026-11-24T20:07:00Z`. */
export const formatInstant = (at: Instant): string => new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');

/** Reads an RFC 3339 time; undefined when it is none. */
export function parseInstant(text: string): Instant | undefined {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : instant(ms);
}

/** `90 s`, `12 min`, `3 h 20 min`: for messages to people. */
export function formatDuration(length: Millis): string {
  const totalSeconds = Math.max(0, Math.round(length / 1_000));
  if (totalSeconds < 120) return `${totalSeconds} s`;
  const totalMinutes = Math.round(totalSeconds / 60);
  if (totalMinutes < 120) return `${totalMinutes} min`;
  const rest = totalMinutes % 60;
  return rest === 0 ? `${Math.floor(totalMinutes / 60)} h` : `${Math.floor(totalMinutes / 60)} h ${rest} min`;
}
