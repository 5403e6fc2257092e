import type { Millis } from '../../../src/base/time.ts';
import { millis, minutes } from '../../../src/base/time.ts';
import type { WorldConfigInput } from '../../../src/simulator/config.ts';
import type { PlannedFault } from '../simulation/plan.ts';
import type { LifePlan, Protocol } from './life.ts';

/** How the answer to an order gets lost. In each the order has taken effect, or will. */
export const LOSSES = ['killed', 'reply lost', 'committed late'] as const;
export type Loss = (typeof LOSSES)[number];

/** How many of some runs ended with two servers at once. */
export interface Doubles {
  readonly runs: number;
  readonly doubles: number;
}

/** The late commit: after the caller gave up, and within the window. */
const COMMIT_MOST = minutes(4);

/**
 * Runs a life for each loss and seed in which a server shows in the lists only `delay` after its order was sent.
 * @returns how many of them had two servers at once
 */
export async function doublesAt(protocol: Protocol, delay: Millis, seeds: readonly number[]): Promise<Doubles> {
  const at = await placeOfOrder(protocol);
  const plans = seeds.flatMap((seed) => LOSSES.map((loss) => planOf(loss, delay, at, seed)));
  let doubles = 0;
  for (const plan of plans) if ((await protocol(plan)).outcome === 'double') doubles += 1;
  return { runs: plans.length, doubles };
}

function planOf(loss: Loss, delay: Millis, at: number, seed: number): LifePlan {
  const base = { deletion: 'whenDelivered', seed } as const;
  switch (loss) {
    case 'killed':
      return { ...base, faults: [{ at, do: 'killAfter' }], world: listedAfter(delay) };
    case 'reply lost':
      return { ...base, faults: [{ at, do: 'replyLost' }], world: listedAfter(delay) };
    case 'committed late':
      return { ...base, faults: [], world: committedLate(delay) };
  }
}

const listedAfter = (lag: Millis): WorldConfigInput => ({ visibility: { lag: duration(lag) } });

/** No answer ever comes; the server is there some minutes later, and in the lists when the delay is over. */
function committedLate(delay: Millis): WorldConfigInput {
  const commitAfter = millis(Math.min(delay, COMMIT_MOST));
  return {
    ...listedAfter(millis(delay - commitAfter)),
    faults: [
      {
        match: { operation: 'createFlexMetalServer', nth: 1 },
        do: {
          commit: commitAfter === 0 ? 'now' : { after: duration(commitAfter) },
          answer: { kind: 'hang' },
        },
      },
    ],
  };
}

/** Which of its outside effects is the order. */
async function placeOfOrder(protocol: Protocol): Promise<PlannedFault['at']> {
  const { effects } = await protocol({ deletion: 'whenDelivered', seed: 1, faults: [] });
  const order = effects.find(({ kind }) => kind === 'order');
  if (order === undefined) throw new Error('a life without an order');
  return order.ordinal;
}

const duration = (length: Millis): string => `${Math.round(length)}ms`;
