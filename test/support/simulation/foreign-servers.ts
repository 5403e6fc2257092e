import type { WorldConfigInput } from '../../../src/simulator/config.ts';

/** So many rows a page: with the servers below the list has a second one from our first server on. */
export const SMALL_PAGE = 12;

/** Somebody else's servers in the account. Older than all of ours, so ours stand on the last page. */
export const FOREIGN_SERVERS: NonNullable<WorldConfigInput['servers']> = Array.from(
  { length: SMALL_PAGE },
  (_, index) => ({
    name: `theirs-${index}`,
    location: 'EU: Rotterdam',
    instanceType: 'bm7.std.8',
    tags: ['team:theirs'],
  }),
);
