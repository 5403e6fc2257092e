/**
 * Shares a number of plans out among scenarios as evenly as their sizes allow.
 * @param most how many each can take
 * @returns how many each gets; together `total`, or all there are
 */
export function shares(total: number, most: readonly number[]): readonly number[] {
  const ascending = [...most.entries()].toSorted(([, left], [, right]) => left - right);
  const given = most.map(() => 0);
  let left = total;
  for (const [rank, [at, size]] of ascending.entries()) {
    const share = Math.max(0, Math.min(size, Math.floor(left / (ascending.length - rank))));
    given[at] = share;
    left -= share;
  }
  return given;
}
