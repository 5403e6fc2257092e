/** JSON as the server keeps it: deeply frozen, so that every reader may share one copy. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [field: string]: Json;
}

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);

/** Parses JSON text into a frozen value; undefined when it is no JSON. */
export function parseJson(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text);
    return freeze(value);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** A frozen copy of any value that JSON can carry; undefined fields are left out. */
export function toJson(value: unknown): Json {
  const copy: Json = JSON.parse(JSON.stringify(value));
  return freeze(copy);
}

export function toJsonObject(value: unknown): JsonObject {
  const json = toJson(value);
  if (!isObject(json)) throw new Error('expected a JSON object');
  return json;
}

/** Freezes what is not frozen yet. A frozen part is taken to be frozen all the way down. */
export function freeze<T extends Json>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) freeze(part);
  return Object.freeze(value);
}

/** Equal as JSON: the order of fields does not count. */
export function sameJson(left: Json | undefined, right: Json | undefined): boolean {
  if (left === right) return true;
  if (isList(left) && isList(right)) {
    return left.length === right.length && left.every((item, at) => sameJson(item, right[at]));
  }
  if (!isObject(left) || !isObject(right)) return false;
  const fields = Object.keys(left);
  return (
    fields.length === Object.keys(right).length &&
    fields.every((field) => Object.hasOwn(right, field) && sameJson(left[field], right[field]))
  );
}

/** The object with this field set, or without it for undefined. */
export function withField(object: JsonObject, field: string, value: Json | undefined): JsonObject {
  if (value !== undefined) return { ...object, [field]: value };
  if (!Object.hasOwn(object, field)) return object;
  const { [field]: _removed, ...rest } = object;
  return rest;
}

export function fieldsOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

/** Text fields of a map; others are left out. */
export const textsOf = (value: Json | undefined): readonly (readonly [string, string])[] =>
  Object.entries(fieldsOf(value)).flatMap(([field, item]) =>
    typeof item === 'string' ? [[field, item] as const] : [],
  );

export const textList = (value: Json | undefined): readonly string[] =>
  isList(value) ? value.filter((item) => typeof item === 'string') : [];

export function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
