import { assertNever } from '../base/assert-never.ts';
import type { ServerUuid } from '../base/ids.ts';
import type { Instant, Millis } from '../base/time.ts';
import { addMillis, instant, since } from '../base/time.ts';
import type { Call } from './call.ts';
import type { WorldConfig } from './config.ts';
import { beginRelease, forceStatus, takeAddresses, takeStep } from './delivery.ts';
import { ERROR_CODE } from './error-codes.ts';
import type { ReplyDelivery, Told } from './fault-answers.ts';
import { tell } from './fault-answers.ts';
import type { CountedRule, FaultRule } from './faults.ts';
import { commitOf, needsEffect } from './faults.ts';
import { addFirstServers } from './first-servers.ts';
import { HANDLERS } from './handlers/index.ts';
import type { HistoryEntry } from './history.ts';
import { OPERATIONS, routeOf } from './operations.ts';
import type { Operation, Route } from './operations.ts';
import type { OrderSeen, ServerLife } from './retrospect.ts';
import { livesOf, ordersOf } from './retrospect.ts';
import type { Answer } from './replies.ts';
import { refusal } from './replies.ts';
import type { ServerRow, WorldEvent } from './world-state.ts';
import { placeKey, WorldState } from './world-state.ts';

/** A request as it arrives. `headers`: lower-case names. `path`: with the query, encoded. */
export interface SimulatedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What comes back, and how it travels. The request id is also in the header `x-request-id` and in the history. */
export interface SimulatedReply {
  readonly requestId: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly delivery: ReplyDelivery;
}

/**
 * A FlexMetal API without sockets and clocks: its state and what it answers.
 *
 * Same configuration, same calls at the same times → same world, to the last uuid. Time is what the caller says and never goes
 * back; what lies between two calls (deliveries, releases, late effects) happens at its own time when the next call comes.
 * The world changes in place, since a run makes hundreds of thousands of calls; `copy` gives an independent one.
 */
export class World {
  readonly #state: WorldState;

  private constructor(state: WorldState) {
    this.#state = state;
  }

  static start(config: WorldConfig, at: Instant): World {
    const state = new WorldState(config, at);
    addFirstServers(state, at);
    return new World(state);
  }

