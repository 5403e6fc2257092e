import { normalName } from './catalogue.ts';
import type { WorldConfig } from './config.ts';
import type { ServerRow, WorldState } from './world-state.ts';
import { holdsMachine, placeKey } from './world-state.ts';

/** A type at a location, by name. */
export interface Place {
  readonly location: string;
  readonly instanceType: string;
}

type Contract = WorldConfig['contracts'][number];

/** Machines that can still be ordered, by anybody. */
export const stockLeft = (state: WorldState, place: Place): number =>
  (state.stock.get(placeKey(place.location, place.instanceType)) ?? state.config.defaultStock) -
  count(state, (row) => isAt(row, place));

export const quotaOf = (state: WorldState, account: string, place: Place): number =>
  state.config.quotas.find((entry) => entry.account === account && samePlace(entry, place))?.quota ??
  state.config.defaultQuota;

export const usageOnDemand = (state: WorldState, account: string, place: Place): number =>
  count(state, (row) => row.account === account && row.contractId === '' && isAt(row, place));

export const contractOf = (
  state: WorldState,
  account: string,
  contractId: string,
  place: Place,
): Contract | undefined =>
  state.config.contracts.find(
    (entry) => entry.account === account && entry.contractId === contractId && samePlace(entry, place),
  );

export const contractInUse = (state: WorldState, account: string, contractId: string, place: Place): number =>
  count(state, (row) => row.account === account && row.contractId === contractId && isAt(row, place));

function count(state: WorldState, counts: (row: ServerRow) => boolean): number {
  let total = 0;
  for (const row of state.servers.values()) if (holdsMachine(row) && counts(row)) total += 1;
  return total;
}

const isAt = (row: ServerRow, place: Place): boolean =>
  row.location.name === place.location && row.instanceType.name === place.instanceType;

const samePlace = (left: Place, right: Place): boolean =>
  normalName(left.location) === normalName(right.location) &&
  normalName(left.instanceType) === normalName(right.instanceType);
