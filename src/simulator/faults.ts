import * as z from 'zod';
import { assertNever } from '../base/assert-never.ts';
import { addMillis } from '../base/time.ts';
import type { Instant } from '../base/time.ts';
import type { Draws } from './draws.ts';
import { Duration } from './duration.ts';
import { OPERATION_NAMES } from './operations.ts';
import type { Operation } from './operations.ts';

const Steps = z
  .array(z.strictObject({ status: z.string().min(1), after: Duration, message: z.string().optional() }))
  .min(1);

/** How the delivery of an order goes, when it does not go as usual. */
export const Delivery = z.discriminatedUnion('kind', [
  /** Fails instead of reaching `at`. */
  z.strictObject({
    kind: z.literal('fails'),
    at: z.string().default('provisioning'),
    message: z.string().default('no machine could be prepared'),
  }),
  /** Reaches `at` and stays there. */
  z.strictObject({ kind: z.literal('sticks'), at: z.string().default('provisioning') }),
  /** Delivered, and failed some time later. */
  z.strictObject({
    kind: z.literal('failsLater'),
    after: Duration,
    message: z.string().default('the machine stopped answering'),
  }),
  /** Delivered without addresses; they come later, or never when `after` is left out. */
  z.strictObject({ kind: z.literal('lacksAddresses'), after: Duration.optional() }),
  /** Any course at all, also unknown words and steps back: each step comes `after` the one before it. */
  z.strictObject({ kind: z.literal('steps'), steps: Steps }),
]);
export type Delivery = z.infer<typeof Delivery>;

const Answer = z.discriminatedUnion('kind', [
  /** An HTTP error. `body`: the API's own error, a proxy's page, somebody else's JSON, or nothing. */
  z.strictObject({
    kind: z.literal('error'),
    status: z.int().min(400).max(599),
    body: z.enum(['api', 'html', 'json', 'empty']).default('api'),
    errorCode: z.int().default(50_000),
    message: z.string().default('Something went wrong'),
  }),
  /** 429, with Retry-After in one of its forms. */
  z.strictObject({
    kind: z.literal('rateLimit'),
    retryAfter: z.enum(['none', 'seconds', 'date', 'nonsense']).default('seconds'),
    wait: Duration.prefault('30s'),
  }),
  z.strictObject({
    kind: z.literal('redirect'),
    status: z.literal([301, 302, 303, 307, 308]).default(302),
    location: z.string().default('https://elsewhere.example/v3'),
  }),
  /** The reply that a request with effect would get, whether it has one or not: an accepted order that never shows up. */
  z.strictObject({ kind: z.literal('pretend') }),
  /** No byte ever comes. */
  z.strictObject({ kind: z.literal('hang') }),
  /** The connection is reset: before the first byte, within the headers, or within the body. */
  z.strictObject({ kind: z.literal('reset'), within: z.enum(['silence', 'headers', 'body']).default('silence') }),
  /** The body ends early, although its length was announced, and the connection is closed properly. */
  z.strictObject({ kind: z.literal('truncate') }),
  /** The body comes in small pieces. */
  z.strictObject({ kind: z.literal('slow'), bytes: z.int().positive().default(1), every: Duration.prefault('500ms') }),
  /** The true status and a body that is not what it should be. */
  z.strictObject({
    kind: z.literal('spoil'),
    how: z.enum([
      'empty',
      'html',
      'halfJson',
      'emptyArray',
      'object',
      'wrongTypes',
      'nullLists',
      'noUuid',
      'proto',
      'deep',
      'huge',
    ]),
    /** Size of `huge`, in bytes. */
    bytes: z.int().positive().default(100_000_000),
  }),
  /** Fields of every object of the reply are replaced or left out. */
  z.strictObject({
    kind: z.literal('rewrite'),
    set: z.record(z.string(), z.unknown()).default({}),
    drop: z.array(z.string()).default([]),
  }),
  /** A list that is not what was asked for. */
  z.strictObject({
    kind: z.literal('page'),
    /** Every page is the first one. */
    ignoreRange: z.boolean().default(false),
    /** Pages after the first begin so many rows too late (negative: too early), as when servers come or go between pages. */
    shift: z.int().default(0),
    /** So many rows of the page come twice. */
    duplicates: z.int().nonnegative().default(0),
    /** So many rows are missing from the list, oldest first. */
    omit: z.int().nonnegative().default(0),
    /** Servers younger than this are missing from the list. */
    lag: Duration.optional(),
  }),
]);
export type FaultAnswer = z.infer<typeof Answer>;

/** What goes wrong with one request. */
const Fault = z
  .strictObject({
    /** When the request takes effect: at once, never, or some time later, whatever the caller is told. Default: never for error, rateLimit, redirect and pretend, else at once. */
    commit: z.union([z.enum(['now', 'never']), z.strictObject({ after: Duration })]).optional(),
    /** The first byte of the reply comes so much later. */
    replyAfter: Duration.optional(),
    /** What the caller is told instead of the truth. */
    answer: Answer.optional(),
    /** For orders: how the delivery goes. */
    delivery: Delivery.optional(),
  })
  .refine((fault) => Object.values(fault).some((part) => part !== undefined), {
    error: 'says nothing: give at least one of commit, replyAfter, answer, delivery',
  })
  .refine((fault) => !(fault.commit === 'never' && needsEffect(fault.answer)), {
    error:
      'commit: never needs an answer that says nothing of the effect: error, rateLimit, redirect, pretend, hang, or reset within silence',
    path: ['commit'],
  });
