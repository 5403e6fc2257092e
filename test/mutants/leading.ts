import type { Mutant } from './mutant.ts';

/** Who may act. */
export const LEADING: readonly Mutant[] = [];
