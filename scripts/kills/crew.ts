import type { Job } from './plan.ts';
import { judge } from './judge.ts';
import type { Outcome } from './judge.ts';
import type { Lane, LaneOptions } from './lane.ts';
import { openLane } from './lane.ts';
import { realRun } from './real-run.ts';
import { simulatedRun } from './simulated-run.ts';

export interface CrewOptions extends LaneOptions {
  readonly lanes: number;
  readonly onOutcome: (outcome: Outcome) => void;
}

/** Makes all jobs, several at once, and compares each with its simulated run. A run that breaks its lane is an outcome as well. */
export async function runJobs(jobs: readonly Job[], options: CrewOptions): Promise<readonly Outcome[]> {
  const waiting = [...jobs];
  const outcomes: Outcome[] = [];
  const worker = async (index: number): Promise<void> => {
    let lane: Lane | undefined;
    try {
      for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
        lane ??= await openLane({ ...options, seed: options.seed + index });
        const outcome = await runJob(lane, job, options.seed);
        outcomes.push(outcome);
        options.onOutcome(outcome);
        if (outcome.isLaneUsable) continue;
        await lane.close();
        lane = undefined;
      }
    } finally {
      await lane?.close();
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.lanes, jobs.length) }, (_, index) => worker(index)));
  return outcomes;
}

async function runJob(lane: Lane, job: Job, seed: number): Promise<Outcome> {
  const simulated = await simulatedRun(job.scenario, seed, job.point);
  try {
    return judge(job, await realRun(lane, job.scenario, job.point), simulated);
  } catch (error) {
    return judge(job, error instanceof Error ? error : new Error(String(error)), simulated);
  }
}
