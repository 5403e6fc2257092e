import { fc, test as property } from '@fast-check/vitest';
import { expect } from 'vitest';
import { Heap } from '../../src/kube/heap.ts';

function drain(heap: Heap<number>): number[] {
  const drained: number[] = [];
  for (let next = heap.pop(); next !== undefined; next = heap.pop()) drained.push(next);
  return drained;
}

const numbers = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 60 });

property.prop([numbers, numbers])(
  'gives the least first, also after some were taken, more were added and some swept',
  (first, second) => {
    const heap = new Heap<number>((left, right) => left < right);
    for (const item of first) heap.push(item);
    const taken = [heap.pop(), heap.pop()].filter((item) => item !== undefined);
    expect(taken).toEqual(first.toSorted((left, right) => left - right).slice(0, 2));
    for (const item of second) heap.push(item);
    const isKept = (item: number): boolean => item % 3 !== 0;
    heap.retain(isKept);
    const left = [...first.toSorted((one, other) => one - other).slice(2), ...second]
      .filter(isKept)
      .sort((one, other) => one - other);
    expect(heap.size).toBe(left.length);
    expect(heap.peek()).toBe(left[0]);
    expect(drain(heap)).toEqual(left);
  },
);
