import { describe, expect, test } from 'vitest';
import { AN_ORDER, aWorld, json } from '../support/simulated-world.ts';
import type { WorldTester } from '../support/simulated-world.ts';

const PLACE = { location: AN_ORDER.location, instanceType: AN_ORDER.instanceType };
const CONTRACT = { ...PLACE, contractId: 'C-1', capacity: 1 };

const tryToOrder = (tester: WorldTester, overrides: object = {}): number =>
  tester.send('POST', '/v3/flexMetal/servers', { ...AN_ORDER, ...overrides }).status;

describe('stock', () => {
  test('runs out, and comes back with a release', () => {
    const tester = aWorld({ stock: [{ ...PLACE, count: 2 }] });
    const uuid = tester.order();
    expect([tryToOrder(tester), tryToOrder(tester)]).toEqual([200, 422]);
    expect(tryToOrder(tester, { instanceType: 'bm8.std.32' })).toBe(200);
    tester.send('DELETE', `/v3/flexMetal/servers/${uuid}`);
    expect(tryToOrder(tester)).toBe(422);
    tester.pass(5_000);
    expect(tryToOrder(tester)).toBe(200);
  });

  test('can be added', () => {
    const tester = aWorld({ stock: [{ ...PLACE, count: 0 }] });
    expect(tryToOrder(tester)).toBe(422);
    tester.world.setStock('eu: rotterdam', 'BM7.STD.8', 1);
    expect(tryToOrder(tester)).toBe(200);
  });

  test('that is out can show as a failed server', () => {
    const tester = aWorld({ defaultStock: 0, manners: { outOfStock: 'fail' } });
    const uuid = tester.order();
    tester.pass(900_000);
    expect(tester.get(uuid)).toMatchObject({ status: 'failed', statusMessage: 'no machine of this type is left' });
  });
});

describe('quota', () => {
  test('is counted for each account, and freed by failed servers', () => {
    const tester = aWorld({
      quotas: [{ ...PLACE, quota: 1 }],
      tokens: [{ token: 'simulator-token' }, { token: 'theirs', account: 'other' }],
      faults: [{ match: { nth: 1, operation: 'createFlexMetalServer' }, do: { delivery: { kind: 'fails' } } }],
    });
    expect([tryToOrder(tester), tryToOrder(tester)]).toEqual([200, 422]);
    tester.token = 'theirs';
    expect(tryToOrder(tester)).toBe(200);
    tester.token = 'simulator-token';
    tester.pass(900_000);
    expect(tryToOrder(tester)).toBe(200);
  });

  test('is shown with its usage', () => {
    const tester = aWorld({ quotas: [{ ...PLACE, quota: 3 }], contracts: [CONTRACT] });
    tester.order();
    tester.order({ contractId: 'C-1' });
    const rotterdam = json(tester.send('GET', '/v3/flexMetal/quota/usage')).find((entry) =>
      JSON.stringify(entry['location']).includes('Rotterdam'),
    );
    expect(rotterdam?.['quotaUsage']).toEqual(
      expect.arrayContaining([
        { instanceType: { id: 128, name: 'bm7.std.8' }, quotaType: 'onDemand', contractId: '', quota: 3, usage: 1 },
        { instanceType: { id: 128, name: 'bm7.std.8' }, quotaType: 'commit', contractId: 'C-1', quota: 1, usage: 1 },
      ]),
    );
  });
});

describe('a contract', () => {
  test('is used up, and overflows to on-demand only when allowed', () => {
    const tester = aWorld({ contracts: [CONTRACT] });
    const committed = tester.order({ contractId: 'C-1' });
    expect(tryToOrder(tester, { contractId: 'C-1' })).toBe(422);
    const overflown = tester.order({ contractId: 'C-1', overflow: true });
    expect([tester.get(committed)['contractId'], tester.get(overflown)['contractId']]).toEqual(['C-1', '']);
  });

  test('overflows no further than the quota', () => {
    const tester = aWorld({ contracts: [CONTRACT], quotas: [{ ...PLACE, quota: 0 }] });
    tester.order({ contractId: 'C-1' });
    expect(tryToOrder(tester, { contractId: 'C-1', overflow: true })).toBe(422);
  });

  test('is shown with what is in use', () => {
    const tester = aWorld({ contracts: [CONTRACT] });
    tester.order({ contractId: 'C-1' });
    expect(json(tester.send('GET', '/v3/flexMetal/capacity/commit'))).toMatchObject([
      {
        location: { name: PLACE.location },
        commits: [{ instanceType: { name: PLACE.instanceType }, capacity: 1, inUse: 1 }],
      },
    ]);
  });

  test('holds at its own place only', () => {
    expect(tryToOrder(aWorld({ contracts: [CONTRACT] }), { contractId: 'C-1', instanceType: 'bm8.std.32' })).toBe(422);
  });
});
