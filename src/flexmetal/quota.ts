import type { OrderRequest } from '../core/model/order-request.ts';
import { sameName } from '../core/model/server-record.ts';
import type { QuotaUsage } from './wire.ts';

/**
 * Whether every quota that this order could draw on is known and used up: the contract's where one is named, and the on-demand quota where
 * none is named or the order may overflow. Unknown quotas explain nothing.
 */
export function isUsedUp(order: OrderRequest, quotas: readonly QuotaUsage[]): boolean {
  const here = quotas.filter(
    (quota) => sameName(quota.location, order.location) && sameName(quota.instanceType, order.instanceType),
  );
  const contract = order.contractId ?? '';
  const sources: readonly (readonly QuotaUsage[])[] = [
    ...(contract === '' ? [] : [here.filter((quota) => sameName(quota.contractId, contract))]),
    ...(contract === '' || order.overflow ? [here.filter(isOnDemand)] : []),
  ];
  return sources.every((source) => source.length > 0 && source.every(({ quota, usage }) => usage >= quota));
}

const isOnDemand = (quota: QuotaUsage): boolean => sameName(quota.quotaType, 'onDemand') && quota.contractId === '';
