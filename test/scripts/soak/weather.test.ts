import { expect, test } from 'vitest';
import * as z from 'zod';
import { seededRandom } from '../../../src/base/random.ts';
import { FaultRule } from '../../../src/simulator/faults.ts';
import { drawWeather, TROUBLE_IDS } from '../../../scripts/soak/weather.ts';

const skies = Array.from({ length: 500 }, (_, seed) => drawWeather(seededRandom(seed)));

test('the simulator takes every weather', () => {
  for (const weather of skies) expect(() => z.array(FaultRule).parse(weather)).not.toThrow();
});

test('every trouble comes, and fine weather too', () => {
  expect(new Set(skies.flat().map(({ id }) => id))).toEqual(new Set(TROUBLE_IDS));
  expect(skies.filter((weather) => weather.length === 0).length).toBeGreaterThan(50);
});

test('no two troubles of one weather have the same name, so none replaces another', () => {
  for (const weather of skies) expect(new Set(weather.map(({ id }) => id)).size).toBe(weather.length);
});

test('the same dice give the same weather', () => {
  expect(drawWeather(seededRandom(7))).toEqual(drawWeather(seededRandom(7)));
});
