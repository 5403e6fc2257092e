import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseScenario, ScenarioError } from '../../src/simulator/scenario.ts';

const complaint = (text: string): string => {
  try {
    parseScenario(text, 'my.yaml');
  } catch (error) {
    if (error instanceof ScenarioError) return error.message;
    throw error;
  }
  return 'none';
};

describe('a scenario', () => {
  test('that is empty is a world of defaults', () => {
    expect(parseScenario('')).toEqual(parseScenario('{}'));
    expect(parseScenario('')).toMatchObject({
      seed: 1,
      timeScale: 1,
      delivery: { takes: 843_000 },
      tokens: [{ account: 'default' }],
      faults: [],
    });
  });

  test('can be YAML or JSON', () => {
    expect(parseScenario('delivery: {takes: 2m}\n')).toEqual(parseScenario('{"delivery": {"takes": "2m"}}'));
  });

  test.each([
    ['an unknown key', 'sede: 1', '  (all of it): Unrecognized key: "sede"'],
    [
      'a duration without a unit',
      'delivery: {takes: 5}',
      '  delivery.takes: 5 is not a duration: write 250ms, 30s, 15m, 2h or 0',
    ],
    [
      'a duration of words',
      'delivery: {takes: soon}',
      '  delivery.takes: "soon" is not a duration: write 250ms, 30s, 15m, 2h or 0',
    ],
    [
      'an unknown location',
      'stock: [{location: Mars, instanceType: bm7.std.8, count: 1}]',
      '  stock[0].location: the catalogue has no location "Mars"',
    ],
    [
      'a type that is not offered',
      'quotas: [{location: "JP: Tokyo", instanceType: x, quota: 1}]',
      '  quotas[0].instanceType: "x" is not offered at JP: Tokyo',
    ],
    ['a clock that is both', 'clock: {ahead: 1s, behind: 1s}', '  clock: give ahead or behind, not both'],
    [
      'a fault that says nothing',
      'faults: [{do: {}}]',
      '  faults[0].do: says nothing: give at least one of commit, replyAfter, answer, delivery',
    ],
    [
      'a fault of an unknown kind',
      'faults: [{do: {answer: {kind: bang}}}]',
      '  faults[0].do.answer.kind: Invalid discriminator value.',
    ],
    [
      'a fault for an unknown operation',
      'faults: [{match: {operation: orderServer}, do: {replyAfter: 1s}}]',
      '  faults[0].match.operation: Invalid option',
    ],
    [
      'a true answer without effect',
      'faults: [{do: {commit: never}}]',
      '  faults[0].do.commit: commit: never needs an answer',
    ],
    ['a time scale of nothing', 'timeScale: 0', '  timeScale: Too small'],
  ])('with %s is refused, and the key named', (_name, text, message) => {
    expect(complaint(text)).toContain(`my.yaml is not valid:\n${message}`);
  });

  test('with several problems names them all', () => {
    expect(complaint('seed: -1\ntimeScale: 0').split('\n')).toHaveLength(3);
  });

  test.each(['a: [', '\t- x: {'])('that cannot be parsed is refused', (text) => {
    expect(complaint(text)).toContain('my.yaml is neither YAML nor JSON');
  });

  test.each(['- 1', 'text', '5'])('that is no object is refused', (text) => {
    expect(complaint(text)).toContain('my.yaml is not valid');
  });
});

const EXAMPLES = new URL('../../examples/simulator/', import.meta.url);

describe('the example', () => {
  test.each(readdirSync(EXAMPLES))('%s is a valid scenario', (file) => {
    const text = readFileSync(new URL(file, EXAMPLES), 'utf8');
    expect(parseScenario(text, file)).not.toEqual(parseScenario(''));
  });
});
