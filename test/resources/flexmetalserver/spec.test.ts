import { describe, expect, test } from 'vitest';
import { FlexMetalServerSpec } from '../../../src/resources/flexmetalserver/schema.ts';
import { publicKeyProblem } from '../../../src/resources/flexmetalserver/public-key.ts';
import { KEYWORD_CASES, MINIMAL_SPEC, RULE_CASES } from './spec-cases.ts';

test('only location, instance type and operating system are needed', () => {
  expect(FlexMetalServerSpec.parse(MINIMAL_SPEC)).toEqual({
    ...MINIMAL_SPEC,
    deletionPolicy: 'Release',
    provisioningTimeout: '45m',
  });
});

describe.each([...RULE_CASES, ...KEYWORD_CASES])('$name', ({ bad, good, at }) => {
  test('is refused where the API server refuses it', () => {
    const issues = FlexMetalServerSpec.safeParse(bad).error?.issues ?? [];
    // Duplicates in a set are found on the item by the API server, on the list by zod.
    const places = issues.flatMap(({ path }) => [pathText(path), `${pathText(path)}[1]`]);
    expect(places).toContain(at);
  });

  test('has a neighbour that is taken', () => {
    expect(FlexMetalServerSpec.safeParse(good).error).toBeUndefined();
  });
});

test.each(RULE_CASES.map((each) => [each.name, each] as const))(
  '%s is refused in our words',
  (_name, { bad, message }) => {
    expect(FlexMetalServerSpec.safeParse(bad).error?.issues.map((issue) => issue.message)).toContain(message);
  },
);

test.each([
  ['of the spec', { ...MINIMAL_SPEC, accountRef: { name: 'other' } }],
  ['of the operating system', { ...MINIMAL_SPEC, os: { slug: 'debian-12', raid: 1 } }],
])('an unknown field %s is refused, for it may change what is ordered', (_name, spec) => {
  expect(FlexMetalServerSpec.safeParse(spec).success).toBe(false);
});

test('what is wrong with a key is said without the key', () => {
  expect(publicKeyProblem('ssh-rsa AAAAB3 me')).toBeUndefined();
  expect(publicKeyProblem('hunter2')).not.toContain('hunter2');
  expect(publicKeyProblem('-----BEGIN RSA PRIVATE KEY-----')).toContain('private key');
});

const pathText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((sofar, part) => sofar + (typeof part === 'number' ? `[${part}]` : `.${String(part)}`), 'spec');
