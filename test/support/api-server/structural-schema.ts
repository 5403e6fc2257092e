import { isList, isObject, sameJson, toJson, type Json, type JsonObject } from './json.ts';
import type { Cause } from './replies.ts';

/** The part of a structural OpenAPI schema that the API server acts on. CEL rules are not here: only the real server runs them. */
export interface Schema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  readonly nullable?: boolean;
  readonly default?: Json;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly enum?: readonly Json[];
  readonly pattern?: string;
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
}

/**
 * Leaves out fields that the schema does not know, and nulls where null is neither allowed nor replaced by a default.
 * @returns the value itself when nothing had to go
 */
export function prune(value: Json, schema: Schema): Json {
  if (isList(value)) {
    const { items } = schema;
    return items === undefined ? value : mapList(value, (item) => prune(item, items));
  }
  if (!isObject(value)) return value;
  return mapFields(value, (item, field) => {
    const known = fieldSchema(schema, field);
    if (known === undefined) return keepsUnknown(schema) ? item : undefined;
    if (item === null && known.nullable !== true && known.default === undefined) return undefined;
    return prune(item, known);
  });
}

/** Fills in defaults. @returns the value itself when none was missing */
export function applyDefaults(value: Json, schema: Schema): Json {
  if (isList(value)) {
    const { items } = schema;
    return items === undefined ? value : mapList(value, (item) => applyDefaults(defaulted(item, items), items));
  }
  if (!isObject(value)) return value;
  const filled = fillMissing(value, schema.properties ?? {});
  return mapFields(filled, (item, field) => {
    const known = fieldSchema(schema, field);
    return known === undefined ? item : applyDefaults(defaulted(item, known), known);
  });
}

/** Everything in the value that the schema refuses, in the words of the real server. */
export function validate(value: Json, schema: Schema, path = ''): readonly Cause[] {
  if (value === null && schema.nullable === true) return [];
  const misfits = wrongType(value, schema, path);
  if (misfits.length > 0) return misfits;
  const causes = [...valueCauses(value, schema, path)];
  if (isList(value)) causes.push(...listCauses(value, schema, path));
  if (isObject(value)) causes.push(...objectCauses(value, schema, path));
  return causes;
}

function objectCauses(value: JsonObject, schema: Schema, path: string): readonly Cause[] {
  const missing = (schema.required ?? [])
    .filter((field) => !Object.hasOwn(value, field))
    .map((field): Cause => ({ reason: 'FieldValueRequired', field: join(path, field), message: 'Required value' }));
  const count = Object.keys(value).length;
  const crowded: readonly Cause[] =
    schema.maxProperties !== undefined && count > schema.maxProperties
      ? [
          {
            reason: 'FieldValueTooMany',
            field: path,
            message: `Too many: ${count}: must have at most ${schema.maxProperties} items`,
          },
        ]
      : [];
  const nested = Object.entries(value).flatMap(([field, item]) => {
    const known = fieldSchema(schema, field);
    return known === undefined ? [] : validate(item, known, join(path, field));
  });
  return [...missing, ...crowded, ...nested];
}

function listCauses(value: readonly Json[], schema: Schema, path: string): readonly Cause[] {
  const { items, maxItems, minItems } = schema;
  const causes: Cause[] = [];
  if (maxItems !== undefined && value.length > maxItems) {
    causes.push({
      reason: 'FieldValueTooMany',
      field: path,
      message: `Too many: ${value.length}: must have at most ${maxItems} items`,
    });
  }
  if (minItems !== undefined && value.length < minItems) {
    causes.push(invalidValue(path, value.length, `${path} in body should have at least ${minItems} items`));
  }
  if (items !== undefined) causes.push(...value.flatMap((item, at) => validate(item, items, `${path}[${at}]`)));
  return [...causes, ...duplicateCauses(value, schema, path)];
}

function duplicateCauses(value: readonly Json[], schema: Schema, path: string): readonly Cause[] {
  const keys = identities(value, schema);
  return keys.flatMap((key, at): readonly Cause[] =>
    keys.indexOf(key) < at
      ? [{ reason: 'FieldValueDuplicate', field: `${path}[${at}]`, message: `Duplicate value: ${key}` }]
      : [],
  );
}

/** What tells the items of a set or a map list apart; empty for lists that may hold the same thing twice. */
function identities(value: readonly Json[], schema: Schema): readonly string[] {
  const type = schema['x-kubernetes-list-type'];
  if (type === 'set') return value.map((item) => JSON.stringify(item));
  if (type !== 'map') return [];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  return value.map((item) => JSON.stringify(keys.map((key) => (isObject(item) ? item[key] : undefined))));
}

