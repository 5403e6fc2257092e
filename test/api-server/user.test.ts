import { describe, expect, test } from 'vitest';
import { fieldsOf, textOf, type JsonObject } from '../support/api-server/json.ts';
import { aSample, SAMPLES } from '../support/api-server/sample.ts';
import { UserRefused } from '../support/api-server/user.ts';
import { aCluster } from './harness.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

describe('apply', () => {
  test('creates, then merges: fields of others stay, own fields that are no longer named go', () => {
    const { user } = aCluster();
    user.apply(aSample('one', { spec: { word: 'abc', tags: ['a'] }, metadata: { labels: { mine: 'yes' } } }));
    user.annotate(aSample('one'), { 'example.com/ledger': 'entry' });
    const object = user.apply(aSample('one', { spec: { tags: ['b'] } }));
    expect(object['spec']).toEqual({ place: 'here', policy: 'Release', timeout: '45m', tags: ['b'] });
    expect(object['metadata']).not.toHaveProperty('labels');
    expect(object['metadata']).toMatchObject({
      annotations: { 'example.com/ledger': 'entry', [LAST_APPLIED]: expect.any(String) },
    });
  });

  test('the same manifest again changes nothing', () => {
    const { server, user } = aCluster();
    user.apply(aSample('one'));
    // The first patch stores the defaults of status; the second finds everything as it is.
    user.apply(aSample('one'));
    const { revision } = server;
    user.apply(aSample('one'));
    expect(server.revision).toBe(revision);
  });

  test('what the server refuses is an error with the reply in it', () => {
    const { user } = aCluster();
    expect(() => user.apply(aSample('one', { spec: { policy: 'Other' } }))).toThrow(UserRefused);
    expect(user.get(aSample('one'))).toBeUndefined();
  });
});

test('replace drops annotations and finalizers that the manifest does not name', () => {
  const { user } = aCluster();
  user.create(aSample('one', { metadata: { annotations: { a: 'b' }, finalizers: ['example.com/hold'] } }));
  const { metadata } = user.replace(aSample('one', { spec: { place: 'there' } }));
  expect(metadata).not.toHaveProperty('annotations');
  expect(metadata).not.toHaveProperty('finalizers');
});

test('a restored object has another uid, its annotations and no status', () => {
  const { user } = aCluster();
  user.create(aSample('one', { metadata: { annotations: { a: 'b' }, finalizers: ['example.com/hold'] } }));
  const backup = user.edit(aSample('one'), { status: { phase: 'Up' } }, 'status');
  user.delete(aSample('one'));
  user.dropFinalizers(aSample('one'));
  expect(user.get(aSample('one'))).toBeUndefined();
  const restored = user.restore(backup);
  expect(restored).toMatchObject({
    metadata: { annotations: { a: 'b' }, finalizers: ['example.com/hold'], generation: 1 },
    status: { conditions: [{ type: 'Ready', status: 'Unknown' }] },
  });
  expect(restored['status']).not.toHaveProperty('phase');
  expect(uidOf(restored)).not.toBe(uidOf(backup));
});

test('recreate waits until the finalizers have let the old one go', () => {
  const { server, user } = aCluster();
  const old = user.create(aSample('one', { metadata: { finalizers: ['example.com/hold'] } }));
  user.recreate(aSample('one'));
  expect(uidOf(user.get(aSample('one')))).toBe(uidOf(old));
  user.dropFinalizers(aSample('one'));
  const fresh = user.get(aSample('one'));
  expect(uidOf(fresh)).not.toBe(uidOf(old));
  expect(server.all(SAMPLES)).toHaveLength(1);
});

const uidOf = (object: JsonObject | undefined): string => textOf(fieldsOf(object?.['metadata'])['uid']) ?? '';
