import { expect, test } from 'vitest';
import { readServerViews } from '../../../scripts/demo/server-view.ts';
import { lineOf, tableOf } from '../../../scripts/demo/table.ts';

const object = (name: string, status?: unknown): unknown => ({
  metadata: { name, uid: `uid-of-${name}` },
  spec: { instanceType: 'bm7.std.8', location: 'EU: Rotterdam' },
  ...(status === undefined ? {} : { status }),
});

const READY = {
  conditions: [
    { type: 'Ordered', status: 'True', reason: 'Ordered' },
    { type: 'Ready', status: 'True', reason: 'Ready', message: '' },
  ],
  deliveryStatus: 'delivered',
  addresses: [{ type: 'ExternalIP', address: '198.18.0.1' }],
};

const views = readServerViews({ items: [object('ubuntu', READY), object('an-other')] });

test('the table is sorted, aligned, and has a dash where there is nothing yet', () => {
  expect(tableOf(views)).toEqual([
    'NAME       READY     REASON   STATUS      TYPE        LOCATION        IP',
    'an-other   Unknown   -        -           bm7.std.8   EU: Rotterdam   -',
    'ubuntu     True      Ready    delivered   bm7.std.8   EU: Rotterdam   198.18.0.1',
  ]);
});

test('a line says what is known and nothing else', () => {
  expect(views.map(lineOf)).toEqual(['an-other  Ready=Unknown', 'ubuntu  Ready=True  Ready  delivered  198.18.0.1']);
});

test('an object that is being deleted says so', () => {
  const [view] = readServerViews({
    items: [
      {
        metadata: { name: 'a', uid: 'u', deletionTimestamp: '2026-11-24T20:00:00Z' },
        spec: { instanceType: 't', location: 'l' },
      },
    ],
  });
  expect(view === undefined ? '' : lineOf(view)).toBe('a  deleting');
});
