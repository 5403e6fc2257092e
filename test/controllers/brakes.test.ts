import { describe, expect, test } from 'vitest';
import { hours, minutes, monotonic } from '../../src/base/time.ts';
import { Brakes } from '../../src/controllers/brakes.ts';
import {
  aListing,
  aServer,
  ATTEMPT,
  attemptId,
  before,
  CLUSTER,
  MONO,
  NEXT_ATTEMPT,
  NOW,
  ourTags,
  STRANGER,
  UID,
  uuid,
} from '../support/builders.ts';

const limits = { serversMax: 2, ordersPerHourMax: 10 };
const seenWith = (listing = aListing()) => ({ listing, now: NOW, monotonic: MONO });
const one = aListing([aServer({ tags: ourTags(attemptId('eeeeeeeeeeeeeeee')), createdAt: before(hours(2)) })]);

describe('the brakes', () => {
  test('count live servers of our cluster, and orders of the last hour whatever became of them', () => {
    const listing = aListing([
      aServer({ createdAt: before(minutes(59)) }),
      aServer({ uuid: uuid(2), createdAt: before(minutes(10)), status: 'released' }),
      aServer({ uuid: uuid(3), createdAt: before(minutes(60)) }),
      aServer({ uuid: uuid(4), tags: ['theirs'] }),
    ]);
    expect(new Brakes(CLUSTER).facts(listing, NOW, UID)).toEqual({ servers: 2, ordersLastHour: 2 });
  });

  test("measure the hour by the vendor's clock", () => {
    const listing = aListing([aServer({ createdAt: before(minutes(90)) })], 5_000, before(minutes(60)));
    expect(new Brakes(CLUSTER).facts(listing, NOW, UID).ordersLastHour).toBe(1);
  });

  test('let the last place be taken once', () => {
    const brakes = new Brakes(CLUSTER);
    expect(brakes.reserve(UID, ATTEMPT, limits, seenWith(one))).toBe(true);
    expect(brakes.reserve(STRANGER, NEXT_ATTEMPT, limits, seenWith(one))).toBe(false);
    brakes.release(UID);
    expect(brakes.reserve(STRANGER, NEXT_ATTEMPT, limits, seenWith(one))).toBe(true);
  });

  test('let the last order of the hour be taken once', () => {
    const brakes = new Brakes(CLUSTER);
    const few = { serversMax: 100, ordersPerHourMax: 1 };
    expect(brakes.reserve(UID, ATTEMPT, few, seenWith())).toBe(true);
    expect(brakes.reserve(STRANGER, NEXT_ATTEMPT, few, seenWith())).toBe(false);
  });

  test('do not count an object against itself', () => {
    const brakes = new Brakes(CLUSTER);
    brakes.reserve(UID, ATTEMPT, limits, seenWith(one));
    expect(brakes.facts(one, NOW, UID)).toEqual({ servers: 1, ordersLastHour: 0 });
    expect(brakes.reserve(UID, NEXT_ATTEMPT, limits, seenWith(one))).toBe(true);
    expect(brakes.facts(one, NOW, STRANGER)).toEqual({ servers: 2, ordersLastHour: 1 });
  });

  test('count a place once when the listing shows its server', () => {
    const brakes = new Brakes(CLUSTER);
    brakes.reserve(UID, ATTEMPT, limits, seenWith());
    const shown = aListing([aServer({ tags: ourTags(ATTEMPT), createdAt: NOW })]);
    expect(brakes.facts(shown, NOW, STRANGER)).toEqual({ servers: 1, ordersLastHour: 1 });
    brakes.settle(shown);
    expect(brakes.facts(aListing(), NOW, STRANGER)).toEqual({ servers: 0, ordersLastHour: 0 });
  });

  test('give a place back after an hour of listings that never showed its server', () => {
    const brakes = new Brakes(CLUSTER);
    brakes.reserve(UID, ATTEMPT, limits, { ...seenWith(), monotonic: monotonic(MONO - hours(1) - 5_000) });
    brakes.settle(aListing([], 5_000));
    expect(brakes.facts(aListing(), NOW, STRANGER).servers).toBe(1);
    brakes.settle(aListing([], 4_999));
    expect(brakes.facts(aListing(), NOW, STRANGER).servers).toBe(0);
  });
});
