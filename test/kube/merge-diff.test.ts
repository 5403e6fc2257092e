import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from '../../src/base/hash.ts';
import { mergeDiff } from '../../src/kube/merge-diff.ts';

type Json = Readonly<Record<string, unknown>>;

test.each<[string, Json, Json, Json | undefined]>([
  ['equal objects need no patch', { a: 1, b: { c: [1, { d: 2 }] } }, { a: 1, b: { c: [1, { d: 2 }] } }, undefined],
  ['a changed field', { a: 1, b: 2 }, { a: 1, b: 3 }, { b: 3 }],
  ['a removed field becomes null', { a: 1, b: 2 }, { a: 1 }, { b: null }],
  ['undefined is a removed field', { a: 1 }, { a: undefined }, { a: null }],
  ['undefined on both sides is nothing', { a: undefined }, {}, undefined],
  ['null on both sides is nothing', { a: null }, { a: undefined }, undefined],
  ['only the changed field of a nested object', { s: { a: 1, b: 2 } }, { s: { a: 1, b: 3 } }, { s: { b: 3 } }],
  ['a removed nested field', { s: { a: 1, b: 2 } }, { s: { a: 1 } }, { s: { b: null } }],
  ['an array is replaced whole', { l: [{ a: 1 }, { b: 2 }] }, { l: [{ a: 1 }, { b: 3 }] }, { l: [{ a: 1 }, { b: 3 }] }],
  ['the order of an array counts', { l: [1, 2] }, { l: [2, 1] }, { l: [2, 1] }],
  ['an array becomes an object', { x: [1] }, { x: { a: 1 } }, { x: { a: 1 } }],
  ['an object becomes text', { x: { a: 1 } }, { x: 'a' }, { x: 'a' }],
  ['a new empty object', {}, { x: {} }, { x: {} }],
  ['undefined fields of a new object are left out', {}, { x: { a: 1, b: undefined } }, { x: { a: 1 } }],
  ['the order of fields does not count', { a: 1, b: 2 }, { b: 2, a: 1 }, undefined],
])('%s', (_name, from, to, expected) => {
  expect(mergeDiff(from, to)).toEqual(expected);
});

/** RFC 7396, section 2, written down independently. */
function applyPatch(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const result = new Map<string, unknown>(
    typeof target === 'object' && target !== null && !Array.isArray(target) ? Object.entries(target) : [],
  );
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) result.delete(field);
    else result.set(field, applyPatch(result.get(field), value));
  }
  return Object.fromEntries(result);
}

const leaf = fc.oneof(
  fc.integer({ min: 0, max: 3 }),
  fc.boolean(),
  fc.constantFrom('a', 'b'),
  fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 3 }),
);
const field = fc.constantFrom('a', 'b', 'c', 'd', '__proto__', 'constructor');
const { tree } = fc.letrec<{ tree: Json; node: unknown }>((tie) => ({
  tree: fc.dictionary(field, tie('node'), { maxKeys: 5 }),
  node: fc.oneof({ maxDepth: 3 }, leaf, tie('tree')),
}));

test('the patch, applied, gives the new object; and it is undefined exactly when both are equal', () => {
  const holds = (from: Json, to: Json): void => {
    const patch = mergeDiff(from, to);
    expect(patch === undefined).toBe(canonicalJson(from) === canonicalJson(to));
    const sent: unknown = JSON.parse(JSON.stringify(patch ?? {}));
    expect(canonicalJson(applyPatch(from, sent))).toBe(canonicalJson(to));
  };
  fc.assert(fc.property(tree, tree, holds));
});
