import { request } from 'undici';
import * as z from 'zod';
import type { Weather } from './weather.ts';

/** The simulator, past its API. */
export class Vendor {
  readonly #url: string;
  readonly #hits = new Map<string, number>();

  constructor(url: string) {
    this.#url = url;
  }

  /** Replaces the weather. */
  async setWeather(weather: Weather): Promise<void> {
    await this.#countHits();
    await this.#call('DELETE', '/faults');
    if (weather.length > 0) await this.#call('POST', '/faults', weather);
  }

  /** Requests that went wrong so far, by fault. */
  async faultHits(): Promise<Readonly<Record<string, number>>> {
    await this.#countHits();
    await this.#call('DELETE', '/faults');
    return Object.fromEntries([...this.#hits].toSorted(([left], [right]) => left.localeCompare(right)));
  }

  /** The only token that is good from now on. */
  async setToken(token: string): Promise<void> {
    await this.#call('PUT', '/token', { token });
  }

  /** Releases a server behind the operator's back. @returns false when there is no such server to be released */
  async releaseBehindTheBack(uuid: string): Promise<boolean> {
    return (await this.#reply('POST', `/servers/${uuid}/release`)).status === 204;
  }

  /** Orders a server through the API itself, as another user of the account does. */
  async orderAsSomebodyElse(token: string, order: object): Promise<void> {
    const reply = await request(`${this.#url}/v3/flexMetal/servers`, {
      method: 'POST',
      headers: { 'private-token': token, 'content-type': 'application/json' },
      body: JSON.stringify(order),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await reply.body.text();
    if (reply.statusCode > 299) throw new Error(`the simulator refused an order: ${reply.statusCode} ${text}`);
  }

  /** All that ever happened, oldest first. Throws when the oldest of it is no longer held. */
  async history(): Promise<readonly HistoryEntry[]> {
    const entries: HistoryEntry[] = [];
    for (let after = 0; ;) {
      const page = HistoryPage.parse(await this.#call('GET', `/history?after=${after}`));
      if (page.dropped > 0)
        throw new Error('the simulator has forgotten the beginning of its history; make the soak shorter');
      const last = page.entries.at(-1);
      if (last === undefined) return entries;
      entries.push(...page.entries);
      after = last.seq;
    }
  }

  /** Requests that arrived, of all sorts. */
  async calls(): Promise<number> {
    const counts = z.record(z.string(), z.number()).parse(await this.#call('GET', '/calls'));
    return Object.values(counts).reduce((total, count) => total + count, 0);
  }

  async #countHits(): Promise<void> {
    for (const { id, hits } of Rules.parse(await this.#call('GET', '/faults')))
      if (hits > 0) this.#hits.set(id, (this.#hits.get(id) ?? 0) + hits);
  }

  async #call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<unknown> {
    const { status, text } = await this.#reply(method, path, body);
    if (status > 299) throw new Error(`the simulator answered ${status} to ${method} ${path}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  async #reply(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown) {
    const reply = await request(`${this.#url}/__sim${path}`, {
      method,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: reply.statusCode, text: await reply.body.text() };
  }
}

/** It shares the machine with everything else. */
const TIMEOUT_MS = 60_000;

const Rules = z.array(z.object({ id: z.string(), hits: z.number() }));

const Entry = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('request'),
    requestId: z.string(),
    operation: z.string(),
    path: z.string(),
    tags: z.array(z.string()),
  }),
  z.object({ kind: z.literal('answered'), requestId: z.string(), operation: z.string(), status: z.number() }),
  z.object({ kind: z.literal('ordered'), requestId: z.string(), uuid: z.string(), tags: z.array(z.string()) }),
  z.object({
    kind: z.literal('status'),
    uuid: z.string(),
    to: z.string(),
    cause: z.object({ kind: z.enum(['request', 'delivery', 'admin']) }),
  }),
  z.object({ kind: z.literal('addresses'), uuid: z.string() }),
  z.object({ kind: z.literal('tags'), uuid: z.string(), tags: z.array(z.string()) }),
]);

const HistoryPage = z.object({
  dropped: z.number(),
  /** `at`: Unix milliseconds, of this machine's clock. */
  entries: z.array(z.intersection(z.object({ seq: z.number(), at: z.number() }), Entry)),
});

/** One thing that happened at the vendor. */
export type HistoryEntry = z.infer<typeof HistoryPage>['entries'][number];
