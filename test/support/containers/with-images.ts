import { describe, inject, test } from 'vitest';
import type { Images } from './images.ts';

/** `describe` for tests that need the images. Where there are none, it is one skipped test that says why. */
export function describeWithImages(name: string, define: (images: Images) => void): void {
  const images = inject('images');
  if (images === undefined) test.skip(`${name}: ${inject('withoutImages')}`);
  else describe(name, () => define(images));
}
