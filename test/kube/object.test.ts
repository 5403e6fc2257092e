import { expect, test } from 'vitest';
import { keyOf, readKubeObject, trimObject } from '../../src/kube/object.ts';
import { aServer, anObject } from './support/objects.ts';

test('unknown fields are kept, so that an object can be written back whole', () => {
  const raw = { ...aServer({ metadata: { futureField: { a: 1 } } }), futureRoot: [1] };
  expect(readKubeObject(raw)).toEqual(raw);
});

test('an item of a list without a type gets the type of the list', () => {
  const { apiVersion: _apiVersion, kind: _kind, ...item } = aServer();
  expect(readKubeObject(item)).toBeUndefined();
  expect(readKubeObject(item, { apiVersion: 'v1', kind: 'Thing' })).toEqual({
    ...item,
    apiVersion: 'v1',
    kind: 'Thing',
  });
});

test.each<[string, unknown]>([
  ['no object', 'text'],
  ['null', null],
  ['a list', [aServer()]],
  ['no metadata', { apiVersion: 'v1', kind: 'Thing' }],
  ['no name', aServer({ metadata: { name: undefined } })],
  ['no uid', aServer({ metadata: { uid: '' } })],
  ['a uid that is no uid', aServer({ uid: 'a b' })],
  ['no version', aServer({ metadata: { resourceVersion: undefined } })],
  ['finalizers that are no texts', aServer({ metadata: { finalizers: [1] } })],
  ['annotations that are no texts', aServer({ metadata: { annotations: { a: 1 } } })],
])('what is no stored object: %s', (_name, raw) => {
  expect(readKubeObject(raw)).toBeUndefined();
});

test('trimming leaves out managedFields and the last applied manifest, nothing else', () => {
  const annotations = { 'flexmetal.i3d.net/order': 'ours' };
  const full = anObject({
    metadata: {
      managedFields: [{ manager: 'kubectl' }],
      annotations: { ...annotations, 'kubectl.kubernetes.io/last-applied-configuration': '{"big":true}' },
    },
  });
  expect(trimObject(full)).toEqual(anObject({ metadata: { annotations } }));
  expect(trimObject(anObject())).toEqual(anObject());
});

test('the key of an object with and without a namespace', () => {
  expect(keyOf(anObject())).toBe('games/web-1');
  expect(keyOf(anObject({ metadata: { namespace: undefined } }))).toBe('/web-1');
});
