import { expect, test } from 'vitest';
import { objectKey } from '../../src/base/ids.ts';
import { ObjectStore } from '../../src/kube/store.ts';
import { anObject } from './support/objects.ts';

const key = objectKey('games', 'web-1');

function setUp() {
  const errors: unknown[] = [];
  const store = new ObjectStore((error, at) => errors.push([at, error]));
  const seen: string[] = [];
  store.onEvent((event) => {
    const before =
      event.kind === 'upserted' && event.previous !== undefined
        ? ` after ${event.previous.metadata.resourceVersion}`
        : '';
    seen.push(`${event.kind} ${event.object.metadata.uid} ${event.object.metadata.resourceVersion}${before}`);
  });
  return { store, seen, errors };
}

test('a new object, a change, the same version again, and its end', () => {
  const { store, seen } = setUp();
  store.upsert(anObject({ version: '1' }));
  store.upsert(anObject({ version: '2' }));
  store.upsert(anObject({ version: '2' }));
  expect(store.get(key)).toEqual(anObject({ version: '2' }));
  expect(store.getByUid(anObject().metadata.uid)).toEqual(anObject({ version: '2' }));
  store.remove(anObject({ version: '3' }));
  expect(seen).toEqual(['upserted uid-web-1 1', 'upserted uid-web-1 2 after 1', 'deleted uid-web-1 3']);
  expect([store.size, store.get(key), store.getByUid(anObject().metadata.uid), store.list(), store.keys()]).toEqual([
    0,
    undefined,
    undefined,
    [],
    [],
  ]);
});

test('another object of the same name: the old one is told as deleted, then the new one as new', () => {
  const { store, seen } = setUp();
  store.upsert(anObject({ uid: 'old', version: '1' }));
  store.upsert(anObject({ uid: 'new', version: '2' }));
  expect(seen).toEqual(['upserted old 1', 'deleted old 1', 'upserted new 2']);
  expect(store.size).toBe(1);
  expect(store.getByUid(anObject({ uid: 'old' }).metadata.uid)).toBeUndefined();
});

test('the end of an object that is not the one at its key takes nothing away', () => {
  const { store, seen } = setUp();
  store.upsert(anObject({ uid: 'new', version: '2' }));
  store.remove(anObject({ uid: 'old', version: '3' }));
  expect(seen).toEqual(['upserted new 2']);
  expect(store.size).toBe(1);
});

test('handlers see the store as it is after the change', () => {
  const { store } = setUp();
  const sizes: number[] = [];
  store.onEvent(() => sizes.push(store.size));
  store.upsert(anObject());
  store.remove(anObject());
  expect(sizes).toEqual([1, 0]);
});

test('a handler that throws is reported; the others hear of it all the same', () => {
  const errors: unknown[] = [];
  const store = new ObjectStore((error, at) => errors.push([at, error]));
  const bug = new Error('a bug');
  const heard: string[] = [];
  store.onEvent(() => {
    throw bug;
  });
  store.onEvent((event) => heard.push(event.key));
  store.upsert(anObject());
  expect(heard).toEqual([key]);
  expect(errors).toEqual([[key, bug]]);
});

test('a handler can leave', () => {
  const { store } = setUp();
  let heard = 0;
  const leave = store.onEvent(() => (heard += 1));
  store.upsert(anObject({ version: '1' }));
  leave();
  store.upsert(anObject({ version: '2' }));
  expect(heard).toBe(1);
});