  /** An independent world that goes on from here. */
  copy(): World {
    return new World(this.#state.copy());
  }

  get config(): WorldConfig {
    return this.#state.config;
  }

  /** Takes one request. Never throws for anything that a caller can send. */
  apply(now: Instant, request: SimulatedRequest): SimulatedReply {
    this.advance(now);
    const state = this.#state;
    const requestId = `req-${++state.requests}`;
    const route = routeOf(request.method, request.path);
    count(state, route.kind === 'found' ? route.operation : 'other');
    if (route.kind !== 'found')
      return this.#reply(requestId, tell(unroutable(route), undefined, state.apiTime(state.now)));
    const token = state.tokens.get(request.headers['private-token'] ?? '');
    const account = token === undefined || expired(token.expiresAt, state.now) ? undefined : token.account;
    return this.#carryOut(requestId, request, route, account);
  }

  /** The reply that `apply` said comes later; another `later` when it is asked for too early. Each ticket is good for one reply. */
  collect(now: Instant, ticket: string): SimulatedReply {
    this.advance(now);
    const state = this.#state;
    const late = state.late.get(ticket);
    if (late === undefined)
      throw new Error(`nothing to collect for ${ticket}: collected already, or from another world`);
    if (late.answer === undefined) return this.#reply(late.requestId, laterOf(ticket, since(state.now, late.dueAt)));
    state.late.delete(ticket);
    return this.#reply(late.requestId, tell(late.answer, late.fault, state.apiTime(state.now)));
  }

  /** Lets everything happen that is due by `now`. Every other method with a `now` does so first. */
  advance(now: Instant): void {
    const state = this.#state;
    const until = instant(Math.max(state.now, now));
    for (;;) {
      const due = state.agenda.take(until);
      if (due === undefined) break;
      state.now = instant(Math.max(state.now, due.at));
      happen(state, due.event, due.at);
    }
    state.now = until;
  }

  // What can be seen of the world from outside its API.

  get now(): Instant {
    return this.#state.now;
  }

  /** When something happens next by itself. */
  get nextEventAt(): Instant | undefined {
    return this.#state.agenda.nextAt;
  }

  /** What happened, oldest first. */
  get history(): readonly HistoryEntry[] {
    return this.#state.history.entries;
  }

  /** Oldest history entries that are no longer held. */
  get historyDropped(): number {
    return this.#state.history.dropped;
  }

  /** Every server that ever was, with its whole life, in the order of ordering. */
  lives(): readonly ServerLife[] {
    return livesOf(this.#state);
  }

  /** Every order that arrived, with its tags and what became of it. */
  orders(): readonly OrderSeen[] {
    return ordersOf(this.#state);
  }

  servers(): readonly ServerRow[] {
    return [...this.#state.servers.values()];
  }

  server(uuid: ServerUuid): ServerRow | undefined {
    return this.#state.servers.get(uuid);
  }

  /** Requests by `METHOD /path`, refused and lost ones included; `other` for what is no operation. */
  calls(): Readonly<Record<string, number>> {
    return Object.fromEntries(
      [...this.#state.calls].map(([operation, calls]) => [
        operation === 'other' ? 'other' : routeName(operation),
        calls,
      ]),
    );
  }

  get timeScale(): number {
    return this.#state.timeScale;
  }

  get faults(): readonly CountedRule[] {
    return this.#state.faults.rules;
  }

  // What somebody can do behind the API's back.

  /** Deliveries and releases run `scale` times faster from now on, also those on their way. */
  setTimeScale(now: Instant, scale: number): void {
    if (!(scale > 0) || !Number.isFinite(scale))
      throw new RangeError(`the time scale must be a positive number, not ${scale}`);
    this.advance(now);
    const state = this.#state;
    const factor = state.timeScale / scale;
    state.agenda.reschedule((at) => instant(Math.round(state.now + (at - state.now) * factor)));
    state.timeScale = scale;
  }

  /** The account's tokens are replaced by this one. */
  setToken(account: string, token: string): void {
    for (const [known, row] of this.#state.tokens) if (row.account === account) this.#state.tokens.delete(known);
    this.#state.tokens.set(token, { account, expiresAt: undefined });
  }

  /** @returns whether there was such a token. */
  revokeToken(token: string): boolean {
    return this.#state.tokens.delete(token);
  }

  /** @returns the id of the rule. A rule with the same id is replaced and counts anew. */
  addFault(rule: FaultRule): string {
    return this.#state.faults.add(rule);
  }

  removeFault(id: string): boolean {
    return this.#state.faults.remove(id);
  }

  clearFaults(): void {
    this.#state.faults.clear();
  }

  /** Somebody releases a server in the vendor's portal. @returns false when there is no such server or it failed. */
  release(now: Instant, uuid: ServerUuid): boolean {
    this.advance(now);
    const row = this.#state.servers.get(uuid);
    if (row === undefined || row.failedAt !== undefined) return false;
    beginRelease(this.#state, row, this.#state.now, { kind: 'admin' });
    return true;
  }

  /** Sets any status word; the delivery that was under way ends. @returns false when there is no such server. */
  setStatus(now: Instant, uuid: ServerUuid, status: string, message = ''): boolean {
    this.advance(now);
    const row = this.#state.servers.get(uuid);
    if (row === undefined) return false;
    forceStatus(this.#state, row, status, message, this.#state.now);
    return true;
  }

  /** How many machines of a type exist at a location, the rented ones included. */
  setStock(location: string, instanceType: string, machines: number): void {
    this.#state.stock.set(placeKey(location, instanceType), machines);
  }

  #carryOut(requestId: string, request: SimulatedRequest, route: Found, account: string | undefined): SimulatedReply {
    const state = this.#state;
    const about = subjectOf(request, route);
    const rule = state.faults.hit(
      {
        ...about,
        operation: route.operation,
        path: OPERATIONS[route.operation].path,
        method: request.method,
        account,
        at: state.now,
        startedAt: state.startedAt,
      },
      state.faultDraws,
    );
    const fault = rule?.do;
    const commit = fault === undefined ? 'now' : commitOf(fault);
    const changes = request.method !== 'GET';
    if (changes) {
      state.history.add(state.now, {
        kind: 'request',
        requestId,
        operation: route.operation,
        account: account ?? '',
        path: request.path,
        name: about.name,
        tags: about.tags,
        faultId: rule?.id,
        commit: typeof commit === 'object' ? 'later' : commit,
      });
    }
    const run = (then: WorldState, at: Instant): Answer => {
      const answer =
        account === undefined
          ? refusal(403, ERROR_CODE.invalidCredentials, 'Invalid credentials')
          : HANDLERS[route.operation](callOf(then, at, requestId, request, route, account, fault));
      if (changes)
        then.history.add(at, { kind: 'answered', requestId, operation: route.operation, status: answer.status });
      return answer;
    };
    const apiTime = state.apiTime(state.now);
    if (commit === 'now' || fault === undefined)
      return this.#reply(requestId, tell(run(state, state.now), fault, apiTime));
    const pretended = fault.answer?.kind === 'pretend' ? this.#pretend(run) : undefined;
    if (commit === 'never') return this.#reply(requestId, tell(pretended, fault, apiTime));
    const dueAt = addMillis(state.now, commit.after);
    state.agenda.add(dueAt, { kind: 'commit', requestId, run }, false);
    if (!needsEffect(fault.answer)) return this.#reply(requestId, tell(pretended, fault, apiTime));
    state.late.set(requestId, { requestId, fault, dueAt, answer: undefined });
    return this.#reply(requestId, laterOf(requestId, commit.after));
  }

  /** What would be answered now, without any effect but that a uuid which was named is not given away again. */
  #pretend(run: (state: WorldState, at: Instant) => Answer): Answer {
    const shadow = this.#state.copy();
    const answer = run(shadow, shadow.now);
    this.#state.uuids = shadow.uuids;
    return answer;
  }

  #reply(requestId: string, told: Told): SimulatedReply {
    const date = new Date(this.#state.apiTime(this.#state.now)).toUTCString();
    const type: Record<string, string> = told.body === '' ? {} : { 'content-type': 'application/json' };
    const headers = { date, 'x-request-id': requestId, ...type, ...told.headers };
    return { requestId, status: told.status, headers, body: told.body, delivery: told.delivery };
  }
}

type Found = Extract<Route, { readonly kind: 'found' }>;

function happen(state: WorldState, event: WorldEvent, at: Instant): void {
  switch (event.kind) {
    case 'step':
      return takeStep(state, event, at);
    case 'addresses':
      return takeAddresses(state, event, at);
    case 'commit': {
      const answer = event.run(state, at);
      const late = state.late.get(event.requestId);
      if (late !== undefined) state.late.set(event.requestId, { ...late, answer });
      return undefined;
    }
    default:
      return assertNever(event, 'event');
  }
}

const laterOf = (ticket: string, wait: Millis): Told => ({
  status: 0,
  body: '',
  delivery: { kind: 'later', ticket, wait },
});

const expired = (expiresAt: Instant | undefined, now: Instant): boolean =>
  expiresAt !== undefined && since(expiresAt, now) >= 0;

const routeName = (operation: Operation): string => `${OPERATIONS[operation].method} ${OPERATIONS[operation].path}`;

const count = (state: WorldState, what: Operation | 'other'): void => {
  state.calls.set(what, (state.calls.get(what) ?? 0) + 1);
};

const unroutable = (route: Exclude<Route, Found>): Answer =>
  route.kind === 'wrongMethod'
    ? refusal(405, ERROR_CODE.methodNotAllowed, 'Method Not Allowed')
    : refusal(404, ERROR_CODE.notFound, 'There is no such resource');

function callOf(
  state: WorldState,
  now: Instant,
  requestId: string,
  request: SimulatedRequest,
  route: Found,
  account: string,
  fault: Call['fault'],
): Call {
  const { params, query } = route;
  return { state, now, requestId, account, params, query, headers: request.headers, body: request.body, fault };
}

/** What a fault rule can ask about a request. The body of an order is looked into even when it will be refused. */
function subjectOf(
  request: SimulatedRequest,
  route: Found,
): { readonly uuid: string | undefined; readonly name: string | undefined; readonly tags: readonly string[] } {
  const uuid = route.params.get('uuid');
  const pathTag = route.params.get('tag');
  if (route.operation !== 'createFlexMetalServer')
    return { uuid, name: undefined, tags: pathTag === undefined ? [] : [pathTag] };
  const order = looseOrder(request.body);
  return { uuid, ...order };
}

function looseOrder(body: string | undefined): { readonly name: string | undefined; readonly tags: readonly string[] } {
  let value: unknown;
  try {
    value = JSON.parse(body ?? '');
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  if (typeof value !== 'object' || value === null) return { name: undefined, tags: [] };
  const name = 'name' in value && typeof value.name === 'string' ? value.name : undefined;
  const tags = 'tags' in value && Array.isArray(value.tags) ? value.tags.filter((tag) => typeof tag === 'string') : [];
  return { name, tags };
}
