import { expect, test } from 'vitest';
import { seededRandom } from '../../../src/base/random.ts';
import type { Sample } from '../../../scripts/soak/sample.ts';
import { minutesOf, restOf, trendsOf } from '../../../scripts/soak/trends.ts';

const SAMPLE: Sample = {
  at: 0,
  phase: 'storm',
  process: 1,
  ageMs: 0,
  isLull: true,
  rssMiB: 150,
  heapMiB: 60,
  heapPagesMiB: 80,
  collectedMiB: 50,
  externalMiB: 5,
  fileDescriptors: 30,
  sockets: 9,
  socketsCloseWait: 0,
  timers: 12,
  resources: 20,
  lagMs: 1,
  queued: 0,
  vendorCalls: 0,
  kubeCalls: 0,
  passErrors: 0,
  objects: 500,
};

/** A sample every five seconds, with some noise on memory. */
function samples(minutes: number, change: (minute: number, noise: number) => Partial<Sample>): readonly Sample[] {
  const random = seededRandom(5);
  return Array.from({ length: minutes * 12 }, (_, index) => {
    const noise = random.next() - 0.5;
    const at = index * 5_000;
    return {
      ...SAMPLE,
      at,
      rssMiB: 150 + 6 * noise,
      heapMiB: 60 + 20 * Math.abs(noise),
      ...change(at / 60_000, noise),
    };
  });
}

const verdicts = (of: readonly Sample[]) =>
  Object.fromEntries(
    trendsOf(of)
      .filter(({ verdict }) => verdict !== 'flat')
      .map(({ what, verdict }) => [what, verdict]),
  );

test('a process that stays as it is, is flat', () => {
  expect(verdicts(samples(30, () => ({})))).toEqual({});
});

test.each([
  [
    'memory',
    (minute: number, noise: number) => ({ rssMiB: 150 + minute / 4 + 6 * noise }),
    'resident memory without the heap',
  ],
  [
    'the heap',
    (minute: number) => ({ collectedMiB: minute < 10 ? undefined : 50 + minute / 4 }),
    'heap after a full collection',
  ],
  ['descriptors', (minute: number) => ({ fileDescriptors: 30 + Math.floor(minute / 3) }), 'file descriptors'],
  ['sockets', (minute: number) => ({ sockets: 9 + Math.floor(minute / 3) }), 'sockets'],
  ['timers', (minute: number) => ({ timers: 12 + Math.floor(minute / 3) }), 'timers'],
])('a leak in %s shows, and in nothing else', (_name, change, what) => {
  expect(verdicts(samples(30, change))).toEqual({ [what]: 'growing' });
});

test('memory that is held while much is under way is no leak', () => {
  const busy = samples(30, (minute) => ({
    isLull: minute % 2 > 1.6,
    collectedMiB: minute % 2 > 1.6 ? 50 : 50 + minute / 2,
  }));
  expect(verdicts(busy)).toEqual({});
});

test('what happens in the first minutes of a process does not count', () => {
  const rising = samples(30, (minute, noise) => ({ rssMiB: 150 + 6 * noise - Math.max(0, 7 - minute) * 20 }));
  expect(verdicts(rising)).toEqual({});
  expect(trendsOf(rising)[1]?.mean).toBeCloseTo(70, 0);
});

test('the process that lived longest in the storm is looked at, and no other', () => {
  const storm = samples(40, (minute) => ({ process: minute < 8 ? 1 : 2, rssMiB: minute < 8 ? 400 : 150 }));
  const calm = samples(90, () => ({ phase: 'rest', process: 3, rssMiB: 900 }));
  const [, rss] = trendsOf([...storm, ...calm]);
  expect(rss).toMatchObject({ mean: 70, most: 70, verdict: 'flat', blocks: 9 });
});

test('a short run says that it was too short', () => {
  expect(new Set(trendsOf(samples(4, () => ({}))).map(({ verdict }) => verdict))).toEqual(new Set(['tooShort']));
  expect(trendsOf([])[0]).toMatchObject({ verdict: 'tooShort', minutes: 0, blocks: 0 });
});

test('rest is the middle of the looks', () => {
  const looks = [1, 2, 90].map((sockets) => ({ ...SAMPLE, sockets }));
  expect(restOf(looks)).toEqual({ rssMiB: 150, heapMiB: 50, fileDescriptors: 30, sockets: 2, timers: 12 });
});

test('minutes are means, with the phase and process they ended in', () => {
  const seen = samples(2, (minute) => ({ process: minute < 1.5 ? 1 : 2, timers: minute < 1 ? 10 : 20, rssMiB: 100 }));
  expect(minutesOf(seen)).toMatchObject([
    { at: 0, process: 1, timers: 10, rssMiB: 100 },
    { at: 1, process: 2, timers: 20, rssMiB: 100 },
  ]);
});
