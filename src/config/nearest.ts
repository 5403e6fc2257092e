/** The name most like `wrong`, when one is near enough that it may have been meant. */
export function nearest(wrong: string, names: readonly string[]): string | undefined {
  const [best] = names
    .map((name) => ({ name, distance: editDistance(wrong.toLowerCase(), name.toLowerCase()) }))
    .toSorted((left, right) => left.distance - right.distance);
  const limit = Math.max(2, Math.floor(wrong.length / 3));
  return best !== undefined && best.distance <= limit ? best.name : undefined;
}

/** Longer names are no slips of the pen, and the table below grows with the square. */
const LENGTH_MAX = 64;

/** Levenshtein's: how many letters must be put in, taken out or changed. */
function editDistance(left: string, right: string): number {
  if (left.length > LENGTH_MAX || right.length > LENGTH_MAX) return Number.POSITIVE_INFINITY;
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (const [at, letter] of left.split('').entries()) {
    const next = [at + 1];
    for (let to = 1; to <= right.length; to += 1) {
      const changed = (row[to - 1] ?? 0) + (letter === right[to - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[to] ?? 0) + 1, (next[to - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
