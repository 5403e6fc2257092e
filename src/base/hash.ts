import { createHash } from 'node:crypto';

/** Lower-case hex of the SHA-256 of the text, cut to `digits`. A pure function, which is why core may use it. */
export const sha256Hex = (text: string, digits = 64): string =>
  createHash('sha256').update(text).digest('hex').slice(0, digits);

/** JSON with sorted keys and without undefined fields: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sorted(value)) ?? 'null';
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, field]) => [key, sorted(field)]),
  );
}
