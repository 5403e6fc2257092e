import type { Instant } from '../base/time.ts';
import { addMillis, hours, millis } from '../base/time.ts';
import { findLocation, findTypeAt } from './catalogue.ts';
import type { WorldConfig } from './config.ts';
import { FIRST_STATUS, forceStatus } from './delivery.ts';
import type { ServerRow, WorldState } from './world-state.ts';

/** Puts the servers of the configuration into a world that begins. Nobody's request made them, so none stands in the history. */
export function addFirstServers(state: WorldState, at: Instant): void {
  for (const server of state.config.servers) {
    const row = rowOf(state, server, at);
    if (row === undefined) continue;
    state.servers.set(row.uuid, row);
    for (const tag of row.tags) state.account(row.account).tags.add(tag);
    forceStatus(state, row, 'delivered', '', at);
  }
}

/** Long enough ago that no list lacks them any more. */
const ORDERED_BEFORE = millis(0 - hours(24));

/** undefined for a place that the catalogue lacks; the configuration refuses such a one. */
function rowOf(
  state: WorldState,
  { account, name, location, instanceType, tags }: WorldConfig['servers'][number],
  at: Instant,
): ServerRow | undefined {
  const { catalogue } = state.config;
  const place = findLocation(catalogue, location);
  const type = place === undefined ? undefined : findTypeAt(catalogue, place, instanceType);
  if (place === undefined || type === undefined) return undefined;
  return {
    uuid: state.newUuid(at),
    account,
    name,
    location: place,
    instanceType: type,
    osSlug: catalogue.operatingSystems[0]?.slug ?? '',
    status: FIRST_STATUS,
    statusMessage: '',
    addresses: [],
    tags,
    tagsEver: tags,
    contractId: '',
    orderedAt: addMillis(at, ORDERED_BEFORE),
    deliveredAt: undefined,
    releasingAt: undefined,
    releasedAt: undefined,
    failedAt: undefined,
    orderedBy: '',
    releasedBy: undefined,
    course: 0,
  };
}
