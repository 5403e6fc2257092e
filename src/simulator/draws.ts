import { seededRandom } from '../base/random.ts';

/** A stream of random numbers that can be copied with the world: draw n of a seed is always the same. */
export class Draws {
  readonly #seed: number;
  #drawn: number;

  constructor(seed: number, drawn = 0) {
    this.#seed = seed;
    this.#drawn = drawn;
  }

  /** Uniform in [0, 1). */
  next(): number {
    return seededRandom(mix(this.#seed, this.#drawn++)).next();
  }

  copy(): Draws {
    return new Draws(this.#seed, this.#drawn);
  }
}

/** Hex digits that depend on the seed and the count only. */
export const drawnHex = (seed: number, count: number, bytes: number): string =>
  seededRandom(mix(seed, count)).hex(bytes);

/** Neighbouring seeds and counts must not give overlapping streams. */
const mix = (seed: number, count: number): number =>
  (Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(count + 1, 0x85ebca6b)) >>> 0;
