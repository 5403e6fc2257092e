import { describe, expect, test } from 'vitest';
import { crdFile } from '../../../scripts/generate/crd-file.ts';
import { flexMetalServerCrd, flexMetalServerSchema } from '../../../src/resources/flexmetalserver/crd.ts';
import type { StructuralSchema } from '../../../src/resources/schema/structural.ts';

const SIZE_MAX = 100_000;

interface Place {
  readonly path: string;
  readonly schema: StructuralSchema;
}

function places(schema: StructuralSchema, path: string): readonly Place[] {
  const fields = Object.entries(schema.properties ?? {}).flatMap(([name, field]) => places(field, `${path}.${name}`));
  return [{ path, schema }, ...fields, ...(schema.items === undefined ? [] : places(schema.items, `${path}[]`))];
}

const all = places(flexMetalServerSchema(), 'FlexMetalServer').filter(
  ({ path }) => path !== 'FlexMetalServer.metadata',
);
const offenders = (breaks: (schema: StructuralSchema, path: string) => boolean): readonly string[] =>
  all.filter(({ schema, path }) => breaks(schema, path)).map(({ path }) => path);

test('the file is small enough for kubectl apply, which keeps a copy of it in an annotation', () => {
  expect(crdFile(flexMetalServerCrd()).length).toBeLessThan(SIZE_MAX);
});

test('there are as many places as a real schema has', () => {
  expect(all.length).toBeGreaterThan(80);
});

test.each<[string, (schema: StructuralSchema, path: string) => boolean]>([
  ['has a description', ({ description }, path) => description === undefined && !path.endsWith('[]')],
  [
    'bounds its text',
    ({ type, maxLength, enum: words }) => type === 'string' && maxLength === undefined && words === undefined,
  ],
  ['bounds its list', ({ type, maxItems }) => type === 'array' && maxItems === undefined],
  [
    'says how its list is merged',
    (schema) => schema.type === 'array' && schema['x-kubernetes-list-type'] === undefined,
  ],
  [
    'uses formats that the API server knows',
    ({ format }) => format !== undefined && !['date-time', 'int32', 'int64'].includes(format),
  ],
  ['gives an integer its size', ({ type, format }) => type === 'integer' && format !== 'int32' && format !== 'int64'],
  ['names the fields of its objects', ({ type, properties }) => type === 'object' && properties === undefined],
])('every place %s', (_name, breaks) => {
  expect(offenders(breaks)).toEqual([]);
});

describe('patterns', () => {
  const patterns = [
    ...all.flatMap(({ schema }) => schema.pattern ?? []),
    ...all
      .flatMap(({ schema }) => schema['x-kubernetes-validations'] ?? [])
      .flatMap(({ rule }) =>
        [...rule.matchAll(/matches\('([^']+)'\)/g)].flatMap(([, pattern]) => pattern?.replaceAll('\\\\', '\\') ?? []),
      ),
  ];

  test('there are some', () => {
    expect(patterns.length).toBeGreaterThan(15);
  });

  test.each([...new Set(patterns)])('%s means the same to RE2 and to JavaScript', (pattern) => {
    expect(() => new RegExp(pattern)).not.toThrow();
    // No look-around, no back reference, no class whose members differ (\s, \w, \b), no dot (line ends differ), no count above 1000.
    expect(pattern).not.toMatch(/\(\?|\\[1-9kswbSWBdDpP]|(^|[^\\\]])\.(?![^[]*\])/);
    expect([...pattern.matchAll(/\{\d*,?(\d*)\}/g)].every(([, most]) => Number(most) <= 1000)).toBe(true);
    expect(pattern).toMatch(/^\^.*\$$/);
  });
});

test('every rule says what to do, in one clause', () => {
  const rules = all.flatMap(({ schema }) => schema['x-kubernetes-validations'] ?? []);
  expect(rules.length).toBeGreaterThan(20);
  for (const { message } of rules) expect(message).toMatch(/^[a-z][^\n]{20,300}[^.\n]$/);
});
