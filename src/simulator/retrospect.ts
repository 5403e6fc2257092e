import type { ServerUuid } from '../base/ids.ts';
import type { Instant } from '../base/time.ts';
import type { Cause } from './history.ts';
import type { WorldState } from './world-state.ts';

/** One server from its order to its end. It may cost money from `orderedAt` until `endedAt`. */
export interface ServerLife {
  readonly uuid: ServerUuid;
  readonly account: string;
  readonly name: string;
  /** The tags it has, and every tag it ever had. */
  readonly tags: readonly string[];
  readonly tagsEver: readonly string[];
  readonly orderedAt: Instant;
  /** The id of the POST's request. */
  readonly orderedBy: string;
  readonly deliveredAt: Instant | undefined;
  /** From here on it is not live any more, though not yet gone. */
  readonly releasingAt: Instant | undefined;
  readonly releasedBy: Cause | undefined;
  /** Released or failed. */
  readonly endedAt: Instant | undefined;
  readonly end: 'released' | 'failed' | undefined;
}

/** One order that arrived. */
export interface OrderSeen {
  readonly requestId: string;
  readonly at: Instant;
  readonly account: string;
  readonly name: string | undefined;
  readonly tags: readonly string[];
  readonly faultId: string | undefined;
  readonly commit: 'now' | 'never' | 'later';
  /** The true status once it took effect; undefined when it has not or never will. */
  readonly status: number | undefined;
  /** The server that came of it. */
  readonly uuid: ServerUuid | undefined;
}

export const livesOf = (state: WorldState): readonly ServerLife[] =>
  [...state.servers.values()].map((row) => ({
    uuid: row.uuid,
    account: row.account,
    name: row.name,
    tags: row.tags,
    tagsEver: row.tagsEver,
    orderedAt: row.orderedAt,
    orderedBy: row.orderedBy,
    deliveredAt: row.deliveredAt,
    releasingAt: row.releasingAt,
    releasedBy: row.releasedBy,
    endedAt: row.releasedAt ?? row.failedAt,
    end: endOf(row.releasedAt, row.failedAt),
  }));

export function ordersOf(state: WorldState): readonly OrderSeen[] {
  const uuids = new Map([...state.servers.values()].map((row) => [row.orderedBy, row.uuid]));
  const statuses = new Map<string, number>();
  for (const entry of state.history.entries) if (entry.kind === 'answered') statuses.set(entry.requestId, entry.status);
  return state.history.entries
    .filter((entry) => entry.kind === 'request')
    .filter((entry) => entry.operation === 'createFlexMetalServer')
    .map(({ requestId, at, account, name, tags, faultId, commit }) => {
      return {
        requestId,
        at,
        account,
        name,
        tags,
        faultId,
        commit,
        status: statuses.get(requestId),
        uuid: uuids.get(requestId),
      };
    });
}

function endOf(releasedAt: Instant | undefined, failedAt: Instant | undefined): ServerLife['end'] {
  if (releasedAt !== undefined) return 'released';
  return failedAt === undefined ? undefined : 'failed';
}
