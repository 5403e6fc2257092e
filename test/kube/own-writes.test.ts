import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../src/kube/object.ts';
import { OwnWrites } from '../../src/kube/own-writes.ts';
import { anObject } from './support/objects.ts';

const version = (text: string): KubeObject => anObject({ version: text });

describe('which object a decision may be made on', () => {
  test.each<[string, string, string, 'cached' | 'written' | 'readLive']>([
    ['the cache is behind our write', '9', '10', 'written'],
    ['the cache has our write', '10', '10', 'cached'],
    ['the cache is ahead of our write', '11', '10', 'cached'],
    ['versions above 2^53 are told apart', '9007199254740993', '9007199254740994', 'written'],
    ['more digits are newer', '999', '1000', 'written'],
    ['the same opaque version', 'a7f', 'a7f', 'cached'],
    ['other opaque versions cannot be told', 'a7f', 'b01', 'readLive'],
    ['a leading zero is not comparable', '010', '9', 'readLive'],
  ])('%s', (_name, cachedVersion, writtenVersion, expected) => {
    const writes = new OwnWrites();
    const cached = version(cachedVersion);
    const written = version(writtenVersion);
    writes.remember(written);
    expect(writes.newest(cached)).toEqual(
      expected === 'readLive'
        ? { kind: 'readLive' }
        : { kind: 'object', object: expected === 'cached' ? cached : written },
    );
    expect(writes.size).toBe(expected === 'cached' ? 0 : 1);
  });

  test('without a write of ours it is the cached one', () => {
    const cached = version('3');
    expect(new OwnWrites().newest(cached)).toEqual({ kind: 'object', object: cached });
  });

  test('the write of another object of the same name says nothing', () => {
    const writes = new OwnWrites();
    writes.remember(anObject({ uid: 'uid-old', version: '99' }));
    const cached = anObject({ uid: 'uid-new', version: '5' });
    expect(writes.newest(cached)).toEqual({ kind: 'object', object: cached });
  });

  test('an older reply that comes late does not replace a newer one', () => {
    const writes = new OwnWrites();
    writes.remember(version('12'));
    writes.remember(version('11'));
    expect(writes.newest(version('10'))).toEqual({ kind: 'object', object: version('12') });
  });
});

test.each<[string, (writes: OwnWrites) => void, number]>([
  ['an older object enters the cache', (writes) => writes.cached(version('9')), 1],
  ['our own write enters the cache', (writes) => writes.cached(version('10')), 0],
  ['a newer object enters the cache', (writes) => writes.cached(version('11')), 0],
  ['the object leaves the cache', (writes) => writes.forget(version('10').metadata.uid), 0],
])('what is kept after: %s', (_name, happen, kept) => {
  const writes = new OwnWrites();
  writes.remember(version('10'));
  happen(writes);
  expect(writes.size).toBe(kept);
});

test('a write that let the object go is not kept, and neither is what was kept of it', () => {
  const writes = new OwnWrites();
  const deletionTimestamp = '2026-11-24T20:00:00Z';
  writes.remember(
    anObject({ version: '10', metadata: { deletionTimestamp, finalizers: ['flexmetal.i3d.net/release'] } }),
  );
  expect(writes.size).toBe(1);
  writes.remember(anObject({ version: '11', metadata: { deletionTimestamp, finalizers: [] } }));
  expect(writes.size).toBe(0);
});

test('what is kept is trimmed like the cache', () => {
  const writes = new OwnWrites();
  writes.remember(anObject({ version: '10', metadata: { managedFields: [{ manager: 'kubectl' }] } }));
  expect(writes.newest(version('9'))).toEqual({ kind: 'object', object: version('10') });
});
