import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { readBenchOptions } from '../../scripts/bench/options.ts';
import { readDemoOptions } from '../../scripts/demo/options.ts';
import { readImageOptions } from '../../scripts/image/options.ts';
import { seededRandom } from '../../src/base/random.ts';
import { loadConfig } from '../../src/config.ts';
import { systemClock } from '../../src/runtime/system-clock.ts';
import { simulatorMain } from '../../src/simulator/cli.ts';
import { commands, PAGES, ROOT } from './markdown.ts';

const Scripts = z.object({ scripts: z.record(z.string(), z.string()) });
const { scripts } = Scripts.parse(JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')));

/** Each single command of a page: `a && b` are two. */
const COMMANDS = PAGES.flatMap((page) =>
  commands(page)
    .flatMap((line) => line.split(/\s+(?:&&|\|)\s+/))
    .map((command) => ({ file: page.file, words: wordsOf(command) })),
);

/** Quotes taken off; variables that are set for one command passed over. */
function wordsOf(command: string): readonly string[] {
  const words = [...command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, one, two, bare]) => one ?? two ?? bare ?? '',
  );
  return words.slice(words.findIndex((word) => !/^[A-Z_]+=/.test(word)));
}

const beginning = (...start: readonly string[]) =>
  COMMANDS.filter(({ words }) => start.every((word, index) => words[index] === word)).map(
    ({ file, words }) => [file, words.slice(start.length)] as const,
  );

test.each(beginning('npm', 'run'))('%s: npm run %o is a script of ours', (_file, [name = '']) => {
  expect(Object.keys(scripts)).toContain(name);
});

test.each(beginning('npm', 'run', 'demo', '--'))('%s: the demo takes %o', (_file, argv) => {
  expect(readDemoOptions(argv).kind).not.toBe('wrong');
});

test.each(beginning('npm', 'run', 'image', '--'))('%s: the image is built with %o', (_file, argv) => {
  expect(readImageOptions(argv, {}).kind).not.toBe('wrong');
});

test.each(beginning('npm', 'run', 'bench', '--'))('%s: the bench takes %o', (_file, argv) => {
  expect(readBenchOptions(argv).kind).not.toBe('wrong');
});

test.each([...beginning('bin/flexmetal-operator', 'run'), ...beginning('bin/flexmetal-operator', 'help')])(
  '%s: the operator takes %o',
  (_file, argv) => {
    const loaded = loadConfig({ argv: ['run', ...argv], env: {}, readFile: () => '' });
    expect(loaded.kind === 'error' ? loaded.message : '').toBe('');
  },
);

test.each(beginning('bin/flexmetal-operator', 'simulator'))(
  '%s: the simulator knows the options %o',
  async (_file, argv) => {
    const help: string[] = [];
    await simulatorMain(['--help'], {
      clock: systemClock,
      random: seededRandom(1),
      out: (line) => void help.push(line),
      err: () => undefined,
      stop: AbortSignal.abort(),
    });
    const options = argv.filter((word) => word.startsWith('--'));
    const known = help.join('\n').match(/--[a-z-]+/g);
    expect(known).toEqual(expect.arrayContaining(options));
    const scenario = argv[argv.indexOf('--scenario') + 1];
    expect(argv.includes('--scenario') ? existsSync(path.join(ROOT, scenario ?? '')) : true).toBe(true);
  },
);

test.each(beginning('npx', 'vitest', 'run'))('%s: the tests that %o names are there', (_file, argv) => {
  const project = argv.indexOf('--project');
  expect(['unit', 'simulation', 'cluster']).toContain(argv[project + 1]);
  const files = argv.filter((word) => word.startsWith('test/'));
  expect(files.filter((file) => !existsSync(path.join(ROOT, file)))).toEqual([]);
});

test('the README has the commands that everybody starts with', () => {
  const first = COMMANDS.filter(({ file }) => file === 'README.md').map(({ words }) => words.join(' '));
  expect(first).toEqual(expect.arrayContaining(['npm ci', 'npm run demo', 'npm test', 'kubectl apply -f crds/']));
});
