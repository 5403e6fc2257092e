import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FlexMetalServerSpec } from '../../src/resources/flexmetalserver/schema.ts';
import { API_VERSION } from '../../src/resources/names.ts';
import { ApiServer } from '../support/api-server/api-server.ts';
import { projectKinds } from '../support/api-server/crd-kind.ts';
import type { Json } from '../support/api-server/json.ts';
import { fieldsOf } from '../support/api-server/json.ts';
import { ClusterUser, UserRefused } from '../support/api-server/user.ts';
import { seededRandom } from '../../src/base/random.ts';
import { runs } from '../support/runs.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { invalidOf, nearlyValidOf, validOf } from './schema/arbitrary.ts';
import { evaluate } from './schema/cel.ts';
import { CHANGE_RULES, SPEC } from './schema/crd.ts';
import { judge } from './schema/judge.ts';

const parses = (spec: Json): boolean => FlexMetalServerSpec.safeParse(spec).success;

/** Creates an object with this spec in an in-memory API server, which knows everything but the rules. @returns the spec as stored */
function stored(spec: Json): Json | undefined {
  const api = new ApiServer({ clock: new VirtualClock(), random: seededRandom(1), kinds: projectKinds() });
  try {
    const object = new ClusterUser(api).create({
      apiVersion: API_VERSION,
      kind: 'FlexMetalServer',
      metadata: { name: 'web-1', namespace: 'default' },
      spec,
    });
    return fieldsOf(object['spec']);
  } catch (error) {
    if (error instanceof UserRefused) return undefined;
    throw error;
  }
}

describe('specs drawn from the CRD', { timeout: 3_600_000 }, () => {
  test('a valid one is taken by the API server and read by the operator', () => {
    fc.assert(
      fc.property(validOf(SPEC), (spec) => {
        expect(judge(spec, SPEC)).toEqual({ kind: 'taken', stored: stored(spec) });
        expect(FlexMetalServerSpec.safeParse(stored(spec)).error).toBeUndefined();
      }),
      runs(250),
    );
  });

  test('an invalid one is refused by the one and not read by the other', () => {
    fc.assert(
      fc.property(invalidOf(SPEC), (spec) => {
        expect(parses(spec)).toBe(false);
      }),
      runs(250),
    );
  });

  test('near the edge both say the same', () => {
    const seen = { taken: 0, refused: 0 };
    fc.assert(
      fc.property(nearlyValidOf(SPEC), (spec) => {
        const verdict = judge(spec, SPEC);
        seen[verdict.kind] += 1;
        // What the API server stores is what the operator reads: without nulls, with defaults.
        expect({ spec, reads: parses(verdict.kind === 'taken' ? verdict.stored : spec) }).toEqual({
          spec,
          reads: verdict.kind === 'taken',
        });
      }),
      runs(600),
    );
    // Otherwise the generator tests nothing.
    expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(100);
  });
});

describe('the rules as the test evaluates them', () => {
  test.each<[rule: string, self: Json, holds: boolean]>([
    ["self.slug != 'a' || has(self.url)", { slug: 'a' }, false],
    ["self.slug != 'a' || has(self.url)", { slug: 'a', url: '' }, true],
    ['[has(self.a), has(self.b)].exists_one(isSet, isSet)', { a: 1 }, true],
    ['[has(self.a), has(self.b)].exists_one(isSet, isSet)', { a: 1, b: 1 }, false],
    ['has(self.size) != (has(self.grow) && self.grow)', { grow: false }, false],
    ['self.filter(one, has(one.grow) && one.grow).size() <= 1', [{ grow: true }, { grow: true }], false],
    ['self.all(one, self.exists_one(other, other.t == one.t))', [{ t: 1 }, { t: 2 }], true],
    ['self.all(one, self.exists_one(other, other.t == one.t))', [{ t: 1 }, { t: 1 }], false],
    ["!self.lowerAscii().startsWith('flex-')", 'FLEX-1', false],
    ["self.matches('^[^\\\\r\\\\n]*$')", 'a\nb', false],
    ["duration(self) >= duration('5m') && duration(self) <= duration('24h')", '1h30m', true],
    ["duration(self) >= duration('5m') && duration(self) <= duration('24h')", '299s', false],
  ])('%s of %j', (rule, self, holds) => {
    expect(evaluate(rule, self)).toBe(holds);
  });

  const ordered = { spec: { location: 'a' }, status: { order: { outcome: 'created', attempts: 1 } } };
  const refused = { spec: { location: 'a' }, status: { order: { outcome: 'refused', attempts: 1 } } };
  const unclear = {
    spec: { location: 'a' },
    status: { order: { outcome: 'refused', attempts: 2, everUnclear: true } },
  };
  test.each<[what: string, before: Json, after: Json, allowed: boolean]>([
    ['before anything was ordered', { spec: { location: 'a' } }, { spec: { location: 'b' } }, true],
    ['after a refusal', refused, { ...refused, spec: { location: 'b' } }, true],
    ['after a refusal, when an order before it was unclear', unclear, { ...unclear, spec: { location: 'b' } }, false],
    ['after the order', ordered, { ...ordered, spec: { location: 'b' } }, false],
    ['after the order, with a field that is added', ordered, { ...ordered, spec: { location: 'a', name: 'b' } }, false],
    ['after the order, of nothing', ordered, { ...ordered }, true],
  ])('a change %s', (_what, before, after, allowed) => {
    expect(CHANGE_RULES.every(({ rule }) => evaluate(rule, after, before))).toBe(allowed);
  });

  test.each(['self.split(",").size() > 1', 'self ? true : false', 'self.map(one, one)', 'timestamp(self) > now'])(
    'what they do not know is an error: %s',
    (rule) => {
      expect(() => evaluate(rule, 'a')).toThrow(/this test does not know|is neither/);
    },
  );
});
