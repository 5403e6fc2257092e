import type { Random } from '../../src/base/random.ts';

export const chance = (random: Random, probability: number): boolean => random.next() < probability;

/** Uniform between both. */
export const between = (random: Random, least: number, most: number): number => least + random.next() * (most - least);

/** Throws when there is nothing to pick from. */
export function pick<T>(random: Random, from: readonly T[]): T {
  const picked = from[Math.floor(random.next() * from.length)];
  if (picked === undefined) throw new Error('nothing to pick from');
  return picked;
}

/** One of the keys, each as often as its weight says. Throws when all weights are 0. */
export function pickWeighted<K extends string>(random: Random, weights: Readonly<Record<K, number>>): K {
  const rows = Object.entries<number>(weights).filter(([, weight]) => weight > 0);
  let left = random.next() * rows.reduce((total, [, weight]) => total + weight, 0);
  for (const [key, weight] of rows) {
    left -= weight;
    if (left < 0) return keyOf(weights, key);
  }
  throw new Error('nothing to pick from');
}

function keyOf<K extends string>(weights: Readonly<Record<K, number>>, key: string): K {
  for (const known in weights) if (known === key) return known;
  throw new Error(`there is no ${key}`);
}

/** A time to wait when something happens once in `meanMs` on average and without memory; at least a fifth of that. */
export const nextIn = (random: Random, meanMs: number): number =>
  Math.max(meanMs / 5, -Math.log(1 - random.next()) * meanMs);