export type Fault = z.infer<typeof Fault>;

/** Which requests a rule means. Everything given must hold; nothing given means all requests. */
const Match = z.strictObject({
  operation: z.enum(OPERATION_NAMES).optional(),
  method: z.enum(['GET', 'POST', 'PUT', 'DELETE']).optional(),
  /** A path as the API's document writes it: `/v3/flexMetal/servers/{uuid}`. */
  path: z.string().startsWith('/v3/').optional(),
  account: z.string().optional(),
  /** The uuid in the path. */
  uuid: z.string().optional(),
  /** The name in an order. */
  name: z.string().optional(),
  /** One of the tags in an order, or the tag in the path. */
  tag: z.string().optional(),
  /** Counted from the start of the world. */
  from: Duration.optional(),
  until: Duration.optional(),
  /** The first of the matching requests that is hit, counted from 1. */
  nth: z.int().positive().optional(),
  /** Each matching request is hit with this probability. */
  probability: z.number().gt(0).max(1).optional(),
});

export const FaultRule = z.strictObject({
  id: z.string().min(1).optional(),
  match: Match.prefault({}),
  /** How often the rule hits at most. Default: once when `nth` is given, else without end. */
  times: z.int().positive().optional(),
  do: Fault,
});
export type FaultRule = z.infer<typeof FaultRule>;
export type FaultRuleInput = z.input<typeof FaultRule>;

/** What rules can see of a request. */
export interface FaultSubject {
  readonly operation: Operation;
  readonly method: string;
  readonly path: string;
  readonly account: string | undefined;
  readonly uuid: string | undefined;
  readonly name: string | undefined;
  readonly tags: readonly string[];
  readonly at: Instant;
  readonly startedAt: Instant;
}

export interface CountedRule extends FaultRule {
  readonly id: string;
  /** Requests that matched, and how many of them were hit. */
  readonly seen: number;
  readonly hits: number;
}

/** The rules of a world, in order: of those that hit a request, the first decides. */
export class FaultPlan {
  #rules: readonly CountedRule[];
  #named: number;

  constructor(rules: readonly CountedRule[] = [], named = 0) {
    this.#rules = rules;
    this.#named = named;
  }

  get rules(): readonly CountedRule[] {
    return this.#rules;
  }

  /** @returns the id of the rule; a rule with the same id is replaced. */
  add(rule: FaultRule): string {
    const id = rule.id ?? `fault-${++this.#named}`;
    this.remove(id);
    this.#rules = [...this.#rules, { ...rule, id, seen: 0, hits: 0 }];
    return id;
  }

  /** @returns whether there was such a rule. */
  remove(id: string): boolean {
    const kept = this.#rules.filter((rule) => rule.id !== id);
    const found = kept.length < this.#rules.length;
    this.#rules = kept;
    return found;
  }

  clear(): void {
    this.#rules = [];
  }

  /** Counts the request in every rule that means it, and gives the first rule that hits. */
  hit(subject: FaultSubject, draws: Draws): CountedRule | undefined {
    if (this.#rules.length === 0) return undefined;
    let chosen: CountedRule | undefined;
    this.#rules = this.#rules.map((rule) => {
      if (!means(rule, subject)) return rule;
      const seen = { ...rule, seen: rule.seen + 1 };
      if (chosen !== undefined || !strikes(seen, draws)) return seen;
      chosen = { ...seen, hits: seen.hits + 1 };
      return chosen;
    });
    return chosen;
  }

  copy(): FaultPlan {
    return new FaultPlan(this.#rules, this.#named);
  }
}

/** When the effect of a request comes, given what its caller is told. */
export function commitOf(fault: Fault): 'now' | 'never' | { readonly after: Duration } {
  if (fault.commit !== undefined) return fault.commit;
  const kind = fault.answer?.kind;
  return kind === 'error' || kind === 'rateLimit' || kind === 'redirect' || kind === 'pretend' ? 'never' : 'now';
}
type Duration = z.infer<typeof Duration>;

/** Whether the answer is made from the true one, so that it cannot be given before the request took effect. */
export function needsEffect(answer: FaultAnswer | undefined): boolean {
  switch (answer?.kind) {
    case undefined:
    case 'truncate':
    case 'slow':
    case 'spoil':
    case 'rewrite':
    case 'page':
      return true;
    case 'reset':
      return answer.within !== 'silence';
    case 'error':
    case 'rateLimit':
    case 'redirect':
    case 'pretend':
    case 'hang':
      return false;
    default:
      return assertNever(answer, 'fault');
  }
}

function means({ match }: FaultRule, subject: FaultSubject): boolean {
  return (
    (match.operation === undefined || match.operation === subject.operation) &&
    (match.method === undefined || match.method === subject.method) &&
    (match.path === undefined || match.path === subject.path) &&
    (match.account === undefined || match.account === subject.account) &&
    (match.uuid === undefined || match.uuid === subject.uuid) &&
    (match.name === undefined || match.name === subject.name) &&
    (match.tag === undefined || subject.tags.includes(match.tag)) &&
    (match.from === undefined || subject.at >= addMillis(subject.startedAt, match.from)) &&
    (match.until === undefined || subject.at < addMillis(subject.startedAt, match.until))
  );
}

function strikes({ match, times, seen, hits }: CountedRule, draws: Draws): boolean {
  const timesMax = times ?? (match.nth === undefined ? Infinity : 1);
  if (hits >= timesMax || seen < (match.nth ?? 1)) return false;
  return match.probability === undefined || draws.next() < match.probability;
}
