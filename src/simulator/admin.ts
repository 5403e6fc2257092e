import * as z from 'zod';
import type { ServerUuid } from '../base/ids.ts';
import { parseServerUuid } from '../base/ids.ts';
import { formatInstant } from '../base/time.ts';
import { FaultRule } from './faults.ts';
import { describe, readScenario, ScenarioError } from './scenario.ts';
import type { Simulation } from './simulation.ts';

export const ADMIN_PREFIX = '/__sim';

export interface AdminRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly body: string;
}

export interface AdminReply {
  readonly status: number;
  /** Sent as JSON; undefined: no body. */
  readonly body: unknown;
}

/** Looks into the world and changes it behind the API's back. Total: what cannot be done is 400 or 404 with a sentence. */
export function administer(simulation: Simulation, request: AdminRequest): AdminReply {
  const url = new URL(request.path, 'http://simulator');
  const path = url.pathname.slice(ADMIN_PREFIX.length).replace(/\/$/, '');
  const matching = ENDPOINTS.map((endpoint) => ({ endpoint, rest: rest(endpoint.path, path) })).filter(
    (found) => found.rest !== undefined,
  );
  const found = matching.find(({ endpoint }) => endpoint.method === request.method);
  if (found === undefined) {
    const status = matching.length === 0 ? 404 : 405;
    return { status, body: { error: `no such admin endpoint; GET ${ADMIN_PREFIX}/ lists them` } };
  }
  try {
    return found.endpoint.run(simulation, { body: request.body, query: url.searchParams, name: found.rest ?? '' });
  } catch (error) {
    if (error instanceof ScenarioError) return { status: 400, body: { error: error.message } };
    throw error;
  }
}

interface Asked {
  readonly body: string;
  readonly query: URLSearchParams;
  /** What stands in the path for `{…}`. */
  readonly name: string;
}

interface Endpoint {
  readonly method: string;
  readonly path: string;
  readonly does: string;
  readonly run: (simulation: Simulation, asked: Asked) => AdminReply;
}

const done = (body: unknown): AdminReply => ({ status: 200, body });
const nothing: AdminReply = { status: 204, body: undefined };
const missing = (what: string): AdminReply => ({ status: 404, body: { error: `there is no such ${what}` } });

/** History entries given at once, unless fewer are asked for. */
const HISTORY_PAGE = 1_000;

const ENDPOINTS: readonly Endpoint[] = [
  {
    method: 'GET',
    path: '',
    does: 'this list',
    run: () =>
      done({ endpoints: ENDPOINTS.map(({ method, path, does }) => `${method} ${ADMIN_PREFIX}${path}: ${does}`) }),
  },
  {
    method: 'GET',
    path: '/state',
    does: 'servers, faults and settings',
    run: (simulation) => done(stateOf(simulation)),
  },
  {
    method: 'GET',
    path: '/history',
    does: `what happened; ?after=<seq>&limit=<count, at most ${HISTORY_PAGE}>`,
    run: ({ world, clock }, { query }) => {
      world.advance(clock.now());
      const after = Number(query.get('after') ?? 0);
      const limit = Math.min(Number(query.get('limit') ?? HISTORY_PAGE), HISTORY_PAGE);
      if (!Number.isInteger(after) || !Number.isInteger(limit))
        return { status: 400, body: { error: 'after and limit are whole numbers' } };
      return done({
        dropped: world.historyDropped,
        entries: world.history.filter(({ seq }) => seq > after).slice(0, limit),
      });
    },
  },
  { method: 'GET', path: '/calls', does: 'requests so far, by route', run: ({ world }) => done(world.calls()) },
  {
    method: 'POST',
    path: '/reset',
    does: 'begins anew, with the scenario in the body or the first one',
    run: (simulation, { body }) => {
      if (body.trim() === '') simulation.reset();
      else simulation.reset(readScenario(json(body), 'body'));
      return nothing;
    },
  },
  {
    method: 'GET',
    path: '/faults',
    does: 'the fault rules and how often they hit',
    run: ({ world }) => done(world.faults),
  },
  {
    method: 'POST',
    path: '/faults',
    does: 'adds one fault rule or a list of them',
    run: ({ world }, { body }) => done({ ids: faultRules(body).map((rule) => world.addFault(rule)) }),
  },
  {
    method: 'DELETE',
    path: '/faults',
    does: 'removes all fault rules',
    run: ({ world }) => {
      world.clearFaults();
      return nothing;
    },
  },
  {
    method: 'DELETE',
    path: '/faults/{id}',
    does: 'removes one fault rule',
    run: ({ world }, { name }) => (world.removeFault(name) ? nothing : missing('fault')),
  },
  {
    method: 'PUT',
    path: '/time-scale',
    does: '{"timeScale": 60}: deliveries and releases run 60 times faster',
    run: ({ world, clock }, { body }) => {
      world.setTimeScale(clock.now(), parse(TimeScale, body).timeScale);
      return nothing;
    },
  },
  {
    method: 'PUT',
    path: '/token',
    does: '{"account": "default", "token": "…"}: the only token of the account from now on',
    run: ({ world }, { body }) => {
      const { account, token } = parse(Token, body);
      world.setToken(account, token);
      return nothing;
    },
  },
  {
    method: 'DELETE',
    path: '/token',
    does: '{"token": "…"}: is refused from now on',
    run: ({ world }, { body }) => (world.revokeToken(parse(TokenOnly, body).token) ? nothing : missing('token')),
  },
  {
    method: 'PUT',
    path: '/stock',
    does: '{"location": "…", "instanceType": "…", "count": 3}: machines that exist, rented ones included',
    run: ({ world }, { body }) => {
      const { location, instanceType, count } = parse(Stock, body);
      world.setStock(location, instanceType, count);
      return nothing;
    },
  },
  {
    method: 'POST',
    path: '/servers/{uuid}/release',
    does: "releases a server behind the operator's back",
    run: ({ world, clock }, { name }) => withUuid(name, (uuid) => world.release(clock.now(), uuid)),
  },
  {
    method: 'PUT',
    path: '/servers/{uuid}/status',
    does: '{"status": "failed", "message": "…"}: sets any status; the delivery under way ends',
    run: ({ world, clock }, { name, body }) => {
      const { status, message } = parse(Status, body);
      return withUuid(name, (uuid) => world.setStatus(clock.now(), uuid, status, message));
    },
  },
];

