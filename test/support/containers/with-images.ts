import { inject } from 'vitest';
import type { Images } from './images.ts';

/** Why no test with containers can run here; empty where they can. */
export const WITHOUT_IMAGES = inject('withoutImages');

/** Of no use where `WITHOUT_IMAGES` says something. */
export const IMAGES: Images = inject('images') ?? { operator: 'none', controlPlane: 'none' };
