import * as z from 'zod';

const State = z.object({
  servers: z.array(z.object({ uuid: z.string(), name: z.string(), status: z.string(), tags: z.array(z.string()) })),
});
const History = z.object({
  entries: z.array(z.object({ kind: z.string(), operation: z.string().optional(), name: z.string().optional() })),
});

export type SimulatedServer = z.infer<typeof State>['servers'][number];

/** What a simulator that runs elsewhere knows, whatever it told anybody. */
export interface SimulatorTruth {
  /** Servers that exist or existed. */
  servers(): Promise<readonly SimulatedServer[]>;
  /** Names in the orders that arrived, in their order. */
  orders(): Promise<readonly string[]>;
}

export const ORDER = 'createFlexMetalServer';

/** @param ask gets a page of the admin endpoint, `/state` */
export const truthOf = (ask: (page: string) => Promise<unknown>): SimulatorTruth => ({
  servers: async () => State.parse(await ask('/state')).servers,
  orders: async () =>
    History.parse(await ask('/history'))
      .entries.filter(({ kind, operation }) => kind === 'request' && operation === ORDER)
      .map(({ name }) => name ?? ''),
});