function* valueCauses(value: Json, schema: Schema, path: string): Iterable<Cause> {
  if (schema.enum !== undefined && !schema.enum.some((allowed) => sameJson(allowed, value))) {
    const supported = schema.enum.map((allowed) => JSON.stringify(allowed)).join(', ');
    yield {
      reason: 'FieldValueNotSupported',
      field: path,
      message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported}`,
    };
  }
  if (typeof value === 'string') yield* textCauses(value, schema, path);
  if (typeof value === 'number') yield* numberCauses(value, schema, path);
}

function* textCauses(value: string, schema: Schema, path: string): Iterable<Cause> {
  // The real server counts code points, not UTF-16 units.
  const { maxLength, minLength, pattern } = schema;
  const length = Array.from(value).length;
  if (maxLength !== undefined && length > maxLength) {
    yield { reason: 'FieldValueTooLong', field: path, message: `Too long: may not be more than ${maxLength} bytes` };
  }
  if (minLength !== undefined && length < minLength) {
    yield invalidValue(path, value, `${path} in body should be at least ${minLength} chars long`);
  }
  if (pattern !== undefined && !compiled(pattern).test(value))
    yield invalidValue(path, value, `${path} in body should match '${pattern}'`);
  if (schema.format === 'date-time' && Number.isNaN(Date.parse(value))) {
    yield {
      ...invalidValue(path, value, `${path} in body must be of type date-time: ${JSON.stringify(value)}`),
      reason: 'FieldValueTypeInvalid',
    };
  }
}

function* numberCauses(value: number, schema: Schema, path: string): Iterable<Cause> {
  const { minimum, maximum } = schema;
  if (minimum !== undefined && value < minimum) {
    yield invalidValue(path, value, `${path} in body should be greater than or equal to ${minimum}`);
  }
  if (maximum !== undefined && value > maximum) {
    yield invalidValue(path, value, `${path} in body should be less than or equal to ${maximum}`);
  }
}

function wrongType(value: Json, schema: Schema, path: string): readonly Cause[] {
  const found = typeOf(value);
  const misfit = (type: string): Cause => ({
    reason: 'FieldValueTypeInvalid',
    field: path === '' ? '<nil>' : path,
    message: `Invalid value: "${found}": ${path} in body must be of type ${type}: "${found}"`,
  });
  if (schema['x-kubernetes-int-or-string'] === true) {
    if (found === 'string' || found === 'integer') return [];
    return [misfit('integer,string')];
  }
  const { type } = schema;
  return type === undefined || type === found || (type === 'number' && found === 'integer') ? [] : [misfit(type)];
}

function typeOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}

const invalidValue = (field: string, value: Json, why: string): Cause => ({
  reason: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
});

const patterns = new Map<string, RegExp>();

function compiled(pattern: string): RegExp {
  const known = patterns.get(pattern);
  if (known !== undefined) return known;
  const made = new RegExp(pattern, 'u');
  patterns.set(pattern, made);
  return made;
}

const join = (path: string, field: string): string => (path === '' ? field : `${path}.${field}`);

function fieldSchema(schema: Schema, field: string): Schema | undefined {
  const { properties, additionalProperties } = schema;
  if (properties !== undefined && Object.hasOwn(properties, field)) return properties[field];
  if (typeof additionalProperties === 'object') return additionalProperties;
  return additionalProperties === true ? ANYTHING : undefined;
}

const ANYTHING: Schema = { nullable: true, 'x-kubernetes-preserve-unknown-fields': true };

const keepsUnknown = (schema: Schema): boolean => schema['x-kubernetes-preserve-unknown-fields'] === true;

const defaulted = (value: Json, schema: Schema): Json =>
  value === null && schema.nullable !== true && schema.default !== undefined ? schema.default : value;

function fillMissing(value: JsonObject, properties: Readonly<Record<string, Schema>>): JsonObject {
  let filled = value;
  for (const [field, schema] of Object.entries(properties)) {
    if (schema.default !== undefined && !Object.hasOwn(value, field))
      filled = { ...filled, [field]: toJson(schema.default) };
  }
  return filled;
}

function mapList(list: readonly Json[], change: (item: Json) => Json): readonly Json[] {
  const changed = list.map(change);
  return changed.some((item, at) => item !== list[at]) ? changed : list;
}

/** A field goes when `change` gives undefined. */
function mapFields(object: JsonObject, change: (item: Json, field: string) => Json | undefined): JsonObject {
  const changed: Record<string, Json> = {};
  let differs = false;
  for (const [field, item] of Object.entries(object)) {
    const next = change(item, field);
    if (next !== item) differs = true;
    if (next !== undefined) changed[field] = next;
  }
  return differs ? changed : object;
}
