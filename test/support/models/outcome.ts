import type { ServerLife } from '../../../src/simulator/retrospect.ts';

/**
 * What one life of an object came to, the worst that holds.
 * - double: two servers lived at once.
 * - leak: the object is gone, and a server lives on.
 * - person: it waits for somebody, alive or being deleted.
 * - one: never more than one server, and none is left.
 */
export const OUTCOMES = ['one', 'person', 'leak', 'double'] as const;
export type Outcome = (typeof OUTCOMES)[number];

export interface LifeSeen {
  /** Of the one object of the run. */
  readonly lives: readonly ServerLife[];
  /** It had a delivered server, or was deleted too early for one. */
  readonly wasServed: boolean;
  /** After its deletion. */
  readonly isGone: boolean;
}

export function outcomeOf({ lives, wasServed, isGone }: LifeSeen): Outcome {
  if (twoAtOnce(lives)) return 'double';
  if (isGone && lives.some((life) => liveUntil(life) === Infinity)) return 'leak';
  return wasServed && isGone ? 'one' : 'person';
}

export const twoAtOnce = (lives: readonly ServerLife[]): boolean =>
  lives.some((life, index) =>
    lives.slice(index + 1).some((other) => life.orderedAt < liveUntil(other) && other.orderedAt < liveUntil(life)),
  );

const liveUntil = (life: ServerLife): number => Math.min(life.releasingAt ?? Infinity, life.endedAt ?? Infinity);
