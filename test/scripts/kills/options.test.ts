import { expect, test } from 'vitest';
import { readKillsOptions } from '../../../scripts/kills/options.ts';
import { SCENARIO_NAMES } from '../../../scripts/kills/scenarios.ts';
import { REAL_FAULTS } from '../../cluster/support/fail-points/fail-points.ts';

const DEFAULTS = {
  kills: undefined,
  seed: 1,
  faults: ['killBefore', 'killAfter'],
  scenarios: SCENARIO_NAMES,
  lanes: 6,
  entry: 'src/main.ts',
  out: undefined,
  only: undefined,
};

test.each([
  ['nothing', [], {}],
  ['numbers', ['--kills', '200', '--seed', '7', '--lanes', '2'], { kills: 200, seed: 7, lanes: 2 }],
  ['faults', ['--faults', 'frozen, replyLost'], { faults: ['frozen', 'replyLost'] }],
  ['all faults', ['--faults', 'all'], { faults: REAL_FAULTS }],
  [
    'scenarios, whose names hold commas',
    ['--scenarios', 'unclear, ordered;recreate'],
    { scenarios: ['unclear, ordered', 'recreate'] },
  ],
  ['a bundle and a file', ['--entry', 'dist/main.mjs', '--out', 'a.json'], { entry: 'dist/main.mjs', out: 'a.json' }],
  [
    'one point',
    [
      '--point',
      '{"scenario":"deliver","effect":"vendor POST /v3/flexMetal/servers","object":1,"nth":1,"fault":"killAfter"}',
    ],
    {
      only: {
        scenario: 'deliver',
        point: { effect: 'vendor POST /v3/flexMetal/servers', object: 1, nth: 1, fault: 'killAfter' },
      },
    },
  ],
  [
    'one run without a fault',
    ['--point', '{"scenario":"deliver"}'],
    { only: { scenario: 'deliver', point: undefined } },
  ],
])('%s', (_name, argv, differing) => {
  expect(readKillsOptions(argv)).toEqual({ kind: 'run', options: { ...DEFAULTS, ...differing } });
});

test.each([
  ['an unknown option', ['--kill', '3'], /Unknown option '--kill'/],
  ['no number', ['--kills', 'many'], /--kills takes whole numbers from 1 to 100000, not "many"/],
  ['an unknown fault', ['--faults', 'meteor'], /there is no fault "meteor"; there are killBefore/],
  ['an unknown scenario', ['--scenarios', 'nope'], /there is no scenario "nope"; there are: deliver/],
  ['half a point', ['--point', '{"scenario":"deliver","nth":1}'], /--point takes what a failure prints/],
  ['no JSON', ['--point', '{'], /--point takes what a failure prints/],
])('%s is refused with a hint', (_name, argv, message) => {
  const read = readKillsOptions(argv);
  expect(read).toMatchObject({ kind: 'wrong', message: expect.stringMatching(message) });
  expect(read).toMatchObject({ message: expect.stringMatching(/npm run kills -- --help/) });
});

test('the help names every fault and every scenario', () => {
  const read = readKillsOptions(['--help']);
  const text = read.kind === 'help' ? read.text : '';
  expect([...REAL_FAULTS, ...SCENARIO_NAMES].filter((name) => !text.includes(name))).toEqual([]);
});
