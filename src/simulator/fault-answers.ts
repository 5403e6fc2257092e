import { assertNever } from '../base/assert-never.ts';
import type { Instant, Millis } from '../base/time.ts';
import { addMillis, millis } from '../base/time.ts';
import type { Fault, FaultAnswer } from './faults.ts';
import type { Answer } from './replies.ts';
import { refusal } from './replies.ts';

/**
 * How a reply travels; acted out by the HTTP shell on a socket and by the simulations in virtual time.
 * `after` is counted from the moment the reply was made.
 */
export type ReplyDelivery =
  | { readonly kind: 'respond'; readonly after: Millis }
  /** Nothing ever comes; the connection stays open. */
  | { readonly kind: 'hang' }
  | { readonly kind: 'reset'; readonly within: 'silence' | 'headers' | 'body'; readonly after: Millis }
  /** The first half of the body, then the connection is closed. */
  | { readonly kind: 'truncate'; readonly after: Millis }
  /** `bytes` of the body at a time. */
  | { readonly kind: 'slow'; readonly bytes: number; readonly every: Millis; readonly after: Millis }
  /** The body is followed by blanks up to `bytes`. */
  | { readonly kind: 'pad'; readonly bytes: number; readonly after: Millis }
  /** There is no reply yet: ask `World.collect(ticket)` when `wait` has passed. */
  | { readonly kind: 'later'; readonly ticket: string; readonly wait: Millis };

/** What the caller gets. */
export interface Told extends Answer {
  readonly delivery: ReplyDelivery;
}

/**
 * What the caller is told.
 * @param truth undefined when the request has had no effect yet or never will; then the fault's answer does not need it
 */
export function tell(truth: Answer | undefined, fault: Fault | undefined, apiTime: Instant): Told {
  const after = fault?.replyAfter ?? millis(0);
  const answer = fault?.answer;
  const whole = truth ?? NOTHING;
  const respond = { kind: 'respond', after } as const;
  switch (answer?.kind) {
    case undefined:
    case 'page':
    case 'pretend':
      return { ...whole, delivery: respond };
    case 'error':
      return { ...errorOf(answer), delivery: respond };
    case 'rateLimit':
      return { ...rateLimited(answer, apiTime), delivery: respond };
    case 'redirect':
      return { status: answer.status, body: '', headers: { location: answer.location }, delivery: respond };
    case 'hang':
      return { ...whole, delivery: { kind: 'hang' } };
    case 'reset':
      return { ...whole, delivery: { kind: 'reset', within: answer.within, after } };
    case 'truncate':
      return { ...whole, delivery: { kind: 'truncate', after } };
    case 'slow':
      return { ...whole, delivery: { kind: 'slow', bytes: answer.bytes, every: answer.every, after } };
    case 'spoil':
      if (answer.how === 'huge') return { ...whole, delivery: { kind: 'pad', bytes: answer.bytes, after } };
      return { ...spoilt(whole, answer.how), delivery: respond };
    case 'rewrite':
      return { ...whole, body: rewritten(whole.body, answer), delivery: respond };
    default:
      return assertNever(answer, 'fault');
  }
}

const NOTHING: Answer = { status: 200, body: '' };

type Answering<K extends FaultAnswer['kind']> = Extract<FaultAnswer, { readonly kind: K }>;
type Spoiling = Exclude<Answering<'spoil'>['how'], 'huge'>;

const HTML = { 'content-type': 'text/html; charset=utf-8' };

function errorOf(answer: Answering<'error'>): Answer {
  const { status } = answer;
  switch (answer.body) {
    case 'api':
      return refusal(status, answer.errorCode, answer.message);
    case 'html':
      return { status, headers: HTML, body: page(String(status)) };
    case 'json':
      return { status, body: JSON.stringify({ message: answer.message }) };
    case 'empty':
      return { status, body: '' };
    default:
      return assertNever(answer.body, 'error body');
  }
}

const page = (title: string): string =>
  `<html><head><title>${title}</title></head><body><h1>${title}</h1><hr>proxy</body></html>\n`;

function rateLimited({ retryAfter, wait }: Answering<'rateLimit'>, apiTime: Instant): Answer {
  const answer = refusal(429, 42_900, 'Too many requests');
  switch (retryAfter) {
    case 'none':
      return answer;
    case 'seconds':
      return { ...answer, headers: { 'retry-after': String(Math.ceil(wait / 1_000)) } };
    case 'date':
      return { ...answer, headers: { 'retry-after': new Date(addMillis(apiTime, wait)).toUTCString() } };
    case 'nonsense':
      return { ...answer, headers: { 'retry-after': 'soon, -1' } };
    default:
      return assertNever(retryAfter, 'form of Retry-After');
  }
}

/** Bodies nested deeper than most parsers' stacks. */
const DEPTH = 100_000;

function spoilt(truth: Answer, how: Spoiling): Answer {
  switch (how) {
    case 'empty':
      return { ...truth, body: '' };
    case 'html':
      return { ...truth, headers: HTML, body: page('Welcome') };
    case 'halfJson':
      return { ...truth, body: truth.body.slice(0, Math.ceil(truth.body.length / 2)) };
    case 'emptyArray':
      return { ...truth, body: '[]' };
    case 'object':
      return { ...truth, body: JSON.stringify(firstOf(JSON.parse(truth.body || '{}'))) };
    case 'wrongTypes':
      return {
        ...truth,
        body: mapObjects(truth.body, (fields) =>
          Object.fromEntries(Object.keys(fields).map((key) => [key, { unexpected: key }])),
        ),
      };
    case 'nullLists':
      return {
        ...truth,
        body: mapObjects(truth.body, (fields) =>
          Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, Array.isArray(value) ? null : value])),
        ),
      };
    case 'noUuid':
      return { ...truth, body: mapObjects(truth.body, ({ uuid: _uuid, ...fields }) => fields) };
    case 'proto':
      // As text: an object literal would set the prototype instead of making the key.
      return {
        ...truth,
        body: truth.body.replaceAll(
          '{"uuid"',
          '{"__proto__":{"status":"delivered","polluted":true},"constructor":{"prototype":{"polluted":true}},"uuid"',
        ),
      };
    case 'deep':
      return { ...truth, body: '['.repeat(DEPTH) + ']'.repeat(DEPTH) };
    default:
      return assertNever(how, 'way to spoil');
  }
}

function rewritten(body: string, { set, drop }: Answering<'rewrite'>): string {
  return mapObjects(body, (fields) =>
    Object.fromEntries(Object.entries({ ...fields, ...set }).filter(([key]) => !drop.includes(key))),
  );
}

type Fields = Readonly<Record<string, unknown>>;

/** Changes every object of a list, or the one object; other bodies stay. */
function mapObjects(body: string, change: (fields: Fields) => Fields): string {
  if (body === '') return body;
  const value: unknown = JSON.parse(body);
  const each = (item: unknown): unknown => (typeof item === 'object' && item !== null ? change({ ...item }) : item);
  return JSON.stringify(Array.isArray(value) ? value.map(each) : each(value));
}

const firstOf = (value: unknown): unknown => (Array.isArray(value) ? (value[0] ?? {}) : value);
