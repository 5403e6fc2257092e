import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { nearNames } from '../../../scripts/chart/near-names.ts';

const matches = (name: string, written: string): boolean => new RegExp(nearNames(name), 'u').test(written);

test.each([
  ['a letter left out', 'replica'],
  ['the first letter left out', 'eplicas'],
  ['a letter put in', 'repplicas'],
  ['a letter put in before the first', 'xreplicas'],
  ['a letter put in behind the last', 'replicass'],
  ['a letter changed', 'replicaz'],
  ['two letters swapped', 'relpicas'],
  ['upper case', 'Replicas'],
])('replicas is near to %s', (_what, written) => {
  expect(matches('replicas', written)).toBe(true);
});

test.each(['pullpolicy', 'PullPolicy', 'pull-policy', 'pull_policy'])(
  'pullPolicy is near to the spelling %s',
  (written) => {
    expect(matches('pullPolicy', written)).toBe(true);
  },
);

test.each(['count', 'replicaCount', '', 'rplcs'])('replicas is not near to %j', (written) => {
  expect(matches('replicas', written)).toBe(false);
});

const key = fc.stringMatching(/^[a-z][A-Za-z0-9]{0,19}$/);

test('no name is near to itself', () => {
  fc.assert(
    fc.property(key, (name) => {
      expect(matches(name, name)).toBe(false);
    }),
  );
});

test('a name is near to whatever is one slip away', () => {
  fc.assert(
    fc.property(key, fc.nat(), fc.stringMatching(/^[a-z]$/), (name, seed, letter) => {
      const at = seed % name.length;
      const [before, after] = [name.slice(0, at), name.slice(at)];
      const slips = [before + after.slice(1), before + letter + after, before + letter + after.slice(1), name + letter];
      expect(slips.filter((slip) => slip !== name && !matches(name, slip))).toEqual([]);
    }),
  );
});

test('a name is near to nothing that is two letters longer or shorter, but for its spellings', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z]{3,20}$/), key, (name, other) => {
      fc.pre(Math.abs(name.length - other.length) > 1);
      expect(matches(name, other)).toBe(false);
    }),
  );
});
