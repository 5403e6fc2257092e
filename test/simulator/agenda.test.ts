import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { instant } from '../../src/base/time.ts';
import { Agenda } from '../../src/simulator/agenda.ts';

function takeAll(agenda: Agenda<number>, now: number): readonly number[] {
  const taken: number[] = [];
  for (let due = agenda.take(instant(now)); due !== undefined; due = agenda.take(instant(now))) taken.push(due.event);
  return taken;
}

function filled(times: readonly number[], scaled = true): Agenda<number> {
  const agenda = new Agenda<number>();
  for (const [event, at] of times.entries()) agenda.add(instant(at), event, scaled);
  return agenda;
}

const inOrder = (times: readonly number[]): readonly number[] =>
  times
    .map((at, event) => ({ at, event }))
    .toSorted((left, right) => left.at - right.at)
    .map(({ event }) => event);

const someTimes = fc.array(fc.nat(20), { maxLength: 60 });

describe('an agenda', () => {
  test('gives events by time, then by entry', () => {
    fc.assert(
      fc.property(someTimes, (times) => {
        expect(takeAll(filled(times), 20)).toEqual(inOrder(times));
      }),
    );
  });

  test('gives nothing before its time', () => {
    fc.assert(
      fc.property(someTimes, fc.nat(20), (times, now) => {
        expect(takeAll(filled(times), now)).toEqual(inOrder(times).filter((event) => (times[event] ?? 0) <= now));
      }),
    );
  });

  test('keeps the order when time is stretched', () => {
    fc.assert(
      fc.property(someTimes, (times) => {
        const agenda = filled(times);
        agenda.reschedule((at) => instant(at * 3));
        expect(takeAll(agenda, 60)).toEqual(inOrder(times));
      }),
    );
  });

  test('leaves alone what the time scale does not stretch', () => {
    const agenda = filled([10], false);
    agenda.reschedule((at) => instant(at * 3));
    expect(agenda.nextAt).toBe(10);
  });

  test('goes its own way after a copy', () => {
    const agenda = filled([1, 2, 3]);
    const copy = agenda.copy();
    expect(takeAll(agenda, 5)).toEqual([0, 1, 2]);
    copy.add(instant(2), 9, true);
    expect(takeAll(copy, 5)).toEqual([0, 1, 9, 2]);
    expect(agenda.nextAt).toBeUndefined();
  });
});
