import { sum } from '../metrics-text.ts';
import { median } from '../numbers.ts';
import { aServerManifest } from '../objects.ts';
import type { BenchResult } from '../result.ts';
import type { Stage } from '../stage.ts';
import { serversPath, untilMetrics } from '../stage.ts';

const STARTS = 5;
const GOAL_S = 1;
const LOOK_MS = 5;
const MILLISECONDS = 1_000;

/** From the start of the process until it has looked at its first object, leader election included. */
export async function benchStart(stage: Stage): Promise<BenchResult> {
  const [namespace, simulator] = [await stage.newNamespace(), await stage.simulator()];
  await stage.rest.must('POST', serversPath(namespace), { body: aServerManifest(namespace, 'server-0') });
  const empty: number[] = [];
  const starts: number[] = [];
  for (let run = 0; run < STARTS; run += 1) {
    empty.push(await stage.emptyProgram());
    const startedAt = performance.now();
    const operator = await stage.operator(namespace, simulator, {});
    await untilMetrics(
      'the first object was looked at',
      operator,
      (samples) => sum(samples, 'controller_runtime_reconcile_total') > 0,
      { timeoutMs: 30_000, everyMs: LOOK_MS },
    );
    starts.push(performance.now() - startedAt);
    await operator.stop();
  }
  await simulator.process.stop(MILLISECONDS);
  const value = median(starts);
  return {
    bench: 'start',
    title: 'Start of the process until the first reconcile',
    measured: [
      {
        what: 'start until the first pass has ended',
        ratio: { value: value / median(empty), to: 'node with an empty program' },
        value: value / MILLISECONDS,
        unit: 's',
        goalMost: GOAL_S,
      },
    ],
    notes: [
      `the middle of ${STARTS} starts, unbundled: sources run by type stripping, and all of @kubernetes/client-node is loaded; the lease is free each time, since the former process gave it back; seen by asking /metrics every ${LOOK_MS} ms`,
    ],
  };
}
