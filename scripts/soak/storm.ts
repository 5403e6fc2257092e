import { setTimeout as delay } from 'node:timers/promises';
import type { Happening } from './breakages.ts';

/**
 * Lets everything happen side by side, each with its own pauses, until the time is over; what is under way then is waited for.
 * Throws what one of them throws, once the others have ended.
 */
export async function rage(happenings: readonly Happening[], lengthMs: number): Promise<void> {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), lengthMs);
  const ends = await Promise.allSettled(
    happenings.map(async (happening) => {
      try {
        await again(happening, over.signal);
      } finally {
        // Without one of them the storm is none.
        over.abort();
      }
    }),
  );
  clearTimeout(timer);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

async function again({ pause, happen }: Happening, over: AbortSignal): Promise<void> {
  while (await paused(pause(), over)) await happen();
}

/** @returns false when it was over before */
async function paused(ms: number, over: AbortSignal): Promise<boolean> {
  try {
    await delay(ms, undefined, { signal: over });
    return true;
  } catch (error) {
    if (over.aborted) return false;
    throw error;
  }
}
