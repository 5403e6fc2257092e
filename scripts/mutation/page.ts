import type { Explained } from './explained.ts';
import type { Summary, Tally } from './summary.ts';

/** docs/mutation.md, whole: the figures of docs/mutation.json, and the explained survivors. */
export const pageOf = (summary: Summary, explained: readonly Explained[]): string =>
  [...head(summary), ...figures(summary), ...survivors(explained)].join('\n');

const head = ({ date, commit, seconds }: Summary): readonly string[] => [
  '# Mutation testing of the core',
  '',
  '`npm run mutation` changes `src/core` at one place at a time (a condition turned round, a call left out, a text emptied) with',
  '[Stryker](https://stryker-mutator.io) and runs the tests of `test/core` on each changed program. A change that no test notices is',
  'a survivor: a test is missing, or the change makes no difference. Survivors that were read and let live stand below with the',
  'reason; any other one makes the command fail, and so does a reason that no survivor needs any more.',
  '',
  'Properties are left out of these runs: what only chance finds would be noticed in one run and missed in the next. A change that no',
  'test notices but the compiler refuses cannot be committed, so it needs no explanation; it is counted apart. Percentages are of all',
  'changes, rounded down; explained survivors count as not noticed.',
  '',
  `Written by \`npm run mutation\` on ${date.slice(0, 10)}, from commit ${commit}, after ${Math.ceil(seconds / 60)} minutes.`,
  'The same numbers for programs: [mutation.json](mutation.json).',
  '',
];

const figures = ({ files, total, explained, unexplained }: Summary): readonly string[] => [
  '| file | changes | noticed by a test | by the compiler only | not noticed | by tests | in all |',
  '| --- | --- | --- | --- | --- | --- | --- |',
  ...Object.entries(files)
    .filter(([, tally]) => tally.mutants > 0)
    .map(([file, tally]) => row(`\`${file}\``, tally)),
  row('all', total),
  '',
  `Of those that a test noticed, ${total.timeout} did not end. Of those not noticed, ${total.uncovered} are run by no test; ${explained} are explained below and ${unexplained} are not.`,
  '',
];

const row = (name: string, tally: Tally): string =>
  `| ${[
    name,
    tally.mutants,
    tally.killed + tally.timeout,
    tally.refused,
    tally.survived + tally.uncovered,
    `${tally.byTests.toFixed(2)} %`,
    `${tally.noticed.toFixed(2)} %`,
  ].join(' | ')} |`;

const survivors = (explained: readonly Explained[]): readonly string[] => [
  '## Explained survivors',
  '',
  ...[...new Set(explained.map(({ file }) => file))].flatMap((file) => [
    `### \`${file}\``,
    '',
    ...explained.filter((entry) => entry.file === file).flatMap(item),
    '',
  ]),
];

const item = ({ at, from, to, why }: Explained): readonly string[] => [
  `- ${why}`,
  '',
  '  ```diff',
  `  @@ ${at} @@`,
  ...from.split('\n').map((line) => `  - ${line}`),
  ...to.split('\n').map((line) => `  + ${line}`),
  '  ```',
  '',
];
