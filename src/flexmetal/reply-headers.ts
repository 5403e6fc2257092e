import type { Instant, Millis } from '../base/time.ts';
import { instant, millis, minutes, seconds } from '../base/time.ts';
import type { HttpResult } from './transport.ts';

export type Reply = Extract<HttpResult, { kind: 'reply' }>;

/** No header may silence us for longer: it may be garbage, or meant for somebody else. */
export const PAUSE_MAX: Millis = minutes(5);

/** The vendor's clock, from the reply's Date header. */
export function apiDateOf(reply: Reply): Instant | undefined {
  return httpDate(reply.headers['date']);
}

/**
 * How long the reply asks us to wait: seconds or a date (measured against the reply's own Date where it has one), between 0 and PAUSE_MAX.
 * undefined when it does not ask, or in a form that is neither.
 */
export function retryAfterOf(reply: Reply, now: Instant): Millis | undefined {
  const value = reply.headers['retry-after']?.trim();
  if (value === undefined || value === '') return undefined;
  if (/^[+-]?\d+(?:\.\d+)?$/.test(value)) return bounded(seconds(Number(value)));
  const until = httpDate(value);
  return until === undefined ? undefined : bounded(millis(until - (apiDateOf(reply) ?? now)));
}

const bounded = (wait: Millis): Millis => millis(Math.min(Math.max(Math.ceil(wait), 0), PAUSE_MAX));

/** HTTP dates begin with the day's name; Date.parse alone would take almost any text with digits. */
function httpDate(text: string | undefined): Instant | undefined {
  if (text === undefined || !/^\s*(?:mon|tue|wed|thu|fri|sat|sun)/i.test(text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : instant(ms);
}
