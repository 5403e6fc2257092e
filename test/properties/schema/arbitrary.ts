import * as fc from 'fast-check';
import type { Json, JsonObject } from '../../support/api-server/json.ts';
import { isList, isObject } from '../../support/api-server/json.ts';
import { evaluate, wordsIn } from './cel.ts';
import type { Node } from './crd.ts';
import { judge, problemsOf } from './judge.ts';

/**
 * Values that the schema takes, made from nothing but the schema: types, bounds, patterns, and the texts and patterns that its
 * rules compare with. So a new field is covered as soon as it is in the CRD.
 */
export function validOf(schema: Node, words: readonly string[] = []): fc.Arbitrary<Json> {
  return roughly(schema, words).filter((value) => problemsOf(value, schema).length === 0);
}

function roughly(schema: Node, words: readonly string[]): fc.Arbitrary<Json> {
  switch (schema.type) {
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return integers(schema);
    case 'string':
      return texts(schema, words);
    case 'array':
      return lists(schema);
    case 'object':
      return objects(schema);
  }
}

function integers({ minimum = 0, maximum = 2 ** 31 - 1 }: Node): fc.Arbitrary<number> {
  return fc.oneof(fc.constantFrom(minimum, maximum), fc.integer({ min: minimum, max: maximum }));
}

function texts(schema: Node, words: readonly string[]): fc.Arbitrary<string> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const rules = (schema['x-kubernetes-validations'] ?? []).map(({ rule }) => wordsIn(rule));
  const patterns = [
    ...(schema.pattern === undefined ? [] : [schema.pattern]),
    ...rules.flatMap((rule) => rule.patterns),
  ];
  const plain =
    patterns.length === 0
      ? [fc.string({ unit: 'grapheme', maxLength: 40 }), fc.string({ unit: 'binary', maxLength: 40 })]
      : patterns.map((pattern) => fc.stringMatching(new RegExp(pattern, 'u')));
  const some = fc.oneof(...plain);
  const known = [...words, ...rules.flatMap((rule) => rule.texts)];
  return fc.oneof(
    { weight: 8, arbitrary: some },
    { weight: 1, arbitrary: fc.tuple(some, fc.nat()).map(([text, at]) => stretched(text, at, schema.maxLength ?? 64)) },
    ...(known.length === 0 ? [] : [{ weight: 3, arbitrary: fc.constantFrom(...known) }]),
  );
}

/** The same text, one of its characters repeated until it has this length: often right, and then at the very edge. */
function stretched(text: string, at: number, length: number): string {
  const points = Array.from(text);
  const index = at % Math.max(1, points.length);
  const more = (points[index] ?? 'x').repeat(Math.max(0, length - points.length));
  return `${points.slice(0, index).join('')}${more}${points.slice(index).join('')}`;
}

function lists(schema: Node): fc.Arbitrary<readonly Json[]> {
  const { items, maxItems = 4 } = schema;
  if (items === undefined) return fc.constant([]);
  const item = validOf(items);
  const of = (length: number): fc.Arbitrary<readonly Json[]> =>
    fc.array(item, { maxLength: length }).map((candidates) => fitting(candidates, schema));
  // Full now and then: some candidates more than fit, since some shut out others.
  const full = fc
    .array(item, { minLength: maxItems, maxLength: maxItems + 8 })
    .map((candidates) => fitting(candidates, schema));
  return fc.oneof({ weight: 29, arbitrary: of(Math.min(maxItems, 4)) }, { weight: 1, arbitrary: full });
}

/** Of the candidates those that the list's own rules take beside the ones before. */
function fitting(candidates: readonly Json[], schema: Node): readonly Json[] {
  const { items: _items, ...itself } = schema;
  const taken: Json[] = [];
  for (const candidate of candidates) {
    taken.push(candidate);
    if (problemsOf(taken, itself).length > 0) taken.pop();
  }
  return taken;
}

function objects(schema: Node): fc.Arbitrary<JsonObject> {
  const { properties = {}, required = [] } = schema;
  const rules = (schema['x-kubernetes-validations'] ?? []).map(({ rule }) => rule);
  const words = rules.flatMap((rule) => wordsIn(rule).texts);
  const fields = new Map(Object.entries(properties).map(([name, field]) => [name, validOf(field, words)]));
  const optional = [...fields.keys()].filter((name) => !required.includes(name));
  // Which fields are there comes first, so that no value is made only to be thrown away.
  const presence = rules.filter(isAboutPresence);
  return fc
    .subarray(optional)
    .map((names) => [...required, ...names])
    .filter((names) => presence.every((rule) => evaluate(rule, Object.fromEntries(names.map((name) => [name, true])))))
    .chain((names) =>
      fc.record(Object.fromEntries([...fields].filter(([name]) => names.includes(name))), { noNullPrototype: true }),
    );
}

