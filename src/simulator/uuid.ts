import type { ServerUuid } from '../base/ids.ts';
import { parseServerUuid } from '../base/ids.ts';
import type { Instant } from '../base/time.ts';
import { drawnHex } from './draws.ts';

/** A UUIDv7, as the vendor's samples are: the first 48 bits are `at` in milliseconds. The rest comes from seed and count. */
export function uuidAt(at: Instant, seed: number, count: number): ServerUuid {
  const time = Math.max(0, at).toString(16).padStart(12, '0');
  const sequence = (count & 0xfff).toString(16).padStart(3, '0');
  const rest = drawnHex(seed, count, 8);
  const variant = '89ab'[Number.parseInt(rest.slice(0, 1), 16) & 3] ?? '8';
  const text = `${time.slice(0, 8)}-${time.slice(8)}-7${sequence}-${variant}${rest.slice(1, 4)}-${rest.slice(4)}`;
  const uuid = parseServerUuid(text);
  if (uuid === undefined) throw new Error(`made a malformed uuid: ${text}`);
  return uuid;
}
