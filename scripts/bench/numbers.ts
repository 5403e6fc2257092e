/** The value that `share` (0 to 1) of the values do not exceed. Throws when there are no values. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new Error('no quantile of nothing');
  return value;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);
