import type { Instant } from '../base/time.ts';
import { addMillis } from '../base/time.ts';
import { instanceTypeId, normalName } from './catalogue.ts';
import type { ServerRow, WorldState } from './world-state.ts';

/** The JSON text of a server as the API shows it at `now`. */
export function renderServer(state: WorldState, row: ServerRow, now: Instant): string {
  const tagsShown = now >= addMillis(row.orderedAt, state.config.manners.orderTagsAfter);
  const cached = tagsShown ? CACHE.get(row) : undefined;
  if (cached !== undefined) return cached;
  const text = JSON.stringify(serverBody(state, row, tagsShown ? row.tags : []));
  if (tagsShown) CACHE.set(row, text);
  return text;
}

/** Rows never change, so their text does not either. */
const CACHE = new WeakMap<ServerRow, string>();

/** The server as an object, for replies that hold it among other things. */
export function serverBody(state: WorldState, row: ServerRow, tags: readonly string[] = row.tags): object {
  const { manners, catalogue } = state.config;
  return {
    uuid: row.uuid,
    name: manners.normaliseNames ? normalName(row.name) : row.name,
    status: row.status,
    statusMessage: row.statusMessage === '' ? QUIET[manners.quietMessage] : row.statusMessage,
    location: { id: row.location.id, name: row.location.name },
    instanceType: { id: instanceTypeId(catalogue, row.location, row.instanceType), name: row.instanceType.name },
    os: { slug: row.osSlug },
    ipAddresses: row.addresses.map((ipAddress) => ({ ipAddress })),
    tags,
    createdAt: unixSeconds(state.apiTime(row.orderedAt)),
    ...timeField('deliveredAt', state, row.deliveredAt),
    ...timeField('releasedAt', state, row.releasedAt),
    contractId: row.contractId,
  };
}

export const unixSeconds = (at: Instant): number => Math.floor(at / 1_000);

const QUIET = { OK: 'OK', empty: '', null: null } as const;

function timeField(name: string, state: WorldState, at: Instant | undefined): object {
  if (at !== undefined) return { [name]: unixSeconds(state.apiTime(at)) };
  const unset = state.config.manners.unsetTimes;
  if (unset === 'missing') return {};
  return { [name]: unset === 'null' ? null : 0 };
}

/** Whether the API admits that it has this server, when asked for a list or for the server itself. */
export function isShown(
  state: WorldState,
  row: ServerRow,
  now: Instant,
  where: 'list' | 'single',
  extraLag = 0,
): boolean {
  const { visibility, manners } = state.config;
  const lag = where === 'list' || visibility.appliesTo === 'everything' ? visibility.lag : 0;
  if (now - row.orderedAt < Math.max(lag, extraLag)) return false;
  const endedAt = row.releasedAt ?? row.failedAt;
  return endedAt === undefined || manners.endedVanishAfter === undefined || now - endedAt < manners.endedVanishAfter;
}
