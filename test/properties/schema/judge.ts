import type { Json } from '../../support/api-server/json.ts';
import { isList, isObject } from '../../support/api-server/json.ts';
import { applyDefaults, prune, validate } from '../../support/api-server/structural-schema.ts';
import { evaluate } from './cel.ts';
import type { Node } from './crd.ts';

/** What an API server makes of a value: what it would store, or why it refuses. */
export type Verdict =
  | { readonly kind: 'taken'; readonly stored: Json }
  | { readonly kind: 'refused'; readonly problems: readonly string[] };

/** Judges as the API server does with strict field validation: unknown fields, then nulls and defaults, then the schema, then its rules. */
export function judge(value: Json, schema: Node): Verdict {
  const unknown = unknownFields(value, schema, 'spec');
  if (unknown.length > 0) return { kind: 'refused', problems: unknown.map((path) => `${path}: unknown field`) };
  const stored = applyDefaults(prune(value, schema), schema);
  const problems = problemsOf(stored, schema);
  return problems.length === 0 ? { kind: 'taken', stored } : { kind: 'refused', problems };
}

/** Everything that the schema and its rules say against a value with its defaults. */
export function problemsOf(value: Json, schema: Node): readonly string[] {
  const causes = validate(value, schema, 'spec').map(({ field, message }) => `${field}: ${message}`);
  return causes.length > 0 ? causes : brokenRules(value, schema, 'spec');
}

function brokenRules(value: Json, schema: Node, path: string): readonly string[] {
  const own = (schema['x-kubernetes-validations'] ?? [])
    .filter(({ rule }) => !evaluate(rule, value))
    .map(({ message }) => `${path}: ${message}`);
  return [
    ...own,
    ...children(value, schema, path).flatMap((child) => brokenRules(child.value, child.schema, child.path)),
  ];
}

function unknownFields(value: Json, schema: Node, path: string): readonly string[] {
  const own = isObject(value)
    ? Object.keys(value).filter((name) => schema.type === 'object' && !Object.hasOwn(schema.properties ?? {}, name))
    : [];
  return [
    ...own.map((name) => `${path}.${name}`),
    ...children(value, schema, path).flatMap((child) => unknownFields(child.value, child.schema, child.path)),
  ];
}

interface Child {
  readonly value: Json;
  readonly schema: Node;
  readonly path: string;
}

function children(value: Json, schema: Node, path: string): readonly Child[] {
  const { items, properties = {} } = schema;
  if (isList(value))
    return items === undefined ? [] : value.map((item, at) => ({ value: item, schema: items, path: `${path}[${at}]` }));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, item]) => {
    const known = Object.hasOwn(properties, name) ? properties[name] : undefined;
    return known === undefined ? [] : [{ value: item, schema: known, path: `${path}.${name}` }];
  });
}
