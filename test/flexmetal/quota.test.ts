import { describe, expect, test } from 'vitest';
import type { OrderRequest } from '../../src/core/model/order-request.ts';
import { isUsedUp } from '../../src/flexmetal/quota.ts';
import type { QuotaUsage } from '../../src/flexmetal/wire.ts';
import { order } from './support/faulty-server.ts';

const quota = (changes: Partial<QuotaUsage> = {}): QuotaUsage => ({
  location: 'EU: Rotterdam',
  instanceType: 'bm7.std.8',
  quotaType: 'onDemand',
  contractId: '',
  quota: 5,
  usage: 5,
  ...changes,
});
const commit = (changes: Partial<QuotaUsage> = {}): QuotaUsage =>
  quota({ quotaType: 'commit', contractId: 'PO-1', ...changes });

describe('the quota of an order is used up', () => {
  test.each<[string, boolean, Partial<OrderRequest>, readonly QuotaUsage[]]>([
    ['when as many are in use as may be', true, {}, [quota()]],
    ['when more are in use than may be', true, {}, [quota({ usage: 6 })]],
    [
      'whatever the spelling of the names',
      true,
      {},
      [quota({ location: ' eu:  rotterdam', instanceType: 'BM7.STD.8' })],
    ],
    ['not while one is left', false, {}, [quota({ usage: 4 })]],
    ['not when nothing is known', false, {}, []],
    ['not by another place', false, {}, [quota({ location: 'JP: Tokyo' })]],
    ['not by another type', false, {}, [quota({ instanceType: 'bm8.std.32' })]],
    ['not by a contract that it does not name', false, {}, [commit()]],
    ['by the contract that it names', true, { contractId: 'PO-1' }, [commit(), quota({ usage: 0 })]],
    ['not by another contract', false, { contractId: 'PO-1' }, [commit({ contractId: 'PO-2' })]],
    [
      'not by the contract while it may overflow',
      false,
      { contractId: 'PO-1', overflow: true },
      [commit(), quota({ usage: 4 })],
    ],
    ['by both when it may overflow', true, { contractId: 'PO-1', overflow: true }, [commit(), quota()]],
  ])('%s', (_name, expected, changes, quotas) => {
    expect(isUsedUp(order(changes), quotas)).toBe(expected);
  });
});
