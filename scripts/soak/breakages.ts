import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../../src/base/random.ts';
import { between, chance, nextIn, pick } from './dice.ts';
import type { Fleet } from './fleet.ts';
import { isReady } from './objects.ts';
import type { Stage } from './stage.ts';
import type { Tally } from './tally.ts';
import { drawWeather } from './weather.ts';

/** Something that happens again and again until the storm is over. */
export interface Happening {
  /** Length of the next pause. */
  readonly pause: () => number;
  readonly happen: () => Promise<void>;
}

export interface Storm {
  readonly stage: Stage;
  readonly fleet: Fleet;
  readonly random: Random;
  readonly breakages: Tally;
  /** Below 1 everything comes sooner, for a soak of some minutes. */
  readonly pace: number;
}

const SECOND = 1_000;

/** All that breaks, but for the operator's process. */
export const breakagesOf = (storm: Storm): readonly Happening[] => {
  const { stage, fleet, random, breakages, pace } = storm;
  const every = (meanMs: number) => () => nextIn(random, meanMs * pace);
  return [
    {
      pause: () => between(random, 6 * SECOND, 20 * SECOND),
      happen: () => stage.vendor.setWeather(drawWeather(random)),
    },
    {
      pause: every(30 * SECOND),
      happen: async () => {
        breakages.add('connections to the API server cut');
        stage.proxy.cut();
      },
    },
    {
      pause: every(75 * SECOND),
      happen: async () => {
        breakages.add('connections to the API server stalled');
        stage.proxy.stall();
        await delay(between(random, 1 * SECOND, 8 * SECOND));
        stage.proxy.flow();
      },
    },
    {
      pause: every(240 * SECOND),
      happen: () => restartApiServer(storm),
    },
    {
      pause: every(180 * SECOND),
      happen: async () => {
        breakages.add('token rotated');
        await stage.vendor.setToken(stage.token.make());
        // For some seconds the operator has only the old one.
        await delay(between(random, 0, 8 * SECOND));
        stage.token.write();
      },
    },
    {
      pause: every(60 * SECOND),
      happen: async () => {
        const uuids = fleet.wanted.filter(isReady).flatMap(({ status }) => status?.serverUuid ?? []);
        if (uuids.length === 0) return;
        if (await stage.vendor.releaseBehindTheBack(pick(random, uuids)))
          breakages.add('server released by somebody else');
      },
    },
  ];
};

async function restartApiServer({ stage, random, breakages }: Storm): Promise<void> {
  const how = pick(random, ['terminate', 'kill'] as const);
  if (chance(random, 0.5)) {
    breakages.add('etcd compacted');
    await stage.controlPlane.compactEtcd();
  }
  breakages.add(how === 'kill' ? 'API server killed' : 'API server restarted');
  await stage.controlPlane.stopApiServer(how);
  await untilUp(stage, breakages);
}

const STARTS_MOST = 10;

/** On a machine with too much to do it may not become ready in time; for the operator that is one outage more. */
async function untilUp({ controlPlane }: Stage, breakages: Tally): Promise<void> {
  for (let start = 1; ; start += 1) {
    try {
      return await controlPlane.startApiServer();
    } catch (error) {
      if (start === STARTS_MOST) throw error;
      breakages.add('API server not ready in time');
    }
  }
}

/** Of the storm: then the operator is killed no more, so that its memory can be watched for the rest. */
const KILLING_SHARE = 0.2;
const KILL_EVERY_MINUTES = 1.5;

/** When the operator is killed, in shares of the storm. */
export function killTimes(minutes: number): readonly number[] {
  const count = Math.max(1, Math.round((minutes * KILLING_SHARE) / KILL_EVERY_MINUTES));
  return Array.from({ length: count }, (_, index) => (KILLING_SHARE * (index + 1)) / count);
}
