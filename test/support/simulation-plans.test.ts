import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { WorldConfig } from '../../src/simulator/config.ts';
import { classOf } from './simulation/lateness.ts';
import type { FaultName, Plan } from './simulation/plan.ts';
import { draw, faultsAt, PairSpace, pointless, sensibleAt } from './simulation/plan-space.ts';
import { shrink } from './simulation/shrink.ts';

describe('the space of plans', () => {
  test('one fault: every effect × every fault that makes sense there, the rest counted by reason', () => {
    const faults = faultsAt(['object', 'order']);
    expect(faults).toHaveLength(sensibleAt('object').length + sensibleAt('order').length);
    expect(faults).toContainEqual({ at: 1, do: 'conflict' });
    expect(faults).toContainEqual({ at: 2, do: 'delayedToEdge' });
    expect(faults).not.toContainEqual({ at: 2, do: 'conflict' });
    expect(pointless(['object', 'order'])).toEqual({
      'conflict only strikes: object': 1,
      'delayedToEdge only strikes: order': 1,
      'delayedPastWindow only strikes: order': 1,
      'frozenPastWindow only strikes: order, release': 1,
    });
  });

  test('two faults: each first one with every fault at every later effect of its own run, each once', () => {
    const firsts = [
      { fault: { at: 1, do: 'killAfter' }, places: ['object', 'order', 'tag'] },
      { fault: { at: 2, do: 'killAfter' }, places: ['object', 'order'] },
      { fault: { at: 2, do: 'replyLost' }, places: ['object', 'order', 'object'] },
    ] as const;
    const space = new PairSpace('deliver', 3, firsts);
    const [object, order, tag] = [sensibleAt('object'), sensibleAt('order'), sensibleAt('tag')];
    expect(space.size).toBe(order.length + tag.length + object.length);
    const plans = Array.from({ length: space.size }, (_, number) => space.plan(number));
    expect(new Set(plans.map((plan) => JSON.stringify(plan))).size).toBe(space.size);
    expect(plans[0]?.faults).toEqual([
      { at: 1, do: 'killAfter' },
      { at: 2, do: order[0] },
    ]);
    expect(plans[order.length]?.faults).toEqual([
      { at: 1, do: 'killAfter' },
      { at: 3, do: tag[0] },
    ]);
    expect(plans.at(-1)).toEqual({
      scenario: 'deliver',
      seed: 3,
      faults: [
        { at: 2, do: 'replyLost' },
        { at: 3, do: object.at(-1) },
      ],
    });
    expect(() => space.plan(space.size)).toThrow(RangeError);
  });

  test('a draw takes each number once, the same with the same seed, and all when there are no more', () => {
    const drawn = draw(seededRandom(4), 1_000, 100);
    expect(new Set(drawn).size).toBe(100);
    expect(drawn.every((number) => number >= 0 && number < 1_000)).toBe(true);
    expect(draw(seededRandom(4), 1_000, 100)).toEqual(drawn);
    expect(new Set(draw(seededRandom(5), 5, 99))).toEqual(new Set([0, 1, 2, 3, 4]));
  });
});

describe('the class of a run', () => {
  const world = (config: Parameters<typeof WorldConfig.parse>[0] = {}) => WorldConfig.parse(config);
  const lag = world({ visibility: { lag: '20s' } });
  const late = world({ faults: [{ match: { operation: 'createFlexMetalServer' }, do: { commit: { after: '4m' } } }] });
  test.each<[string, readonly FaultName[], WorldConfig, 'within' | 'beyond']>([
    ['no fault', [], lag, 'within'],
    ['an order at the edge of the window, and lists that lag a little', ['delayedToEdge'], lag, 'within'],
    ['an order at the edge, and lists that lag for minutes', ['delayedToEdge', 'listLag'], lag, 'beyond'],
    ['a delayed order, and lists that lag for minutes', ['delayed', 'listLag'], lag, 'within'],
    ['an order after the window', ['delayedPastWindow'], world(), 'beyond'],
    ['a minute of standstill', ['frozen'], late, 'within'],
    ['a standstill longer than the window', ['frozenPastWindow'], world(), 'beyond'],
    ['a delayed order in a world that takes orders late', ['delayed'], late, 'beyond'],
    ['faults that delay nothing', ['killAfter', 'clockBack'], late, 'within'],
  ])('%s', (_name, names, config, expected) => {
    expect(classOf({ faults: names.map((name, at) => ({ at: at + 1, do: name })) }, config)).toBe(expected);
  });
});

describe('a failing plan is made shorter', () => {
  const plan: Plan = {
    scenario: 'c',
    seed: 9,
    faults: [
      { at: 2, do: 'replyLost' },
      { at: 7, do: 'killAfter' },
    ],
  };
  test.each<[string, (tried: Plan) => boolean, Plan]>([
    ['to nothing when it always fails', () => true, { scenario: 'a', seed: 1, faults: [] }],
    [
      'to the fault that matters, at the first effect at which it does',
      ({ faults }) => faults.some((fault) => fault.do === 'killAfter' && fault.at >= 4),
      { scenario: 'a', seed: 1, faults: [{ at: 4, do: 'killAfter' }] },
    ],
    ['not at all when nothing shorter fails', () => false, plan],
    [
      'within the scenario that matters',
      ({ scenario, faults }) => scenario !== 'a' && faults.length === 2,
      {
        scenario: 'b',
        seed: 1,
        faults: [
          { at: 1, do: 'replyLost' },
          { at: 2, do: 'killAfter' },
        ],
      },
    ],
  ])('%s', async (_name, fails, expected) => {
    expect(await shrink(plan, ['a', 'b', 'c'], (tried) => Promise.resolve(fails(tried)))).toEqual(expected);
  });
});