/** A rule that asks of fields only whether they are there. */
const isAboutPresence = (rule: string): boolean => !rule.replaceAll(/has\(self\.\w+\)/g, '').includes('self');

/** Where in a value something can be changed: the way to it, and the schema there. A field that may be added counts as well. */
interface Place {
  readonly path: readonly (string | number)[];
  readonly schema: Node;
  readonly value: Json | undefined;
}

function placesIn(value: Json | undefined, schema: Node, path: Place['path'] = []): readonly Place[] {
  const here: Place = { path, schema, value };
  const { items, properties = {} } = schema;
  if (isList(value) && items !== undefined)
    return [here, ...value.flatMap((item, at) => placesIn(item, items, [...path, at]))];
  if (!isObject(value)) return [here];
  return [
    here,
    ...Object.entries(properties).flatMap(([name, field]) => placesIn(value[name], field, [...path, name])),
  ];
}

const ODD = [
  '',
  ' ',
  '\n',
  '\t',
  '\u0000',
  '\u00a0',
  '\u{1f600}',
  '-',
  '.',
  '/',
  '=',
  '"',
  '\\',
  'É',
  '\u2028',
  'PRIVATE KEY',
  'flexmetal-',
  'FlexMetal-',
];

/** Something else for one place: nothing, a value of another kind, or one just beyond what is allowed. */
function elseAt({ schema, value }: Place): fc.Arbitrary<Json | undefined> {
  const any: readonly fc.Arbitrary<Json | undefined>[] = [
    fc.constant(undefined),
    fc.constantFrom<Json>(null, true, 0, -1, 1.5, 1e20, '', 'x', [], {}, [null], [[]]),
  ];
  const right: readonly fc.Arbitrary<Json | undefined>[] =
    schema.type === 'object' && (schema.required ?? []).length > 4 ? [] : [validOf(schema)];
  if (typeof value === 'string') {
    const insert = fc
      .tuple(fc.constantFrom(...ODD), fc.nat())
      .map(([odd, at]) => value.slice(0, at % (value.length + 1)) + odd + value.slice(at % (value.length + 1)));
    const beyond = fc.nat().map((at) => stretched(value, at, (schema.maxLength ?? 64) + 1));
    return fc.oneof(...any, ...right, insert, insert, beyond, fc.constant(value.toUpperCase()));
  }
  if (typeof value === 'number') {
    return fc.oneof(
      ...any,
      fc.constantFrom((schema.minimum ?? 0) - 1, (schema.maximum ?? 0) + 1, value + 0.5, String(value)),
    );
  }
  if (isList(value)) {
    const first = value[0] ?? 'x';
    return fc.oneof(
      ...any,
      ...right,
      fc.constant([...value, first]),
      fc.constant(Array.from({ length: (schema.maxItems ?? 0) + 1 }, () => first)),
    );
  }
  if (isObject(value)) return fc.oneof(...any, ...right, fc.constant({ ...value, unheardOf: 1 }));
  return fc.oneof(...any, ...right);
}

function withChange(value: Json | undefined, path: Place['path'], next: Json | undefined): Json | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return next;
  if (isList(value)) {
    return value.flatMap((item, at) => {
      if (at !== step) return [item];
      const changed = withChange(item, rest, next);
      return changed === undefined ? [] : [changed];
    });
  }
  const fields = isObject(value) ? value : {};
  const { [String(step)]: old, ...others } = fields;
  const changed = withChange(old, rest, next);
  return changed === undefined ? others : { ...others, [String(step)]: changed };
}

/** A valid value in which one place was changed into something that is likely wrong. */
export function nearlyValidOf(schema: Node): fc.Arbitrary<Json> {
  return validOf(schema).chain((value) => {
    const places = placesIn(value, schema).slice(1);
    return fc
      .constantFrom(...places)
      .chain((place) => elseAt(place).map((next) => withChange(value, place.path, next) ?? {}));
  });
}

/** A value that is refused, for one reason mostly. */
export const invalidOf = (schema: Node): fc.Arbitrary<Json> =>
  nearlyValidOf(schema).filter((value) => judge(value, schema).kind === 'refused');
