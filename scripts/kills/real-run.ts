import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import type { EffectSeen, FailPoint } from '../../test/cluster/support/fail-points/fail-points.ts';
import { needsStandby } from '../../test/cluster/support/fail-points/fail-points.ts';
import { waitFor } from '../../test/support/cluster/wait-for.ts';
import type { Lane } from './lane.ts';
import { REAL_PACE } from './lane.ts';
import type { Hands, ScenarioName } from './scenarios.ts';
import { KILL_SCENARIOS, SPEC } from './scenarios.ts';
import type { EndState, View } from './view.ts';
import { doublesAmong, endStateOf, viewOf } from './view.ts';

export interface RealRun {
  /** In their order. */
  readonly effects: readonly EffectSeen[];
  /** Undefined when it never came to rest. */
  readonly end: EndState | undefined;
  readonly isHit: boolean;
  readonly doubles: readonly string[];
  readonly leaks: readonly string[];
  /** Why the object was not as wanted in time. */
  readonly stuck: string | undefined;
  readonly seconds: number;
}

const NAME = 'web-1';
/**
 * A restart, a Lease that runs out, a settle window with its time-out, the two minutes after which an order that was refused
 * twice is tried again, and a delivery: on a machine that is busy.
 */
const WAIT_MAX_MS = 240_000;
const LOOK_EVERY_MS = 40;
/** Two listings of the vendor at rest: what would still be written by itself is written by then. */
const REST_MS = 700;

/** Plays one scenario with the processes of a lane, and leaves the lane empty: no object, no live server. */
export async function realRun(lane: Lane, scenario: ScenarioName, point: FailPoint | undefined): Promise<RealRun> {
  const startedAt = performance.now();
  const { points, replicas } = lane;
  await replicas.scale(needsStandby(point) ? 2 : 1);
  const look = lookFrom(lane);
  const faults = new VendorFaults(lane.stage.vendor.url);
  await faults.add(KILL_SCENARIOS[scenario].faults(REAL_PACE));
  points.arm(point);
  let stuck = await failureOf(KILL_SCENARIOS[scenario].script(realHands(lane, look)));
  points.disarm();
  stuck ??= await failureOf(
    until(look, 'its object is Ready or gone', ({ object }) => object === undefined || object.ready === 'True'),
  );
  await points.quiet();
  await delay(REST_MS);
  const end = stuck === undefined ? endStateOf(await look()) : undefined;
  const { isHit, seen } = points;
  await faults.clear();
  const leaks = await clear(lane, look);
  return {
    effects: seen,
    end,
    isHit,
    doubles: doublesAmong((await look()).lives),
    leaks,
    stuck,
    seconds: (performance.now() - startedAt) / 1_000,
  };
}

type Look = () => Promise<View>;

/** Sees only what came after this moment: lanes are used again and again. */
function lookFrom({ stage }: Lane): Look {
  const { vendor, objects, rest } = stage;
  const [livesBefore, ordersBefore] = [vendor.lives().length, vendor.orders().length];
  return async () => {
    const { status, body } = await rest.request('GET', `${objects.collection}/${NAME}`);
    if (status !== 200 && status !== 404) throw new Error(`the API server answers ${status}`);
    return viewOf(
      status === 404 ? undefined : body,
      vendor.lives().slice(livesBefore),
      vendor.orders().slice(ordersBefore),
    );
  };
}

async function until(look: Look, what: string, isReached: (view: View) => boolean): Promise<View> {
  let last: View | undefined;
  try {
    return await waitFor(
      what,
      async () => {
        last = await look();
        return isReached(last) ? last : undefined;
      },
      { timeoutMs: WAIT_MAX_MS, everyMs: LOOK_EVERY_MS },
    );
  } catch (error) {
    throw new Error(`waited in vain until ${what}; it stood at ${JSON.stringify(last?.object ?? 'no object')}`, {
      cause: error,
    });
  }
}

const realHands = ({ stage: { objects, rest }, points }: Lane, look: Look): Hands => ({
  create: () => {
    points.nextObject();
    return objects.create(NAME, SPEC);
  },
  edit: async (patch, part) => {
    const where = `${objects.collection}/${NAME}${part === undefined ? '' : `/${part}`}`;
    await rest.must('PATCH', where, { body: patch, contentType: 'application/merge-patch+json' });
  },
  delete: () => objects.delete(NAME),
  rest: () => delay(REST_MS),
  until: (what, isReached) => until(look, what, isReached),
});

/** What went wrong; undefined when nothing did. */
const failureOf = (attempt: Promise<unknown>): Promise<string | undefined> =>
  attempt.then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );

/** Deletes what is left. @returns a sentence for each server that outlived its object. */
async function clear({ stage, points }: Lane, look: Look): Promise<readonly string[]> {
  const { object } = await look();
  if (object !== undefined) await stage.objects.delete(NAME);
  const stuck = await failureOf(until(look, 'the object goes', (view) => view.object === undefined));
  await points.quiet();
  await delay(REST_MS);
  const { live } = await look();
  for (const { uuid } of live) await releaseByHand(stage.vendor.url, uuid);
  return [
    ...live.map(({ uuid }) => `server ${uuid} lives on without its object`),
    ...(stuck === undefined ? [] : [`when it was deleted: ${stuck}`]),
  ];
}

/** Past the API, so that the next run finds the lane as this one did. */
async function releaseByHand(url: string, uuid: string): Promise<void> {
  await administer(url, 'POST', `/servers/${uuid}/release`);
}

/** The fault rules of one run, set through the simulator's admin endpoint. */
class VendorFaults {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async add(rules: readonly object[]): Promise<void> {
    await administer(this.#url, 'POST', '/faults', rules);
  }

  async clear(): Promise<void> {
    await administer(this.#url, 'DELETE', '/faults');
  }
}

async function administer(url: string, method: 'POST' | 'DELETE', where: string, body?: unknown): Promise<void> {
  const reply = await request(`${url}/__sim${where}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await reply.body.text();
  if (reply.statusCode > 299) throw new Error(`the simulator answers ${reply.statusCode}: ${text}`);
}
