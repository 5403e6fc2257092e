import { expect, test } from 'vitest';
import { Fleet } from '../../../scripts/soak/fleet.ts';
import { parseObject } from '../../../scripts/soak/objects.ts';
import type { Rest } from '../../../test/support/cluster/rest.ts';

const object = (name: string) => parseObject({ metadata: { name, uid: `uid-${name}` } });

/** An API server whose list is as it says when the question comes. */
function aFleet() {
  let listed: readonly string[] = [];
  let onTheWay: () => void = () => undefined;
  const none = () => Promise.reject(new Error('only lists are asked for'));
  const rest: Rest = {
    url: '',
    context: '',
    request: none,
    close: none,
    must: async () => {
      const items = listed.map(object);
      onTheWay();
      return { items };
    },
  };
  const fleet = new Fleet(rest, 'soak');
  return {
    fleet,
    look: (names: readonly string[], meanwhile: () => void = () => undefined) => {
      listed = names;
      onTheWay = meanwhile;
      return fleet.look();
    },
    record: (name: string) => fleet.records.get(`uid-${name}`),
  };
}

test('an object that a later list no longer has is gone', async () => {
  const { look, record } = aFleet();
  await look(['a', 'b']);
  expect(record('a')?.goneBy).toBeUndefined();
  const before = Date.now();
  await look(['b']);
  expect(record('a')?.goneBy).toBeGreaterThanOrEqual(before);
  expect(record('b')?.goneBy).toBeUndefined();
});

test('an object that is created while the list is on its way is not gone', async () => {
  const { fleet, look, record } = aFleet();
  await look(['a'], () => fleet.created(object('new')));
  expect(record('new')).toEqual({ uid: 'uid-new', name: 'new', deleteAskedAt: undefined, goneBy: undefined });
});

test('the first DELETE counts, and what is deleted is wanted no more until a list says otherwise', async () => {
  const { fleet, look, record } = aFleet();
  await look(['a', 'b']);
  fleet.deleting(object('a'));
  const first = record('a')?.deleteAskedAt;
  expect(first).toBeDefined();
  expect(fleet.wanted.map(({ metadata }) => metadata.name)).toEqual(['b']);
  await look(['a', 'b']);
  expect(fleet.wanted).toHaveLength(2);
  fleet.deleting(object('a'));
  expect(record('a')?.deleteAskedAt).toBe(first);
});
