import type { Deletion } from '../../../test/support/models/life.ts';
import { DELETIONS } from '../../../test/support/models/life.ts';
import type { ModelFault } from '../../../test/support/models/matrix.ts';
import { MODEL_FAULTS, total } from '../../../test/support/models/matrix.ts';
import type { Outcome } from '../../../test/support/models/outcome.ts';
import { OUTCOMES } from '../../../test/support/models/outcome.ts';
import { pointlessAt } from '../../../test/support/simulation/plan.ts';
import { number, table } from '../markdown.ts';
import type { Results } from '../results.ts';

type Protocol = Results['models']['protocols'][number];

/** What each order of steps came to: all faults at all effects, and the faults at the order itself. */
export function models({ models: { protocols } }: Results): string {
  return [
    table(
      ['order of steps', 'faults', 'lives', ...OUTCOMES.map((outcome) => WORDS[outcome])],
      protocols.flatMap(({ name, single, pairs }) => [
        [name, 'one', total(single), ...OUTCOMES.map((outcome) => single[outcome])],
        ['', 'two', total(pairs), ...OUTCOMES.map((outcome) => pairs[outcome])],
      ]),
    ),
    '',
    'One fault, at the order itself: what it came to when the object lives on / when it is deleted at that moment; one word where both are the same.',
    '',
    table(
      ['order of steps', ...AT_ORDER],
      protocols.map((protocol) => [protocol.name, ...AT_ORDER.map((fault) => bothLives(protocol, fault))]),
    ),
    '',
    ...protocols.map(({ name, steps, source }) => `- **${name}**: ${steps}. Source: ${source}.`),
  ].join('\n');
}

const WORDS: Readonly<Record<Outcome, string>> = {
  one: 'one server',
  person: 'waits for a person',
  leak: 'leak',
  double: 'double',
};

const AT_ORDER: readonly ModelFault[] = MODEL_FAULTS.filter((fault) => pointlessAt(fault, 'order') === undefined);

/** What it came to in both lives, once when it is the same. */
function bothLives(protocol: Protocol, fault: ModelFault): string {
  const words = DELETIONS.map((deletion) =>
    atOrder(protocol, deletion, fault)
      .map((outcome) => WORDS[outcome])
      .join(' or '),
  );
  return [...new Set(words)].join(' / ');
}

const atOrder = ({ cells }: Protocol, deletion: Deletion, fault: ModelFault): readonly Outcome[] => [
  ...new Set(
    cells
      .filter((cell) => cell.effect === 'order' && cell.deletion === deletion && cell.fault === fault)
      .map(({ outcome }) => outcome),
  ),
];

/** The plot, and what it says in words. */
export function lag({ lag: { points, windowSeconds } }: Results): string {
  const first = points.find(({ operator }) => operator.doubles > 0);
  const all = points.find(({ operator }) => operator.doubles === operator.runs);
  const within = points.filter(({ ratio }) => ratio <= 1);
  const runs = within.reduce((sum, { operator }) => sum + operator.runs, 0);
  const doubles = within.reduce((sum, { operator }) => sum + operator.doubles, 0);
  return [
    '![Share of runs with two servers at once, over list lag in parts of the window](proof/lag.svg)',
    '',
    `Up to the window of ${number(windowSeconds)} s: ${number(doubles)} of ${number(runs)} runs of this operator with two servers. The first at ${ratioOf(first)} of the window, all from ${ratioOf(all)} on. ${number(points[0]?.operator.runs ?? 0)} runs a point.`,
  ].join('\n');
}

const ratioOf = (point: { readonly ratio: number } | undefined): string =>
  point === undefined ? 'none' : number(point.ratio);
