import { request } from 'undici';
import * as z from 'zod';

/** What the simulator says really happened at the vendor's side, past anything the operator believes. */
export interface VendorFacts {
  readonly servers: readonly VendorServer[];
  /** Tags of every order that took effect, in order. */
  readonly orders: readonly (readonly string[])[];
  /** Calls so far, by route. */
  readonly calls: Readonly<Record<string, number>>;
}

export interface VendorServer {
  readonly uuid: string;
  readonly name: string;
  readonly status: string;
  readonly tags: readonly string[];
}

const State = z.object({
  servers: z.array(z.object({ uuid: z.string(), name: z.string(), status: z.string(), tags: z.array(z.string()) })),
});
const HistoryPage = z.object({
  entries: z.array(z.object({ seq: z.number(), kind: z.string(), tags: z.array(z.string()).optional() })),
});
const Calls = z.record(z.string(), z.number());

/** Asks the simulator's admin endpoint. Throws when it does not answer. */
export async function readVendorFacts(url: string): Promise<VendorFacts> {
  const [state, orders, calls] = await Promise.all([
    read(`${url}/__sim/state`, State),
    readOrders(url),
    read(`${url}/__sim/calls`, Calls),
  ]);
  return { servers: state.servers, orders, calls };
}

/** The history comes in pages; an empty one is the end. */
async function readOrders(url: string): Promise<readonly (readonly string[])[]> {
  const orders: (readonly string[])[] = [];
  for (let after = 0; ;) {
    const { entries } = await read(`${url}/__sim/history?after=${after}`, HistoryPage);
    const last = entries.at(-1);
    if (last === undefined) return orders;
    orders.push(...entries.filter(({ kind }) => kind === 'ordered').map(({ tags }) => tags ?? []));
    after = last.seq;
  }
}

async function read<T>(url: string, schema: z.ZodType<T>): Promise<T> {
  const reply = await request(url, { signal: AbortSignal.timeout(10_000) });
  const body = await reply.body.text();
  if (reply.statusCode !== 200) throw new Error(`${url} answered ${reply.statusCode}: ${body}`);
  return schema.parse(JSON.parse(body));
}
