import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * The process is asked to stop. Heard from the moment this file is loaded, so main.ts loads it before all else: Linux hands the
 * first process of a container no signal that it does not listen for. One that comes while the program still loads would be
 * lost, and the pod would be killed after its whole grace period.
 */
const asked = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => asked.abort());

export const stopping: AbortSignal = asked.signal;

/** Whether it was asked to stop before now. Node tells of signals between two turns of its event loop; this waits for one. */
export async function isStoppingAlready(): Promise<boolean> {
  await nextTurn();
  return stopping.aborted;
}
