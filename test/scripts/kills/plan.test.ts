import { expect, test } from 'vitest';
import { ordinalOf } from '../../../scripts/kills/simulated-run.ts';
import type { Job } from '../../../scripts/kills/plan.ts';
import { allJobs, draw, placesOf } from '../../../scripts/kills/plan.ts';

test('an effect is known by its place among those of its name and object', () => {
  const seen = [1, 1, 1, 2, 2].map((object, index) => ({ object, effect: index === 1 ? 'b' : 'a' }));
  expect(placesOf(seen)).toEqual([
    { effect: 'a', object: 1, nth: 1 },
    { effect: 'b', object: 1, nth: 1 },
    { effect: 'a', object: 1, nth: 2 },
    { effect: 'a', object: 2, nth: 1 },
    { effect: 'a', object: 2, nth: 2 },
  ]);
});

test('an effect of a simulated run is found by its place, and one that it has not is not', () => {
  const seen = [1, 1, 2].map((object) => ({ object, effect: 'a' }));
  expect(ordinalOf(seen, { effect: 'a', object: 1, nth: 2 })).toBe(2);
  expect(ordinalOf(seen, { effect: 'a', object: 2, nth: 1 })).toBe(3);
  expect(ordinalOf(seen, { effect: 'a', object: 2, nth: 2 })).toBeUndefined();
});

test('every effect of a scenario meets every fault', async () => {
  const jobs = await allJobs(['deliver'], ['killBefore', 'killAfter'], 1);
  const names = jobs.map(({ point }) => `${point?.effect} #${point?.nth} ${point?.fault}`);
  expect(names).toEqual(
    [
      'kube PATCH default/web-1 #1',
      'kube PATCH default/web-1/status #1',
      'vendor POST /v3/flexMetal/servers #1',
      'kube PATCH default/web-1 #2',
      'kube PATCH default/web-1/status #2',
      'kube PATCH default/web-1/status #3',
    ].flatMap((place) => [`${place} killBefore`, `${place} killAfter`]),
  );
});

const job = (effect: string, nth: number, fault: 'killBefore' | 'killAfter'): Job => ({
  scenario: 'deliver',
  point: { effect, object: 1, nth, fault },
});

const JOBS = [1, 2, 3, 4, 5, 6].flatMap((nth) => [
  job('status', nth, 'killBefore'),
  job('status', nth, 'killAfter'),
  ...(nth === 1 ? [job('order', nth, 'killBefore'), job('order', nth, 'killAfter')] : []),
]);

const kindsOf = (jobs: readonly Job[]): readonly string[] =>
  jobs.map(({ point }) => `${point?.effect} ${point?.fault}`).sort();

test('a small draw has each kind of effect with each fault', () => {
  expect(kindsOf(draw(JOBS, 4, 1))).toEqual([
    'order killAfter',
    'order killBefore',
    'status killAfter',
    'status killBefore',
  ]);
});

test('a draw of all has each job once, and a longer one begins again', () => {
  const texts = (jobs: readonly Job[]): readonly string[] => jobs.map((each) => JSON.stringify(each));
  const all = texts(draw(JOBS, JOBS.length, 1));
  expect([...all].sort()).toEqual(texts(JOBS).toSorted());
  expect(texts(draw(JOBS, JOBS.length + 2, 1))).toEqual([...all, ...all.slice(0, 2)]);
});

test('the same seed draws the same, another one something else', () => {
  expect(draw(JOBS, 8, 3)).toEqual(draw(JOBS, 8, 3));
  expect(draw(JOBS, 8, 3)).not.toEqual(draw(JOBS, 8, 4));
});
