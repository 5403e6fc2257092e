import { setTimeout as delay } from 'node:timers/promises';

export interface WaitOptions {
  readonly timeoutMs?: number;
  readonly everyMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Asks until the answer is neither undefined nor false, and returns it.
 * Throws after `timeoutMs` (default 30 s) with `what` and the last error, if asking itself failed.
 */
export async function waitFor<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  options: WaitOptions = {},
): Promise<T> {
  const { timeoutMs = 30_000, everyMs = 100, signal } = options;
  const deadline = performance.now() + timeoutMs;
  let lastError: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    signal?.throwIfAborted();
    if (performance.now() >= deadline)
      throw new Error(`waited ${Math.round(timeoutMs / 1_000)} s in vain: ${what}`, { cause: lastError });
    await delay(everyMs);
  }
}
