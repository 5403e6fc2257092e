import * as fc from 'fast-check';

/**
 * The same random values in every run, so that a red run is the fault of the change before it. Whoever looks for more
 * sets FC_SEED (a number, or `random`: then fast-check's report names the seed) and FC_RUNS (so many times the runs).
 */
const asked = process.env['FC_SEED'];
const FIXED_SEED = 20_261_124;

fc.configureGlobal(asked === 'random' ? {} : { seed: Number(asked ?? FIXED_SEED) });
