/** One look at something: when, in hours, and how much it was. */
export interface Point {
  readonly atHours: number;
  readonly value: number;
}

/** A straight line through points. */
export interface Slope {
  readonly perHour: number;
  /** The 95 % confidence interval of `perHour`. */
  readonly low: number;
  readonly high: number;
}

/**
 * Cuts points, given in the order of time, into blocks of one length and takes the mean of each. Neighbouring looks at a process
 * resemble each other: taken one by one they would pretend to know more than they do. A last block that is not full is left out.
 */
export function blocksOf(points: readonly Point[], blockHours: number): readonly Point[] {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return [];
  const count = Math.floor((last.atHours - first.atHours) / blockHours);
  return Array.from({ length: count }, (_, index) => first.atHours + index * blockHours).flatMap((from) => {
    const values = points.filter(({ atHours }) => atHours >= from && atHours < from + blockHours);
    return values.length === 0
      ? []
      : [{ atHours: from + blockHours / 2, value: mean(values.map(({ value }) => value)) }];
  });
}

export const mean = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0) / values.length;

/** Fewer points say nothing about a line. */
export const POINTS_LEAST = 5;

/**
 * Least squares, with an interval that allows for what resemblance is left between neighbours: its standard error is stretched by
 * √((1 + r) / (1 − r)), r being the correlation of each residual with the next, where that is above 0.
 * @returns undefined for fewer than five points, or when all were seen at one time
 */
export function slopeOf(points: readonly Point[]): Slope | undefined {
  const count = points.length;
  if (count < POINTS_LEAST) return undefined;
  const [middleAt, middleValue] = [mean(points.map(({ atHours }) => atHours)), mean(points.map(({ value }) => value))];
  const spread = sum(points, ({ atHours }) => (atHours - middleAt) ** 2);
  if (spread === 0) return undefined;
  const perHour = sum(points, ({ atHours, value }) => (atHours - middleAt) * (value - middleValue)) / spread;
  const residuals = points.map(({ atHours, value }) => value - middleValue - perHour * (atHours - middleAt));
  const squares = sum(residuals, (residual) => residual ** 2);
  const likeness = squares === 0 ? 0 : sum(residuals.slice(1), (next, at) => next * (residuals[at] ?? 0)) / squares;
  // Beyond 0.9 the estimate from so few points is worth nothing.
  const r = Math.min(Math.max(likeness, 0), 0.9);
  const error = Math.sqrt(squares / (count - 2) / spread) * Math.sqrt((1 + r) / (1 - r));
  const margin = studentAt95(count - 2) * error;
  return { perHour, low: perHour - margin, high: perHour + margin };
}

const sum = <T>(values: readonly T[], of: (value: T, at: number) => number): number =>
  values.reduce((total, value, at) => total + of(value, at), 0);

/** Normal quantile of 97.5 %. */
const NORMAL = 1.959964;

/**
 * The quantile of 97.5 % of Student's distribution, by the expansion of Cornish and Fisher (Abramowitz and Stegun 26.7.5).
 * From three degrees of freedom on it is within 0.5 %.
 */
export function studentAt95(degrees: number): number {
  const z = NORMAL;
  const terms = [
    z,
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
    (79 * z ** 9 + 776 * z ** 7 + 1_482 * z ** 5 - 1_920 * z ** 3 - 945 * z) / 92_160,
  ];
  return sum(terms, (term, power) => term / degrees ** power);
}
