import { inject } from 'vitest';
import type { Images } from './images.ts';

const why = inject('withoutImages');

/** For titles: why no test with containers can run here; empty where they can. */
export const WITHOUT_IMAGES = why === '' ? '' : ` (skipped: ${why})`;

/** Of no use where `WITHOUT_IMAGES` says something. */
export const IMAGES: Images = inject('images') ?? { operator: 'none', controlPlane: 'none' };
