import { figures } from './blocks/figures.ts';
import { lag, models } from './blocks/models.ts';
import { mutants, mutation } from './blocks/mutants.ts';
import { kills, soak } from './blocks/process.ts';
import { promises } from './blocks/promises.ts';
import { sweep } from './blocks/sweep.ts';
import type { Blocks } from './page.ts';
import type { Promised } from './promises.ts';
import type { Results } from './results.ts';

/** Every generated part of docs/proof.md. */
export const blocksOf = (results: Results, promised: readonly Promised[]): Blocks => ({
  figures: figures(results),
  promises: promises(results, promised),
  sweep: sweep(results),
  mutants: mutants(results),
  mutation: mutation(results),
  kills: kills(results),
  soak: soak(results),
  models: models(results),
  lag: lag(results),
});
