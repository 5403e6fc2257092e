import { createAnnotations } from './create-annotations.ts';
import { lookByTag } from './look-by-tag.ts';
import type { Model } from './model.ts';
import { readOne } from './read-one.ts';
import { saveAtOnce } from './save-at-once.ts';
import { saveInStatus } from './save-in-status.ts';

/** From the plainest order of steps on. */
export const MODELS: readonly Model[] = [saveInStatus, saveAtOnce, readOne, lookByTag, createAnnotations];
