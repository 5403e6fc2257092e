import { quantile } from '../bench/numbers.ts';
import type { Minute, Rest, Trend } from './result.ts';
import type { Sample } from './sample.ts';
import type { Slope } from './slope.ts';
import { blocksOf, mean, slopeOf } from './slope.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Longer than from one lull to the next, so that each block has one. */
const BLOCK_HOURS = 2 / 60;

/**
 * Caches that hold something for six minutes (series of Events) are full by then, and V8 has compiled what is used often: that alone
 * adds some 3 MiB in the first eleven minutes, after which the heap stays as it is.
 */
const WARM_UP_MS = 12 * MINUTE_MS;
/** Of a short run half is left out. */
const WARM_UP_SHARE = 1 / 2;

interface Watched {
  readonly what: string;
  readonly unit: string;
  readonly value: (sample: Sample) => number | undefined;
  readonly boundPerHour: number;
}

/**
 * The bounds are what an hour may add without anybody having to care: a percent or so. Resident memory itself is not among them: V8
 * takes pages for its heap in steps of some MiB and keeps them, so it says little within an hour. What is left of it without these
 * pages is where memory of libraries would show.
 */
const WATCHED: readonly Watched[] = [
  {
    what: 'heap after a full collection',
    unit: 'MiB',
    value: inLull(({ collectedMiB }) => collectedMiB),
    boundPerHour: 1,
  },
  {
    what: 'resident memory without the heap',
    unit: 'MiB',
    value: inLull((it) => it.rssMiB - it.heapPagesMiB),
    boundPerHour: 4,
  },
  { what: 'memory of buffers', unit: 'MiB', value: inLull(({ externalMiB }) => externalMiB), boundPerHour: 1 },
  { what: 'file descriptors', unit: '', value: ({ fileDescriptors }) => fileDescriptors, boundPerHour: 1 },
  { what: 'sockets', unit: '', value: ({ sockets }) => sockets, boundPerHour: 1 },
  { what: 'sockets that the other end has closed', unit: '', value: (it) => it.socketsCloseWait, boundPerHour: 1 },
  { what: 'timers', unit: '', value: ({ timers }) => timers, boundPerHour: 1 },
  { what: 'active resources of the event loop', unit: '', value: ({ resources }) => resources, boundPerHour: 1 },
];

function inLull(value: (sample: Sample) => number | undefined): Watched['value'] {
  return (sample) => (sample.isLull ? value(sample) : undefined);
}

/**
 * How memory and handles moved in the storm, in the process that lived longest in it, after its warm-up.
 * Flat: the interval of the slope does not lie above zero, or the slope is within its bound.
 */
export function trendsOf(samples: readonly Sample[]): readonly Trend[] {
  const stretch = longestStretch(samples.filter(({ phase }) => phase === 'storm'));
  return WATCHED.map((watched) => trendOf(watched, stretch));
}

function trendOf({ what, unit, value, boundPerHour }: Watched, stretch: readonly Sample[]): Trend {
  const points = stretch.flatMap((sample) => {
    const seen = value(sample);
    return seen === undefined ? [] : [{ atHours: sample.at / HOUR_MS, value: seen }];
  });
  const blocks = blocksOf(points, BLOCK_HOURS);
  const slope = slopeOf(blocks);
  const values = points.map((point) => point.value);
  const [first, last] = [points[0], points.at(-1)];
  return {
    what,
    unit,
    mean: values.length === 0 ? 0 : mean(values),
    most: Math.max(0, ...values),
    slopePerHour: slope?.perHour ?? 0,
    low: slope?.low ?? 0,
    high: slope?.high ?? 0,
    boundPerHour,
    verdict: verdictOf(slope, boundPerHour),
    minutes: first === undefined || last === undefined ? 0 : Math.round((last.atHours - first.atHours) * 60),
    blocks: blocks.length,
  };
}

function verdictOf(slope: Slope | undefined, boundPerHour: number): Trend['verdict'] {
  if (slope === undefined) return 'tooShort';
  return slope.low <= 0 || slope.perHour <= boundPerHour ? 'flat' : 'growing';
}

/** The samples of the process with the longest time in them, without its warm-up. */
function longestStretch(samples: readonly Sample[]): readonly Sample[] {
  const runs = Object.values(Object.groupBy(samples, ({ process }) => process)).map((run) => run ?? []);
  const longest = runs.reduce<readonly Sample[]>((best, run) => (lengthOf(run) > lengthOf(best) ? run : best), []);
  const warmUp = Math.min(WARM_UP_MS, lengthOf(longest) * WARM_UP_SHARE);
  return longest.filter(({ at }) => at - (longest[0]?.at ?? 0) >= warmUp);
}

const lengthOf = (run: readonly Sample[]): number => (run.at(-1)?.at ?? 0) - (run[0]?.at ?? 0);

/** The middle of some looks at a process that has nothing to do. */
export function restOf(samples: readonly Sample[]): Rest {
  const middle = (of: (sample: Sample) => number): number => quantile(samples.map(of), 0.5);
  return {
    rssMiB: middle(({ rssMiB }) => rssMiB),
    heapMiB: middle(({ collectedMiB, heapMiB }) => collectedMiB ?? heapMiB),
    fileDescriptors: middle(({ fileDescriptors }) => fileDescriptors),
    sockets: middle(({ sockets }) => sockets),
    timers: middle(({ timers }) => timers),
  };
}

/** Means of the samples of each minute. */
export const minutesOf = (samples: readonly Sample[]): readonly Minute[] =>
  Object.entries(Object.groupBy(samples, ({ at }) => Math.floor(at / MINUTE_MS))).flatMap(([minute, seen = []]) => {
    const last = seen.at(-1);
    if (last === undefined) return [];
    const average = (of: (sample: Sample) => number): number => Number(mean(seen.map(of)).toFixed(2));
    return [
      {
        at: Number(minute),
        phase: last.phase,
        process: last.process,
        rssMiB: average(({ rssMiB }) => rssMiB),
        heapMiB: average(({ heapMiB }) => heapMiB),
        collectedMiB: average(({ collectedMiB }) => collectedMiB ?? 0),
        fileDescriptors: average(({ fileDescriptors }) => fileDescriptors),
        sockets: average(({ sockets }) => sockets),
        timers: average(({ timers }) => timers),
        lagMs: average(({ lagMs }) => lagMs),
        queued: average(({ queued }) => queued),
        objects: average(({ objects }) => objects),
      },
    ];
  });
