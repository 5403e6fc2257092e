import { hours, minutes, seconds } from '../../base/time.ts';

/** Not-founds that count towards absence are at least this far apart: a flapping back end answers alike within seconds. */
export const NOT_FOUND_SPACING = seconds(15);
/** So many not-founds are needed beside two listings before a server counts as gone. */
export const NOT_FOUNDS_NEEDED = 3;
/** A DELETE that was taken without effect is sent again after this. */
export const RELEASE_RESEND_AFTER = minutes(10);
/** Releases take seconds; after this a person should look. */
export const RELEASE_STUCK_AFTER = minutes(30);
/** A failed server cannot be released at this vendor: seen failed in listings this far apart after a DELETE, it is let go. */
export const FAILED_LET_GO_AFTER = minutes(10);
/** Servers older than the order by more than this are not its result. The vendor's own client allows as much clock skew. */
export const CLOCK_SKEW = seconds(60);
/** Without a look at the server for so long, nothing is said about it as if it were known. */
export const OBSERVATION_STALE_AFTER = minutes(5);
/** A listing older than this is no look before an order, however long the object has been waiting. */
export const LOOK_FIRST_MAX_AGE = minutes(2);
/** How soon to look again after a write of the object did not come through. */
export const SOON = seconds(1);
/** Missing Secrets and ConfigMaps are not watched (no right to read them all), so they are tried again. */
export const INPUTS_RETRY = minutes(1);
/** Still objects are looked at this often even if no listing comes. */
export const STILL_RECHECK = minutes(10);

/** First wait and longest wait between orders after a refusal, by its class; doubled with every attempt. */
export const ORDER_RETRY = {
  notConnected: { first: seconds(5), longest: minutes(5) },
  credentials: { first: seconds(30), longest: minutes(10) },
  quota: { first: minutes(1), longest: minutes(15) },
  inTransition: { first: minutes(1), longest: minutes(15) },
  notFound: { first: minutes(1), longest: hours(1) },
  invalid: { first: minutes(1), longest: hours(1) },
} as const;
