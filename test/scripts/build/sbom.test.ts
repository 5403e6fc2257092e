import { describe, expect, test } from 'vitest';
import { bundledPackages } from '../../../scripts/build/bundled-packages.ts';
import type { LockedPackage, ProductionTree } from '../../../scripts/build/lock-file.ts';
import { cycloneDx } from '../../../scripts/build/sbom.ts';

describe('the packages behind the modules of a bundle', () => {
  test('are counted by folder, and the project itself is none', () => {
    expect(
      bundledPackages([
        'package.json',
        'src/main.ts',
        'node_modules/@scope/b/lib/x.js',
        'node_modules/a/index.js',
        'node_modules/a/lib/node_modules.js',
        'node_modules/a/node_modules/b/index.js',
      ]),
    ).toEqual([
      { folder: 'node_modules/@scope/b', modules: 1 },
      { folder: 'node_modules/a', modules: 2 },
      { folder: 'node_modules/a/node_modules/b', modules: 1 },
    ]);
  });

  test('hold those too that came inside a file of another one', () => {
    expect(bundledPackages(['node_modules/jsonpath-plus/dist/index-node-esm.js'])).toEqual([
      { folder: 'node_modules/@jsep-plugin/assignment', modules: 0 },
      { folder: 'node_modules/@jsep-plugin/regex', modules: 0 },
      { folder: 'node_modules/jsep', modules: 0 },
      { folder: 'node_modules/jsonpath-plus', modules: 1 },
    ]);
  });
});

describe('the bill of materials', () => {
  test('names each package once, with what is known of it, and says which are in the bundle', () => {
    const tree = aTree([
      aPackage({ folder: 'node_modules/@scope/a', name: '@scope/a', needs: ['node_modules/b'], licence: 'MIT OR ISC' }),
      aPackage({
        folder: 'node_modules/b',
        name: 'b',
        integrity: `sha512-${Buffer.from([1, 255]).toString('base64')}`,
      }),
    ]);
    const sbom = JSON.parse(cycloneDx(tree, { bundled: [{ folder: 'node_modules/b', modules: 7 }], sha256: 'abc' }));
    expect(sbom).toEqual({
      $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
      bomFormat: 'CycloneDX',
      specVersion: '1.5',
      version: 1,
      metadata: {
        component: {
          type: 'application',
          'bom-ref': 'ours@1.0.0',
          name: 'ours',
          version: '1.0.0',
          hashes: [{ alg: 'SHA-256', content: 'abc' }],
          licenses: [{ license: { id: 'Apache-2.0' } }],
        },
      },
      components: [
        {
          type: 'library',
          'bom-ref': 'pkg:npm/%40scope/a@1.0.0',
          group: '@scope',
          name: 'a',
          version: '1.0.0',
          scope: 'excluded',
          licenses: [{ expression: 'MIT OR ISC' }],
          purl: 'pkg:npm/%40scope/a@1.0.0',
        },
        {
          type: 'library',
          'bom-ref': 'pkg:npm/b@1.0.0',
          name: 'b',
          version: '1.0.0',
          scope: 'required',
          hashes: [{ alg: 'SHA-512', content: '01ff' }],
          licenses: [{ license: { id: 'MIT' } }],
          purl: 'pkg:npm/b@1.0.0',
          properties: [{ name: 'flexmetal-operator:bundledModules', value: '7' }],
        },
      ],
      dependencies: [
        { ref: 'ours@1.0.0', dependsOn: ['pkg:npm/%40scope/a@1.0.0'] },
        { ref: 'pkg:npm/%40scope/a@1.0.0', dependsOn: ['pkg:npm/b@1.0.0'] },
        { ref: 'pkg:npm/b@1.0.0', dependsOn: [] },
      ],
    });
  });

  test('takes the same version in two folders for one', () => {
    const tree = aTree([
      aPackage({ folder: 'node_modules/a/node_modules/c', name: 'c' }),
      aPackage({ folder: 'node_modules/b/node_modules/c', name: 'c' }),
    ]);
    const bundled = [
      { folder: 'node_modules/a/node_modules/c', modules: 2 },
      { folder: 'node_modules/b/node_modules/c', modules: 3 },
    ];
    const { components } = JSON.parse(cycloneDx(tree, { bundled, sha256: 'abc' }));
    expect(components).toMatchObject([{ name: 'c', scope: 'required', properties: [{ value: '5' }] }]);
    expect(components).toHaveLength(1);
  });

  test('is refused when the bundle holds what is no dependency of the program', () => {
    const bundled = [{ folder: 'node_modules/stranger', modules: 1 }];
    expect(() => cycloneDx(aTree([]), { bundled, sha256: 'abc' })).toThrow('node_modules/stranger');
  });
});

const aTree = (packages: readonly LockedPackage[]): ProductionTree => ({
  name: 'ours',
  version: '1.0.0',
  licence: 'Apache-2.0',
  needs: packages.slice(0, 1).map(({ folder }) => folder),
  packages,
});

const aPackage = (fields: Partial<LockedPackage> & Pick<LockedPackage, 'folder' | 'name'>): LockedPackage => ({
  version: '1.0.0',
  licence: 'MIT',
  integrity: undefined,
  needs: [],
  ...fields,
});
