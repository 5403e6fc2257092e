import type { EffectPlace, EffectSeen, FailPoint } from '../../test/cluster/support/fail-points/fail-points.ts';
import { needsStandby } from '../../test/cluster/support/fail-points/fail-points.ts';
import { placesOf } from './plan.ts';
import type { Job } from './plan.ts';
import type { RealRun } from './real-run.ts';
import type { Counts, MatrixRow, PointRow } from './result.ts';
import type { SimulatedRun } from './simulated-run.ts';
import type { EndState } from './view.ts';
import { differencesOf, withoutRace } from './view.ts';

/** What one real run came to, beside its simulated one. */
export interface Outcome {
  readonly job: Job;
  readonly counts: Counts;
  /** A sentence each, with the command that makes the run again. */
  readonly failures: readonly string[];
  /** Effects of a run without faults that only one side has. */
  readonly effectsOnlyReal: readonly string[];
  readonly effectsOnlySimulated: readonly string[];
  /** Not so when something is left behind. */
  readonly isLaneUsable: boolean;
}

/** @param real an error when the run itself broke; @param simulated undefined when it has no such effect */
export function judge(job: Job, real: RealRun | Error, simulated: SimulatedRun | undefined): Outcome {
  if (real instanceof Error) return broken(job, real);
  const { point } = job;
  const isReached = point === undefined || real.isHit;
  const differences =
    simulated === undefined || real.end === undefined ? [] : comparison(point, real.end, simulated.end);
  const complaints = [
    ...real.doubles.map((double) => `double: ${double}`),
    ...real.leaks.map((leak) => `leak: ${leak}`),
    ...(real.stuck === undefined ? [] : [`not Ready: ${real.stuck}`]),
    ...differences.map((difference) => `other than simulated: ${difference}`),
    ...(simulated === undefined ? ['the simulated run has no such effect, so there is nothing to compare with'] : []),
    ...(simulated?.violations ?? []).map((violation) => `the simulated run: ${violation}`),
  ];
  const isClean = point === undefined;
  return {
    job,
    counts: {
      runs: 1,
      kills: isReached && (point?.fault === 'killBefore' || point?.fault === 'killAfter') ? 1 : 0,
      doubles: real.doubles.length,
      leaks: real.leaks.length,
      notReady: real.stuck === undefined ? 0 : 1,
      differences: differences.length > 0 ? 1 : 0,
      notReached: isReached ? 0 : 1,
      seconds: real.seconds,
    },
    failures: complaints.map((complaint) => sentence(job, complaint)),
    effectsOnlyReal: isClean ? missing(job, real.effects, simulated?.effects ?? []) : [],
    effectsOnlySimulated: isClean ? missing(job, simulated?.effects ?? [], real.effects) : [],
    isLaneUsable: real.stuck === undefined && real.leaks.length === 0,
  };
}

function comparison(point: FailPoint | undefined, real: EndState, simulated: EndState): readonly string[] {
  return needsStandby(point)
    ? differencesOf(withoutRace(real), withoutRace(simulated))
    : differencesOf(real, simulated);
}

/** Nothing is known of its object then, so it counts as not Ready. */
const broken = (job: Job, { message }: Error): Outcome => ({
  job,
  counts: { ...NO_COUNTS, runs: 1, notReady: 1 },
  failures: [sentence(job, `the run broke: ${message}`)],
  effectsOnlyReal: [],
  effectsOnlySimulated: [],
  isLaneUsable: false,
});

const sentence = (job: Job, complaint: string): string =>
  `${complaint}\n  ${describe(job)}; again: npm run kills -- --point '${JSON.stringify({ scenario: job.scenario, ...job.point })}'`;

export const describe = ({ scenario, point }: Job): string =>
  point === undefined ? `${scenario}, no fault` : `${scenario}, ${placeText(point)}, ${point.fault}`;

const placeText = ({ effect, object, nth }: EffectPlace): string =>
  `${effect} #${nth}${object === 1 ? '' : ` of object ${object}`}`;

/** What `effects` has more of than `others`, with its place. */
function missing({ scenario }: Job, effects: readonly EffectSeen[], others: readonly EffectSeen[]): readonly string[] {
  const textsOf = (list: readonly EffectSeen[]): readonly string[] => placesOf(list).map(placeText);
  const known = new Set(textsOf(others));
  return textsOf(effects)
    .filter((text) => !known.has(text))
    .map((text) => `${scenario}: ${text}`);
}

const NO_COUNTS: Counts = {
  runs: 0,
  kills: 0,
  doubles: 0,
  leaks: 0,
  notReady: 0,
  differences: 0,
  notReached: 0,
  seconds: 0,
};

export const totalOf = (outcomes: readonly Outcome[]): Counts =>
  outcomes.map(({ counts }) => counts).reduce(added, NO_COUNTS);

/** One row for each effect × fault, in the order of their names. */
export const matrixOf = (outcomes: readonly Outcome[]): readonly MatrixRow[] =>
  rowsOf(outcomes, ({ effect, fault }) => ({ effect, fault }));

/** One row for each scenario × effect × fault. */
export const pointsOf = (outcomes: readonly Outcome[]): readonly PointRow[] =>
  rowsOf(outcomes, ({ scenario, effect, object, nth, fault }) => ({ scenario, effect, object, nth, fault }));

type Place = Pick<PointRow, 'scenario' | 'effect' | 'object' | 'nth' | 'fault'>;

const placeOf = ({ job: { scenario, point } }: Outcome): Place => ({
  scenario,
  effect: point?.effect ?? '',
  object: point?.object ?? 0,
  nth: point?.nth ?? 0,
  fault: point?.fault ?? 'none',
});

function rowsOf<Row extends Partial<Place>>(
  outcomes: readonly Outcome[],
  rowOf: (place: Place) => Row,
): readonly (Row & Counts)[] {
  const groups = Map.groupBy(outcomes, (outcome) => JSON.stringify(rowOf(placeOf(outcome))));
  return [...groups]
    .sort(([left], [right]) => left.localeCompare(right))
    .flatMap(([, group]) => group.slice(0, 1).map((first) => ({ ...rowOf(placeOf(first)), ...totalOf(group) })));
}

function added(left: Counts, right: Counts): Counts {
  return {
    runs: left.runs + right.runs,
    kills: left.kills + right.kills,
    doubles: left.doubles + right.doubles,
    leaks: left.leaks + right.leaks,
    notReady: left.notReady + right.notReady,
    differences: left.differences + right.differences,
    notReached: left.notReached + right.notReached,
    seconds: Math.round((left.seconds + right.seconds) * 10) / 10,
  };
}
