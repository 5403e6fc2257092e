import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Heap } from '../../src/kube/heap.ts';

function drain(heap: Heap<number>): number[] {
  const drained: number[] = [];
  for (let next = heap.pop(); next !== undefined; next = heap.pop()) drained.push(next);
  return drained;
}

const numbers = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 60 });

test('gives the least first, also after some were taken, more were added and some swept', () => {
  const holds = (first: readonly number[], second: readonly number[]): void => {
    const heap = new Heap<number>((left, right) => left < right);
    for (const item of first) heap.push(item);
    const sorted = first.toSorted((left, right) => left - right);
    expect([heap.pop(), heap.pop()].filter((item) => item !== undefined)).toEqual(sorted.slice(0, 2));
    for (const item of second) heap.push(item);
    const isKept = (item: number): boolean => item % 3 !== 0;
    heap.retain(isKept);
    const left = [...sorted.slice(2), ...second].filter(isKept).sort((one, other) => one - other);
    expect([heap.size, heap.peek()]).toEqual([left.length, left[0]]);
    expect(drain(heap)).toEqual(left);
  };
  fc.assert(fc.property(numbers, numbers, holds));
});
