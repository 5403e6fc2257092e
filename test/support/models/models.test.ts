import { describe, expect, test } from 'vitest';
import { lifeOfModel } from './life.ts';
import { cellsOf, placesOf } from './matrix.ts';
import type { ModelFault } from './matrix.ts';
import type { Model } from './model.ts';
import { MODELS } from './models.ts';
import type { Outcome } from './outcome.ts';
import { doublesAt } from './lag.ts';
import { minutes, seconds } from '../../../src/base/time.ts';

/** What the order of steps implies when a fault strikes the order itself, and its object lives on. */
const BLIND: Readonly<Partial<Record<ModelFault, Outcome>>> = {
  killBefore: 'one',
  killAfter: 'double',
  replyLost: 'double',
  errorWithout: 'one',
  errorWith: 'double',
  delayed: 'double',
  delayedToEdge: 'double',
};
/** Its process dies with the create pending: nobody may go on. An error counts as failed, whatever it did. */
const ANNOTATED = { ...BLIND, killBefore: 'person', killAfter: 'person' } as const;

describe('a fault at the order comes to what the order of steps implies', () => {
  test.each(MODELS.map((model) => [model.name, model] as const))('%s', async (name, model) => {
    const life = lifeOfModel(model);
    const places = await placesOf(life, 'whenDelivered');
    const cells = await cellsOf(life, 'whenDelivered', places, 'order');
    const seen = Object.fromEntries(cells.map(({ fault, outcome }) => [fault, outcome]));
    expect(seen).toEqual(name === 'pending, succeeded, failed' ? ANNOTATED : BLIND);
  });
});

const named = (name: string): Model => {
  const model = MODELS.find((each) => each.name === name);
  if (model === undefined) throw new Error(`no model ${name}`);
  return model;
};

test('an object that is deleted while its order is unclear leaves a server behind, or waits for a person', async () => {
  const plan = { deletion: 'whileOrdering', seed: 1, faults: [] } as const;
  const outcome = async (name: string, at: number): Promise<Outcome> => {
    const life = await lifeOfModel(named(name))({ ...plan, faults: [{ at, do: 'killAfter' }] });
    return life.outcome;
  };
  expect(await outcome('create, then save the id in status', 2)).toBe('leak');
  expect(await outcome('pending, succeeded, failed', 3)).toBe('person');
});

test('to look by tag without a window helps where lists show a server at once, and only there', async () => {
  const life = lifeOfModel(named('look by tag, else create'));
  expect(await doublesAt(life, seconds(0), [1])).toEqual({ runs: 3, doubles: 0 });
  expect(await doublesAt(life, minutes(6), [1])).toEqual({ runs: 3, doubles: 3 });
});
