import { request } from 'undici';
import * as z from 'zod';

const HistoryPage = z.object({
  entries: z.array(
    z.object({
      seq: z.number(),
      at: z.number(),
      kind: z.string(),
      operation: z.string().optional(),
      name: z.string().optional(),
    }),
  ),
});
const Calls = z.record(z.string(), z.number());

export type HistoryEntry = z.infer<typeof HistoryPage>['entries'][number];

/** What happened at the simulator after the entry `after`, a page of it. Its times are Unix milliseconds. */
export async function readHistory(url: string, after: number): Promise<readonly HistoryEntry[]> {
  return HistoryPage.parse(await json(`${url}/__sim/history?after=${after}`)).entries;
}

/** Calls that arrived so far, by route. */
export async function readCalls(url: string): Promise<Readonly<Record<string, number>>> {
  return Calls.parse(await json(`${url}/__sim/calls`));
}

async function json(url: string): Promise<unknown> {
  const reply = await request(url, { signal: AbortSignal.timeout(10_000) });
  return reply.body.json();
}
