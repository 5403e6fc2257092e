import type { Instant } from '../../src/base/time.ts';
import { instant } from '../../src/base/time.ts';
import { parseServerUuid } from '../../src/base/ids.ts';
import type { ServerUuid } from '../../src/base/ids.ts';
import type { WorldConfigInput } from '../../src/simulator/config.ts';
import { DEFAULT_TOKEN } from '../../src/simulator/config.ts';
import { readScenario } from '../../src/simulator/scenario.ts';
import type { SimulatedReply, SimulatedRequest } from '../../src/simulator/world.ts';
import { World } from '../../src/simulator/world.ts';

/** When simulated worlds begin: 2026-11-24T20:00:00Z, as the virtual clock does. */
export const WORLD_START = instant(Date.UTC(2026, 10, 24, 20, 0, 0));

export const A_PUBLIC_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJx8 someone@example.com';

export const AN_ORDER = {
  name: 'web-1',
  location: 'EU: Rotterdam',
  instanceType: 'bm7.std.8',
  os: { slug: 'ubuntu-2404-lts' },
  sshKey: [A_PUBLIC_KEY],
  tags: ['team:web'],
} as const;

/** A world with a hand on its clock, for tests that speak to it as a caller of the API. */
export class WorldTester {
  readonly world: World;
  #now: Instant;
  token = DEFAULT_TOKEN;

  constructor(world: World, now: Instant = WORLD_START) {
    this.world = world;
    this.#now = now;
  }

  get now(): Instant {
    return this.#now;
  }

  pass(ms: number): this {
    this.#now = instant(this.#now + ms);
    this.world.advance(this.#now);
    return this;
  }

  /** An independent tester on a copy of the world. */
  fork(): WorldTester {
    return new WorldTester(this.world.copy(), this.#now);
  }

  request(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): SimulatedRequest {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return {
      method,
      path,
      headers: { 'private-token': this.token, ...headers },
      ...(body === undefined ? {} : { body: text }),
    };
  }

  send(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): SimulatedReply {
    return this.world.apply(this.#now, this.request(method, path, body, headers));
  }

  /** Orders a server and gives its uuid. */
  order(overrides: Readonly<Record<string, unknown>> = {}): ServerUuid {
    const reply = this.send('POST', '/v3/flexMetal/servers', { ...AN_ORDER, ...overrides });
    const [server] = json(reply);
    const uuid = parseServerUuid(String(server?.['uuid']));
    if (uuid === undefined) throw new Error(`no server was ordered: ${reply.status} ${reply.body}`);
    return uuid;
  }

  get(uuid: string): Readonly<Record<string, unknown>> {
    const [server] = json(this.send('GET', `/v3/flexMetal/servers/${uuid}`));
    if (server === undefined) throw new Error(`there is no server ${uuid}`);
    return server;
  }

  /** The uuids of one page. */
  list(query = '', range?: string): readonly string[] {
    const reply = this.send(
      'GET',
      `/v3/flexMetal/servers${query}`,
      undefined,
      range === undefined ? {} : { 'ranged-data': range },
    );
    return json(reply).map((server) => String(server['uuid']));
  }
}

export const aWorld = (config: WorldConfigInput = {}): WorldTester =>
  new WorldTester(World.start(readScenario(config), WORLD_START));

/** The objects of a reply, one or a list. */
export function json(reply: { readonly body: string }): readonly Readonly<Record<string, unknown>>[] {
  const value: unknown = JSON.parse(reply.body);
  return (Array.isArray(value) ? value : [value]).map((item) => ({ ...Object(item) }));
}
