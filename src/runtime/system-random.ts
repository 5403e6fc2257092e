import { randomBytes } from 'node:crypto';
import type { Random } from '../base/random.ts';

/** The machine's own random source. */
export const systemRandom: Random = {
  next: () => randomBytes(4).readUInt32BE() / 4_294_967_296,
  hex: (bytes) => randomBytes(bytes).toString('hex'),
};
