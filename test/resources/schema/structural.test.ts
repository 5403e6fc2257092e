import { expect, test } from 'vitest';
import * as z from 'zod';
import { atomicList, constrained, text, textSet, time } from '../../../src/resources/schema/building-blocks.ts';
import { structuralSchema } from '../../../src/resources/schema/structural.ts';

const field = (schema: z.ZodType) =>
  structuralSchema(z.object({ field: schema }).describe('root')).properties?.['field'];

test.each([
  [
    'a text',
    text({ min: 1, max: 9, pattern: /^a*$/ }),
    { type: 'string', pattern: '^a*$', minLength: 1, maxLength: 9 },
  ],
  ['a time', time(), { type: 'string', format: 'date-time', maxLength: 64 }],
  ['a small integer', z.int().min(1).max(5), { type: 'integer', format: 'int32', minimum: 1, maximum: 5 }],
  ['an integer without bounds', z.int(), { type: 'integer', format: 'int64' }],
  ['a default', z.enum(['a', 'b']).default('a'), { type: 'string', enum: ['a', 'b'], default: 'a' }],
  [
    'a list',
    atomicList(text({ max: 3 }), 2),
    {
      type: 'array',
      maxItems: 2,
      'x-kubernetes-list-type': 'atomic',
      items: { type: 'string', maxLength: 3 },
    },
  ],
  [
    'a strict object',
    z.strictObject({ a: z.boolean().optional().describe('x') }),
    { type: 'object', properties: { a: { description: 'x', type: 'boolean' } } },
  ],
  [
    'a rule',
    constrained(z.boolean(), { cel: 'self', holds: (value) => value, message: 'set it' }),
    { type: 'boolean', 'x-kubernetes-validations': [{ rule: 'self', message: 'set it' }] },
  ],
])('%s', (_name, schema, expected) => {
  expect(field(schema.describe('what it is'))).toEqual({ description: 'what it is', ...expected });
});

test.each([
  ['a union', z.union([z.string().max(1), z.boolean()]).describe('x'), 'cannot be said in a CRD'],
  ['anything', z.unknown().describe('x'), 'cannot be said in a CRD'],
  [
    'a format that the API server ignores',
    z.string().max(9).meta({ format: 'bogus' }).describe('x'),
    'cannot be said in a CRD',
  ],
  ['a map', z.record(z.string(), z.string()).describe('x'), 'cannot be said in a CRD'],
  ['a text without a bound', z.string().describe('x'), '.field needs a largest length'],
  ['a list without a bound', z.array(z.boolean()).describe('x'), '.field needs a largest number of items'],
  ['a list without a type', z.array(z.boolean()).max(1).describe('x'), '.field needs a list type'],
  ['a field without a description', z.boolean(), '.field needs a description'],
])('%s is refused', (_name, schema, message) => {
  expect(() => field(schema)).toThrow(message);
});

test.each([
  [
    'a character outside the basic plane counts once, as for the API server',
    text({ max: 2 }),
    '\u{1F600}\u{1F600}',
    true,
  ],
  ['one too many', text({ max: 2 }), '\u{1F600}\u{1F600}a', false],
  ['too short', text({ min: 1, max: 2 }), '', false],
  ['a time with an offset', time(), '2026-11-24T20:07:00.5+01:00', true],
  ['a day', time(), '2026-11-24', false],
  ['no such day', time(), '2026-13-24T20:07:00Z', false],
])('%s', (_name, schema, value, taken) => {
  expect(schema.safeParse(value).success).toBe(taken);
});

test('a set holds nothing twice', () => {
  expect(textSet(text({ max: 1 }), 3).safeParse(['a', 'b', 'a']).success).toBe(false);
  expect(textSet(text({ max: 1 }), 3).safeParse(['a', 'b']).success).toBe(true);
});
