import { expect, test } from 'vitest';
import { BENCHES, readBenchOptions } from '../../../scripts/bench/options.ts';

const DEFAULTS = {
  only: BENCHES,
  objects: 1_000,
  memoryObjects: [1_000, 10_000],
  idleSeconds: 60,
  latencyObjects: 200,
  json: undefined,
  markdown: undefined,
};

test.each([
  ['nothing', [], {}],
  ['some benches', ['--only', 'burst, idle'], { only: ['burst', 'idle'] }],
  ['sizes', ['--objects', '50', '--memory-objects=1,2,3'], { objects: 50, memoryObjects: [1, 2, 3] }],
  ['files', ['--json', 'a.json', '--markdown', 'a.md'], { json: 'a.json', markdown: 'a.md' }],
])('%s', (_name, argv, differing) => {
  expect(readBenchOptions(argv)).toEqual({ kind: 'run', options: { ...DEFAULTS, ...differing } });
});

test.each([
  ['a bench that does not exist', ['--only', 'speed'], 'there is no bench "speed"; there are decisions, calls'],
  ['an option that does not exist', ['--fast'], "Unknown option '--fast'"],
  ['no objects', ['--objects', '0'], '--objects takes whole numbers from 1 to 100000, not "0"'],
  ['half an object', ['--objects', '1.5'], 'not "1.5"'],
  ['an empty size', ['--memory-objects', '1,'], '--memory-objects takes whole numbers'],
])('%s is refused, with the way to the help', (_name, argv, said) => {
  const read = readBenchOptions(argv);
  expect(read).toEqual({ kind: 'wrong', message: expect.stringContaining(said) });
  expect(read).toEqual({ kind: 'wrong', message: expect.stringContaining('--help lists the options') });
});
