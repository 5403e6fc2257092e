import path from 'node:path';
import { expect, test } from 'vitest';
import { OPERATOR_SOURCE, readSoakOptions } from '../../../scripts/soak/options.ts';

const DEFAULTS = {
  minutes: 30,
  objects: 500,
  seed: 1,
  out: undefined,
  operator: OPERATOR_SOURCE,
  dir: undefined,
};

test.each([
  ['a length alone', ['--minutes', '30'], {}],
  ['half a minute', ['--minutes=0.5', '--objects', '20'], { minutes: 0.5, objects: 20 }],
  [
    'a seed and files',
    ['--minutes', '30', '--seed', '7', '--out', 'a.json', '--dir', 'logs'],
    { seed: 7, out: 'a.json', dir: 'logs' },
  ],
  ['a bundle', ['--minutes', '30', '--operator', 'dist/operator.js'], { operator: path.resolve('dist/operator.js') }],
])('%s', (_name, argv, differing) => {
  expect(readSoakOptions(argv)).toEqual({ kind: 'run', options: { ...DEFAULTS, ...differing } });
});

test.each([
  ['no length', [], 'say how long it shall last'],
  ['no time at all', ['--minutes', '0'], '--minutes takes numbers from 0.1 to 10080, not "0"'],
  ['an empty number', ['--minutes', ''], '--minutes takes numbers'],
  ['half an object', ['--minutes', '1', '--objects', '1.5'], '--objects takes whole numbers, not "1.5"'],
  ['an option that does not exist', ['--hours', '1'], "Unknown option '--hours'"],
])('%s is refused, with the way to the help', (_name, argv, said) => {
  const read = readSoakOptions(argv);
  expect(read).toEqual({ kind: 'wrong', message: expect.stringContaining(said) });
  expect(read).toEqual({ kind: 'wrong', message: expect.stringContaining('--help lists the options') });
});
