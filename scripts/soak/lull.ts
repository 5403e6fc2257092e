/**
 * The storm holds its breath now and then: nobody acts, nothing breaks, and what is under way comes to its end. Memory is looked at
 * then, with the same number of objects each time; in between it also holds what is under way at the moment, and that says nothing
 * of a leak.
 */
const EVERY_MS = 120_000;
const LENGTH_MS = 45_000;
/** By then what was under way has ended, and garbage was collected after that. */
const SETTLED_AFTER_MS = 25_000;

/** @param stormMs since the storm began */
export const isLull = (stormMs: number): boolean => stormMs % EVERY_MS >= EVERY_MS - LENGTH_MS;

/** The end of a lull, in which memory can be compared with that of other lulls. */
export const isSettled = (stormMs: number): boolean => stormMs % EVERY_MS >= EVERY_MS - LENGTH_MS + SETTLED_AFTER_MS;
