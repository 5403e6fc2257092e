import type { Measured } from './result.ts';
import type { Sample } from './metrics-text.ts';

/** Calls since `before`, by what they are. */
export type Counts = Readonly<Record<string, number>>;

export const between = (before: Counts, after: Counts): Counts =>
  Object.fromEntries(
    Object.entries(after)
      .map(([what, count]) => [what, count - (before[what] ?? 0)] as const)
      .filter(([, count]) => count > 0),
  );

/** The operator's own calls of the Kubernetes API by method, as it counts them. */
export function kubeCallsOf(samples: readonly Sample[]): Counts {
  const counts: Record<string, number> = {};
  for (const { name, labels, value } of samples) {
    if (name !== 'rest_client_requests_total') continue;
    const method = labels['method'] ?? '';
    counts[method] = (counts[method] ?? 0) + value;
  }
  return counts;
}

/** Each sort of call as a row: how many for one object. */
export const perObject = (side: string, counts: Counts, objects: number): readonly Measured[] =>
  Object.entries(counts).map(([what, count]) => ({
    what: `${side}: ${what}, per object`,
    value: count / objects,
    unit: 'calls',
  }));
