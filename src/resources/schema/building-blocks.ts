import * as z from 'zod';

/**
 * The pieces that the schemas of our kinds are made of. Each is bounded (the API server refuses rules over unbounded texts and lists)
 * and means the same to zod and to the CRD made from it: sizes count code points, as the API server does.
 */

export interface TextLimits {
  readonly max: number;
  readonly min?: number;
  /** Without look-around and back references: the API server uses RE2. ASCII classes only, so that both read it alike. */
  readonly pattern?: RegExp;
}

/** A text of at most `max` code points. */
export function text({ max, min = 0, pattern }: TextLimits): z.ZodString {
  const matched = pattern === undefined ? z.string() : z.string().regex(pattern);
  return matched
    .refine((value) => hasLength(value, min, max), { message: `must have ${min} to ${max} characters` })
    .meta({ ...(min > 0 ? { minLength: min } : {}), maxLength: max });
}

function hasLength(value: string, min: number, max: number): boolean {
  if (value.length > 2 * max) return false;
  const length = Array.from(value).length;
  return length >= min && length <= max;
}

/** An RFC 3339 time, in UTC when we write it. */
export const time = (): z.ZodString =>
  text({ max: TIME_MAX })
    .refine((value) => RFC3339.test(value) && !Number.isNaN(Date.parse(value)), {
      message: 'must be a time such as 2026-11-24T20:07:00Z',
    })
    .meta({ format: 'date-time' });

const TIME_MAX = 64;
const RFC3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

/** A list that has one author and is replaced as a whole. */
export const atomicList = <Item extends z.ZodType>(item: Item, max: number): z.ZodArray<Item> =>
  z.array(item).max(max).meta({ 'x-kubernetes-list-type': 'atomic' });

/** A list without duplicates that several authors may add to. */
export const textSet = (item: z.ZodString, max: number): z.ZodArray<z.ZodString> =>
  z
    .array(item)
    .max(max)
    .refine((items) => new Set(items).size === items.length, { message: 'must not hold the same text twice' })
    .meta({ 'x-kubernetes-list-type': 'set' });

/** A rule that no keyword of a schema can say. It is said twice, and a test on a real API server holds the two together. */
export interface SchemaRule<Value> {
  /** For the API server. */
  readonly cel: string;
  /** For our parser: the same. */
  readonly holds: (value: Value) => boolean;
  /** What to do, as one clause without a full stop. */
  readonly message: string;
}

/** Adds rules to a schema. */
export const constrained = <Schema extends z.ZodType>(
  schema: Schema,
  ...rules: readonly SchemaRule<z.output<Schema>>[]
): Schema => {
  const refined = rules.reduce<Schema>((sofar, { holds, message }) => sofar.refine(holds, { message }), schema);
  return refined.meta({ 'x-kubernetes-validations': rules.map(({ cel, message }) => ({ rule: cel, message })) });
};

/** Of the named fields one is set, and one only. */
export const exactlyOneOf = <Field extends string>(
  fields: readonly Field[],
  message: string,
): SchemaRule<Partial<Readonly<Record<Field, unknown>>>> => ({
  cel: `[${fields.map((field) => `has(self.${field})`).join(', ')}].exists_one(isSet, isSet)`,
  holds: (value) => fields.filter((field) => value[field] !== undefined).length === 1,
  message,
});
