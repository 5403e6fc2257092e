import { expect, test } from 'vitest';
import { lagChart } from '../../../scripts/proof/chart.ts';

const point = (ratio: number, doubles: number, without: number) => ({
  ratio,
  delaySeconds: ratio * 480,
  operator: { runs: 4, doubles },
  withoutWindow: { runs: 4, doubles: without },
});

const SVG = lagChart({
  date: '2026-11-25T00:00:00Z',
  commit: '0123456789ab',
  seconds: 1,
  windowSeconds: 480,
  points: [point(0, 0, 0), point(1, 0, 4), point(2, 4, 4)],
});

const coordinates = (name: string): readonly (readonly number[])[] => {
  const lines = [...SVG.matchAll(new RegExp(`<polyline class="${name}" points="([^"]+)"`, 'g'))];
  return (lines[0]?.[1] ?? '').split(' ').map((pair) => pair.split(',').map(Number));
};

test('both lines rise where their shares do, and stand at the height of their shares', () => {
  const [none, all] = [/y2="([\d.]+)"\/>\n<text [^>]+>0 %/, /y2="([\d.]+)"\/>\n<text [^>]+>100 %/].map((scale) =>
    Number(scale.exec(SVG)?.[1]),
  );
  expect(coordinates('operator').map(([, y]) => y)).toEqual([none, none, all]);
  expect(coordinates('without').map(([, y]) => y)).toEqual([none, all, all]);
  expect(none).toBeGreaterThan(all ?? 0);
});

test('the ratios stand evenly along the axis, and the promise ends at one', () => {
  const [from = 0, middle = 0, to = 0] = coordinates('operator').map(([x]) => x);
  expect(middle - from).toBe(to - middle);
  expect(SVG).toContain(`<line class="edge" x1="${middle}"`);
});

test('it says what it shows, with units, for those who do not see it as well', () => {
  expect(SVG).toMatch(/<title id="title">.+<\/title>/);
  expect(SVG).toMatch(/<desc id="about">.*480 s.*4 runs a point\.<\/desc>/);
  expect(SVG).toContain('settle window = 480 s');
  expect(SVG).toContain('prefers-color-scheme: dark');
});
