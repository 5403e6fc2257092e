import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, inject, test } from 'vitest';
import { runJobs } from '../../scripts/kills/crew.ts';
import { totalOf } from '../../scripts/kills/judge.ts';
import type { LaneOptions } from '../../scripts/kills/lane.ts';
import { openLane } from '../../scripts/kills/lane.ts';
import { allJobs, draw } from '../../scripts/kills/plan.ts';
import { SCENARIO_NAMES } from '../../scripts/kills/scenarios.ts';
import { doublesAmong } from '../../scripts/kills/view.ts';
import { waitFor } from '../support/cluster/wait-for.ts';
import { ready } from './support/objects.ts';

const SEED = 1;
const OPTIONS: LaneOptions = {
  kubeconfig: inject('kubeconfig'),
  entry: path.join(import.meta.dirname, '../../src/main.ts'),
  seed: SEED,
};

/** `npm run kills` makes all of them. */
const KILLS = 30;
/** Of these runs some wait minutes for the next try of a refused order. */
const QUICK = SCENARIO_NAMES.filter((name) => name !== 'refused, then mended');

test(
  'an operator killed at any effect goes on as its simulation does, with one server',
  { timeout: 400_000 },
  async () => {
    const jobs = draw(await allJobs(QUICK, ['killBefore', 'killAfter'], SEED), KILLS, SEED);
    const outcomes = await runJobs(jobs, { ...OPTIONS, lanes: 5, onOutcome: () => undefined });
    expect(outcomes.flatMap(({ failures }) => failures)).toEqual([]);
    const totals = totalOf(outcomes);
    expect(totals).toMatchObject({ runs: KILLS, doubles: 0, leaks: 0, notReady: 0, differences: 0 });
    // The last effects of an object that is gone may or may not come.
    expect(totals.kills).toBeGreaterThanOrEqual(KILLS - 6);
  },
);

const OBJECTS = 8;
/** The Lease changes hands so often while they are ordered, at the latest. */
const HAND_OVERS = 6;

test(
  'two replicas that take the Lease from each other order one server for each object',
  { timeout: 300_000 },
  async () => {
    const lane = await openLane(OPTIONS);
    try {
      const { stage, replicas } = lane;
      const names = Array.from({ length: OBJECTS }, (_, index) => `web-${index}`);
      await replicas.scale(2);
      const creating = (async () => {
        for (const name of names) {
          await stage.objects.create(name);
          await delay(300);
        }
      })();
      for (let count = 0; count < HAND_OVERS; count += 1) {
        await lane.takeLease();
        // As long as a pass or two take: some orders are under way at each change.
        await delay(150);
      }
      await creating;
      await waitFor('all are Ready', async () => (await stage.objects.list()).filter(ready).length === OBJECTS, {
        timeoutMs: 120_000,
      });
      expect(doublesAmong(stage.vendor.lives())).toEqual([]);
      expect(stage.vendor.lives()).toHaveLength(OBJECTS);
      for (const name of names) await stage.objects.delete(name);
      await Promise.all(names.map((name) => stage.objects.gone(name)));
      expect(stage.vendor.lives().filter(({ releasingAt, endedAt }) => (releasingAt ?? endedAt) === undefined)).toEqual(
        [],
      );
    } finally {
      await lane.close();
    }
  },
);