const TimeScale = z.strictObject({ timeScale: z.number().positive() });
const Token = z.strictObject({ account: z.string().min(1).default('default'), token: z.string().min(1) });
const TokenOnly = z.strictObject({ token: z.string().min(1) });
const Stock = z.strictObject({ location: z.string(), instanceType: z.string(), count: z.int().nonnegative() });
const Status = z.strictObject({ status: z.string().min(1), message: z.string().default('') });

function stateOf({ world, clock }: Simulation): object {
  world.advance(clock.now());
  const { seed, delivery, release, visibility, manners } = world.config;
  return {
    now: formatInstant(world.now),
    settings: { seed, timeScale: world.timeScale, delivery, release, visibility, manners },
    servers: world.servers().map(({ location, instanceType, ...row }) => ({
      ...row,
      location: location.name,
      instanceType: instanceType.name,
    })),
    faults: world.faults,
  };
}

function withUuid(text: string, change: (uuid: ServerUuid) => boolean): AdminReply {
  const uuid = parseServerUuid(text);
  return uuid !== undefined && change(uuid) ? nothing : missing('server that this can be done to');
}

/** One rule or a list of them. No union: its complaints would name no key. */
const faultRules = (body: string): readonly FaultRule[] =>
  Array.isArray(json(body)) ? parse(z.array(FaultRule), body) : [parse(FaultRule, body)];

function parse<T>(schema: z.ZodType<T>, body: string): T {
  const parsed = schema.safeParse(json(body));
  if (!parsed.success) throw new ScenarioError(describe('body', parsed.error.issues));
  return parsed.data;
}

function json(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new ScenarioError(`body is no JSON: ${error.message}`, { cause: error });
  }
}

/** What stands for `{…}` in the path; empty when the pattern has none; undefined when the path does not fit. */
function rest(pattern: string, path: string): string | undefined {
  const open = pattern.indexOf('{');
  if (open === -1) return path === pattern ? '' : undefined;
  const head = pattern.slice(0, open);
  const tail = pattern.slice(pattern.indexOf('}') + 1);
  const name = path.slice(head.length, path.length - tail.length);
  const fits = path.startsWith(head) && path.endsWith(tail) && name !== '' && !name.includes('/');
  return fits ? decoded(name) : undefined;
}

/** A name that is malformed names nothing. */
function decoded(name: string): string | undefined {
  try {
    return decodeURIComponent(name);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
