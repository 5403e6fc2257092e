import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { describe, expect, test } from 'vitest';
import { violationsOf } from '../architecture/checker.ts';
import { scenarioOf } from '../support/simulation/scenarios.ts';
import { MUTANTS, mutantOf } from './mutants.ts';
import { patchedSources } from './patched-sources.ts';

const read = (file: string): string => readFileSync(file, 'utf8');

/** What the simulation itself is made of is not to be broken: its checks must see the truth. */
const BREAKABLE = /^src\/(?:core|controllers|flexmetal|kube)\/.+\.ts$/;

describe('a mutant', () => {
  test.each(MUTANTS)('$name fits the sources of today and is still a program', (mutant) => {
    const sources = patchedSources(mutant, read);
    expect(sources.size).toBeGreaterThan(0);
    for (const [file, source] of sources) {
      expect(file).toMatch(BREAKABLE);
      expect(source).not.toBe(read(file));
      expect(stripTypeScriptTypes(source).length).toBe(source.length);
    }
  });

  test.each(MUTANTS)('$name says what it breaks, where it shows and what must notice', (mutant) => {
    expect(mutant.breaks).toMatch(/^[a-z0-9].{20,}[^.]$/);
    expect(mutant.expected).not.toEqual([]);
    expect(mutant.scenarios).not.toEqual([]);
    for (const scenario of [...mutant.scenarios, mutant.caughtBy.scenario])
      expect(() => scenarioOf(scenario)).not.toThrow();
  });

  test('has a name of its own', () => {
    const names = MUTANTS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^[a-z0-9]+(?:-[a-z0-9]+)+$/.test(name))).toEqual([]);
    expect(() => mutantOf('harmless')).toThrow('there is no mutant "harmless"');
  });
});

describe('a patch', () => {
  const patch = (from: string) => ({ name: 'some-mutant', patches: [{ file: 'a.ts', from, to: 'x' }] });

  test.each([
    ['a text that is gone', 'three', 'stands 0 times in a.ts'],
    ['a text that stands there twice', 'one', 'stands 2 times in a.ts'],
  ])('with %s is refused', (_what, from, complaint) => {
    expect(() => patchedSources(patch(from), () => 'one two one')).toThrow(complaint);
  });

  test('changes one place, and a second one finds the file as the first one left it', () => {
    const patches = [
      { file: 'a.ts', from: 'two', to: 'three' },
      { file: 'a.ts', from: 'three', to: '$& four' },
    ];
    expect(patchedSources({ name: 'some-mutant', patches }, () => 'one two')).toEqual(
      new Map([['a.ts', 'one $& four']]),
    );
  });
});

/** The bundle is what src/main.ts imports, so this keeps mutants and everything else of the tests out of it. */
test.each(['src/main.ts', 'src/core/server/x.ts', 'src/simulator/cli.ts'])('%s may not import a mutant', (path) => {
  const up = '../'.repeat(path.split('/').length - 1);
  expect(violationsOf([{ path, text: `import { a } from '${up}test/mutants/mutants.ts';` }])).toHaveLength(1);
});
