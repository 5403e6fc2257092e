import { expect, test } from 'vitest';
import { judge, matrixOf, pointsOf, totalOf } from '../../../scripts/kills/judge.ts';
import type { Job } from '../../../scripts/kills/plan.ts';
import type { RealRun } from '../../../scripts/kills/real-run.ts';
import type { EndState } from '../../../scripts/kills/view.ts';

const JOB: Job = {
  scenario: 'deliver',
  point: { effect: 'vendor POST /v3/flexMetal/servers', object: 1, nth: 1, fault: 'killAfter' },
};
const END: EndState = {
  object: 'gone',
  namesItsServer: false,
  orders: 1,
  serversLive: 0,
  serversEnded: 1,
  tags: [],
};
const effects = (...names: readonly string[]) => names.map((effect) => ({ effect, object: 1 }));
const EFFECTS = effects('kube PATCH default/web-1', 'vendor POST /v3/flexMetal/servers');
const SIMULATED = { effects: EFFECTS, end: END, violations: [] };

const real = (differing: Partial<RealRun> = {}): RealRun => ({
  effects: EFFECTS,
  end: END,
  isHit: true,
  doubles: [],
  leaks: [],
  stuck: undefined,
  seconds: 2.5,
  ...differing,
});

test('a run that ends as its simulated one is a kill and no failure', () => {
  expect(judge(JOB, real(), SIMULATED)).toEqual({
    job: JOB,
    counts: { runs: 1, kills: 1, doubles: 0, leaks: 0, notReady: 0, differences: 0, notReached: 0, seconds: 2.5 },
    failures: [],
    effectsOnlyReal: [],
    effectsOnlySimulated: [],
    isLaneUsable: true,
  });
});

test.each([
  ['two servers at once', real({ doubles: ['a and b lived at once for c'] }), { doubles: 1 }, /^double: a and b/],
  ['a server without its object', real({ leaks: ['server a lives on'] }), { leaks: 1 }, /^leak: server a lives on/],
  [
    'an object that is stuck',
    real({ stuck: 'waited in vain', end: undefined }),
    { notReady: 1 },
    /^not Ready: waited in vain/,
  ],
  [
    'another end than simulated',
    real({ end: { ...END, orders: 2 } }),
    { differences: 1 },
    /^other than simulated: orders is 2, and in the simulation 1/,
  ],
  ['a run that broke', new Error('no process leads'), { notReady: 1 }, /^the run broke: no process leads/],
])('%s is a failure, with the command that makes it again', (_name, found, counts, message) => {
  const outcome = judge(JOB, found, SIMULATED);
  expect(outcome.counts).toMatchObject(counts);
  expect(outcome.failures).toHaveLength(1);
  expect(outcome.failures[0]).toMatch(message);
  expect(outcome.failures[0]).toContain(
    `npm run kills -- --point '{"scenario":"deliver","effect":"vendor POST /v3/flexMetal/servers","object":1,"nth":1,"fault":"killAfter"}'`,
  );
});

test('how many orders it took is not compared where two living processes race', () => {
  const race: Job = {
    scenario: 'deliver',
    point: { effect: 'kube PATCH default/web-1/status', object: 1, nth: 1, fault: 'leaseTaken' },
  };
  expect(judge(race, real({ end: { ...END, orders: 2 } }), SIMULATED).failures).toEqual([]);
  expect(judge(race, real({ end: { ...END, serversLive: 1 } }), SIMULATED).failures).toEqual([
    expect.stringContaining('serversLive is 1, and in the simulation 0'),
  ]);
});

test('what the simulated run breaks is told as well', () => {
  const { failures } = judge(JOB, real(), { ...SIMULATED, violations: ['L2 there is no rest'] });
  expect(failures).toEqual([expect.stringContaining('the simulated run: L2 there is no rest')]);
});

test('a point that the simulated run does not have is a failure: nothing was compared', () => {
  expect(judge(JOB, real(), undefined).failures).toEqual([
    expect.stringContaining('the simulated run has no such effect'),
  ]);
});

test('a point that never came is no kill and no failure', () => {
  const { counts, failures } = judge(JOB, real({ isHit: false }), SIMULATED);
  expect(counts).toMatchObject({ kills: 0, notReached: 1 });
  expect(failures).toEqual([]);
});

test('runs without faults show which effects one side has more of', () => {
  const job: Job = { scenario: 'deliver', point: undefined };
  const found = judge(job, real({ isHit: false, effects: effects('a', 'b', 'b') }), {
    ...SIMULATED,
    effects: effects('a', 'b', 'c'),
  });
  expect(found).toMatchObject({
    counts: { runs: 1, kills: 0, notReached: 0 },
    effectsOnlyReal: ['deliver: b #2'],
    effectsOnlySimulated: ['deliver: c #1'],
  });
});

test('rows are summed over scenarios in the matrix, and kept apart as points', () => {
  const other: Job = { ...JOB, scenario: 'recreate' };
  const outcomes = [
    judge(JOB, real(), SIMULATED),
    judge(other, real({ leaks: ['server a lives on'] }), SIMULATED),
    judge({ scenario: 'deliver', point: undefined }, real({ isHit: false }), SIMULATED),
  ];
  const kill = { effect: 'vendor POST /v3/flexMetal/servers', fault: 'killAfter' };
  expect(matrixOf(outcomes)).toMatchObject([
    { effect: '', fault: 'none', runs: 1, kills: 0 },
    { ...kill, runs: 2, kills: 2, leaks: 1, seconds: 5 },
  ]);
  expect(pointsOf(outcomes)).toMatchObject([
    { scenario: 'deliver', effect: '', nth: 0, fault: 'none', runs: 1 },
    { ...kill, scenario: 'deliver', nth: 1, runs: 1, leaks: 0 },
    { ...kill, scenario: 'recreate', nth: 1, runs: 1, leaks: 1 },
  ]);
  expect(totalOf(outcomes)).toMatchObject({ runs: 3, kills: 2, leaks: 1 });
});
