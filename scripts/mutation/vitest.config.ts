import { defineConfig } from 'vitest/config';

/**
 * The tests that judge a mutant of src/core: the tables beside it and the pages that quote it. Properties are left out: what only
 * chance finds would be killed in one run and survive the next.
 */
export default defineConfig({
  test: {
    include: ['test/core/**/*.test.ts'],
    isolate: false,
    exclude: ['test/core/**/*.property.test.ts'],
  },
});
