import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { SourceFile } from './architecture/checker.ts';
import { KINDS, ROOMS, hostViolationsOf, kindViolationsOf, longFilesOf, violationsOf } from './architecture/checker.ts';

/** What Git knows, and what is new but not ignored: build output and caches are none of our text. */
function projectFiles(): readonly SourceFile[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' });
  return listed
    .split('\n')
    .filter((path) => /\.(?:ts|js|mjs|json|ya?ml|md|sh|go|mod|sum|npmrc)$|^\.ci\/|^bin\//.test(path))
    .flatMap((path) => textOf(path).map((text) => ({ path, text })));
}

/** A file that Git still lists may just have been deleted. */
function textOf(path: string): readonly string[] {
  try {
    return [readFileSync(path, 'utf8')];
  } catch {
    return [];
  }
}

const FILES = projectFiles();

/** Longer files are read less; tables of one idea may be longer. */
const LINES_WARN = 400;
const LINES_MAX = 650;

describe('this project', () => {
  test('each room imports only what its row allows, and pure rooms are pure', () => {
    expect(FILES.filter(({ path }) => path.startsWith('src/')).length).toBeGreaterThan(20);
    expect(violationsOf(FILES)).toEqual([]);
  });

  test('each kind is complete: resources, core, controllers, registry', () => {
    expect(kindViolationsOf(FILES, KINDS)).toEqual([]);
  });

  test('no file names the host of a package registry', () => {
    expect(hostViolationsOf(FILES)).toEqual([]);
  });

  test('long files are pointed out, and very long ones refused', async ({ annotate }) => {
    for (const warning of longFilesOf(FILES, LINES_WARN)) await annotate(warning, 'warning');
    expect(longFilesOf(FILES, LINES_MAX)).toEqual([]);
  });

  test('no room may import itself into a circle', () => {
    const reaches = (from: string, to: string): boolean =>
      (ROOMS[from]?.rooms ?? []).some((room) => room === to || reaches(room, to));
    expect(Object.keys(ROOMS).filter((room) => reaches(room, room))).toEqual([]);
  });
});

describe('the checker catches', () => {
  test.each<[what: string, path: string, text: string, complaint: string]>([
    [
      'a room above',
      'src/core/server/x.ts',
      `import { a } from '../../kube/a.ts';`,
      'src/core may not import src/kube',
    ],
    [
      'a type of a room above',
      'src/base/x.ts',
      `import type { A } from '../core/a.ts';`,
      'src/base may not import src/core',
    ],
    ['a re-export', 'src/resources/x.ts', `export * from '../core/a.ts';`, 'src/resources may not import src/core'],
    ['a re-exported type', 'src/resources/x.ts', `export type { A } from '../core/a.ts';`, 'may not import src/core'],
    ['an import in a type', 'src/core/x.ts', `let a: import('../kube/a.ts').A;`, 'src/core may not import src/kube'],
    ['a dynamic import', 'src/kube/x.ts', `const a = import('../flexmetal/a.ts');`, 'may not import src/flexmetal'],
    [
      'an import for its effect',
      'src/flexmetal/x.ts',
      `import '../observability/a.ts';`,
      'may not import src/observability',
    ],
    ['one adapter in another', 'src/flexmetal/x.ts', `import { a } from '../kube/a.ts';`, 'may not import src/kube'],
    [
      'the runtime in a shell',
      'src/controllers/x.ts',
      `import { a } from '../runtime/a.ts';`,
      'may not import src/runtime',
    ],
    [
      'the runtime in an adapter',
      'src/kube/x.ts',
      `import { a } from '../runtime/a.ts';`,
      'may not import src/runtime',
    ],
    [
      'the configuration in a shell',
      'src/controllers/x.ts',
      `import { a } from '../config.ts';`,
      'may not import src/config',
    ],
    [
      'core in the configuration',
      'src/config/x.ts',
      `import { a } from '../core/a.ts';`,
      'src/config may not import src/core',
    ],
    ['the root in a room', 'src/kube/x.ts', `import { a } from '../main.ts';`, 'may not import src/main'],
    [
      'the client in the simulator',
      'src/simulator/x.ts',
      `import { a } from '../flexmetal/client.ts';`,
      'may not import src/flexmetal',
    ],
    [
      'runtime in a part of the simulator',
      'src/simulator/world.ts',
      `import { a } from '../runtime/a.ts';`,
      'may not import src/runtime',
    ],
    [
      'the vendor in the autoscaler',
      'src/autoscaler/x.ts',
      `import { a } from '../flexmetal/a.ts';`,
      'may not import src/flexmetal',
    ],
    [
      'a test of its own room',
      'src/core/server/x.ts',
      `import { a } from '../../../test/core/a.ts';`,
      'src/core may not import src/../test',
    ],
    [
      'a script in the root',
      'src/main.ts',
      `import { a } from '../scripts/core/a.ts';`,
      'may not import src/../scripts',
    ],
    ['a room that is not in the table', 'src/utils/x.ts', `export const a = 1;`, 'src/utils is no room'],
    ['a package in core', 'src/core/x.ts', `import * as z from 'zod';`, 'src/core may not import the package zod'],
    ['a package in base', 'src/base/x.ts', `import { request } from 'undici';`, 'may not import the package undici'],
    [
      'a part of a package',
      'src/config/x.ts',
      `import a from '@kubernetes/client-node/dist/a.js';`,
      'may not import the package',
    ],
    ['a module of Node in core', 'src/core/x.ts', `import { readFileSync } from 'node:fs';`, 'may not import node:fs'],
    [
      'node:crypto outside hash.ts',
      'src/core/x.ts',
      `import { createHash } from 'node:crypto';`,
      'may not import node:crypto',
    ],
    [
      'more of node:net than isIP',
      'src/core/x.ts',
      `import { isIP, connect } from 'node:net';`,
      'imports connect from node:net',
    ],
    ['node:net in base', 'src/base/x.ts', `import { isIP } from 'node:net';`, 'may not import node:net'],
    ['Date.now', 'src/core/x.ts', `const a = Date.now();`, 'uses Date.now'],
    ['Date.now handed on', 'src/kube/x.ts', `const clock = Date.now;`, 'uses Date.now'],
    ['Date.now in brackets', 'src/kube/x.ts', `const a = Date['now']();`, 'uses Date.now'],
    ['Date.now by way of globalThis', 'src/kube/x.ts', `const a = globalThis.Date.now();`, 'uses Date.now'],
    ['new Date of now', 'src/kube/x.ts', `const a = new Date();`, 'uses new Date()'],
    ['Date called', 'src/kube/x.ts', `const a = Date();`, 'uses Date()'],
    ['performance', 'src/controllers/x.ts', `const a = performance.now();`, 'uses performance'],
    ['Math.random', 'src/simulator/x.ts', `const a = Math.random();`, 'uses Math.random'],
    [
      'random ids',
      'src/kube/x.ts',
      `import { randomUUID } from 'node:crypto'; const a = randomUUID();`,
      'uses randomUUID',
    ],
    ['setTimeout', 'src/kube/x.ts', `setTimeout(() => {}, 1);`, 'uses setTimeout'],
    ['setTimeout in an object', 'src/kube/x.ts', `const a = { wait: setTimeout };`, 'uses setTimeout'],
    ['setTimeout in short', 'src/kube/x.ts', `const a = { setTimeout };`, 'uses setTimeout'],
    ['setInterval', 'src/main.ts', `setInterval(() => {}, 1);`, 'uses setInterval'],
    ['setImmediate', 'src/kube/x.ts', `setImmediate(() => {});`, 'uses setImmediate'],
    ['AbortSignal.timeout', 'src/kube/x.ts', `const a = AbortSignal.timeout(1);`, 'uses AbortSignal.timeout'],
    ['an async function in core', 'src/core/x.ts', `export async function a() {}`, 'uses async'],
    ['an async arrow in core', 'src/core/x.ts', `export const a = async () => 1;`, 'uses async'],
    ['an async method in core', 'src/core/x.ts', `export const a = { async b() {} };`, 'uses async'],
    ['await in core', 'src/core/x.ts', `const a = await b;`, 'uses await'],
    ['for await in core', 'src/core/x.ts', `export {}; for await (const a of b) {}`, 'uses await'],
    ['a Promise in core', 'src/core/x.ts', `export const a = Promise.resolve(1);`, 'uses Promise'],
    ['the type of a Promise in resources', 'src/resources/x.ts', `export type A = Promise<void>;`, 'uses Promise'],
    ['a dynamic import in core', 'src/core/x.ts', `export const a = import('./b.ts');`, 'uses import()'],
    ['process in core', 'src/core/x.ts', `const a = process.env;`, 'uses process'],
    ['fetch in core', 'src/core/x.ts', `fetch('https://example.com');`, 'uses fetch'],
    ['globalThis in core', 'src/core/x.ts', `const a = globalThis;`, 'uses globalThis'],
    ['the console', 'src/kube/x.ts', `console.log('a');`, 'uses console.log'],
  ])('%s', (_what, path, text, complaint) => {
    expect(violationsOf([{ path, text }]).join('\n')).toContain(complaint);
  });

  test.each<[what: string, path: string, text: string]>([
    ['a room below', 'src/core/server/x.ts', `import type { A } from '../../base/a.ts';`],
    ['its own room', 'src/core/server/x.ts', `import { a } from '../model/a.ts';`],
    [
      'everything in main',
      'src/main.ts',
      `import { a } from './kube/a.ts'; import { b } from './runtime/b.ts'; import './config.ts';`,
    ],
    ['the wire format in the simulator', 'src/simulator/x.ts', `import { a } from '../flexmetal/wire.ts';`],
    ['the runtime in the roots of the simulator', 'src/simulator/cli.ts', `import { a } from '../runtime/a.ts';`],
    ['node:crypto in hash.ts', 'src/base/hash.ts', `import { createHash } from 'node:crypto';`],
    ['isIP in resources', 'src/resources/x.ts', `import { isIP } from 'node:net';`],
    ['zod in resources', 'src/resources/x.ts', `import * as z from 'zod';`],
    ['a date with an argument', 'src/core/x.ts', `export const a = (b: number) => new Date(b).toISOString();`],
    ['the machine’s clock in runtime', 'src/runtime/x.ts', `export const a = () => Date.now() + performance.now();`],
    ['the name in a comment', 'src/core/x.ts', `// Date.now() and await\nexport const a = 1;`],
    ['the name in a text', 'src/core/x.ts', `export const a = 'import "../kube/a.ts"; Date.now()';`],
    ['the name as a field', 'src/core/x.ts', `export const a = { fetch: 1, process: 2 }.process;`],
    ['await in an adapter', 'src/kube/x.ts', `export async function a(b: Promise<void>) { await b; }`],
    ['anything in a test', 'test/x.test.ts', `import { a } from '../src/kube/a.ts'; setTimeout(a, 1);`],
  ])('nothing wrong in %s', (_what, path, text) => {
    expect(violationsOf([{ path, text }])).toEqual([]);
  });

  const kind = { kind: 'Thing', resources: 'thing', core: 'thing', controllers: 'thing' };
  const complete: readonly SourceFile[] = [
    { path: 'src/resources/thing/schema.ts', text: '' },
    { path: 'src/core/thing/decide.ts', text: '' },
    { path: 'src/core/model/x.ts', text: '' },
    { path: 'src/controllers/thing/gather.ts', text: '' },
    { path: 'src/controllers/registry.ts', text: `import { thing } from './thing/gather.ts';` },
  ];
  const without = (path: string): readonly SourceFile[] => complete.filter((file) => file.path !== path);

  test('nothing wrong in a complete kind', () => {
    expect(kindViolationsOf(complete, [kind])).toEqual([]);
  });

  test.each([
    ['resources', without('src/resources/thing/schema.ts'), 'no folder src/resources/thing'],
    ['core', without('src/core/thing/decide.ts'), 'no folder src/core/thing'],
    ['controllers', without('src/controllers/thing/gather.ts'), 'no folder src/controllers/thing'],
    ['the registry', without('src/controllers/registry.ts'), 'registry.ts imports nothing of ./thing/'],
    ['the list', [...complete, { path: 'src/core/other/decide.ts', text: '' }], 'src/core/other belongs to no kind'],
  ])('a kind that is missing in %s', (_where, files, complaint) => {
    expect(kindViolationsOf(files, [kind]).join('\n')).toContain(complaint);
  });

  test.each([[['registry', 'npmjs', 'org']], [['proxy', 'golang', 'org']]])('a registry’s host: %s', (parts) => {
    expect(hostViolationsOf([{ path: 'README.md', text: `see https://${parts.join('.')}/x` }])).toHaveLength(1);
  });

  test('a long file', () => {
    expect(longFilesOf([{ path: 'src/core/x.ts', text: 'a\n'.repeat(401) }], LINES_WARN)).toHaveLength(1);
    expect(longFilesOf([{ path: 'src/core/x.ts', text: 'a\n'.repeat(400) }], LINES_WARN)).toEqual([]);
  });
});
