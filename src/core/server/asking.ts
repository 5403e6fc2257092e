import type { ServerUuid } from '../../base/ids.ts';
import { elapsed, laterBy, millis } from '../../base/time.ts';
import type { Monotonic } from '../../base/time.ts';
import type { Reason } from '../../resources/names.ts';
import type { Decision } from '../model/decision.ts';
import { ask, wait } from '../model/decision.ts';
import type { ServerRecord } from '../model/server-record.ts';
import type { ReadFailure } from '../model/outcomes.ts';
import type { ServerSnapshot, ViewFailure } from '../model/snapshot.ts';
import { heldBack, latestListing, provedAbsentSince, recordOf, untilRetry, viewIsOfThisAccount } from './facts.ts';
import { NOT_FOUNDS_NEEDED, NOT_FOUND_SPACING } from './limits.ts';

/** Asks for a listing begun after the given time; undefined when there is one. Waits, saying why, while listings fail. */
export function needListing(s: ServerSnapshot, begunAfter: Monotonic): Decision | undefined {
  const listing = latestListing(s);
  const isOurs = viewIsOfThisAccount(s);
  if (listing !== undefined && listing.begunAt > begunAfter && isOurs) return undefined;
  const retry = heldBack(s, 'list');
  if (retry === undefined) return ask({ kind: 'list', begunAfter: isOurs ? begunAfter : s.monotonic });
  const failure = explain(s.view.failure);
  return wait(failure?.reason ?? 'ApiUnavailable', failure?.message ?? retry.message, {
    kind: 'onListing',
    atMost: untilRetry(s, retry),
  });
}

/** Why listings tell nothing at the moment, in a reason and a sentence with the way out. */
export function explain(
  failure: ViewFailure | undefined,
): { readonly reason: Reason; readonly message: string } | undefined {
  if (failure === undefined) return undefined;
  if (failure.kind === 'incomplete') {
    return {
      reason: 'ListingIncomplete',
      message: `The list of servers could not be read to its end, so nothing is concluded from it: ${failure.message}`,
    };
  }
  return { reason: reasonOf(failure.failure), message: failure.failure.message };
}

const REASON_OF = {
  credentials: 'CredentialsInvalid',
  rateLimited: 'ApiUnavailable',
  unavailable: 'ApiUnavailable',
  malformed: 'ApiUnavailable',
} as const satisfies Record<ReadFailure['kind'], Reason>;
const reasonOf = (failure: ReadFailure): Reason => REASON_OF[failure.kind];

/** Where a server that should exist is. */
export type Whereabouts =
  | { readonly kind: 'present'; readonly server: ServerRecord; readonly at: Monotonic }
  /** Three not-founds and two listings agree. */
  | { readonly kind: 'gone' }
  /** Not seen, and not proved gone either: do this first. */
  | { readonly kind: 'proving'; readonly decision: Decision };

/**
 * Looks for a server that the ledger names. A listing that does not show it proves nothing by itself: it is asked for by
 * itself, and it counts as gone only after three not-founds at least 15 s apart and two complete listings begun after the last.
 */
export function lookFor(s: ServerSnapshot, uuid: ServerUuid): Whereabouts {
  const seen = recordOf(s, uuid);
  const listing = latestListing(s);
  const notFounds = s.memory.reads[uuid]?.notFoundAt ?? [];
  const missedByListing =
    listing !== undefined && !listing.servers.has(uuid) && (seen === undefined || listing.begunAt > seen.at);
  if (seen !== undefined && !missedByListing) return { kind: 'present', ...seen };

  const lastNotFound = notFounds.at(-1);
  const enough = lastNotFound !== undefined && notFounds.length >= NOT_FOUNDS_NEEDED;
  if (enough && provedAbsentSince(s, lastNotFound, ({ servers }) => servers.has(uuid))) return { kind: 'gone' };
  const doubt = (atMost: number): Whereabouts => ({
    kind: 'proving',
    decision: wait(
      'ObservationStale',
      `Server ${uuid} was not found ${notFounds.length} of ${NOT_FOUNDS_NEEDED} times. It counts as gone only after that and two complete listings without it.`,
      { kind: 'onListing', atMost: millis(atMost) },
    ),
  });
  if (enough) return doubt(s.settings.pollInterval);
  const retry = heldBack(s, `get:${uuid}`);
  if (retry !== undefined) {
    if (seen !== undefined) return { kind: 'present', ...seen };
    return {
      kind: 'proving',
      decision: wait('ApiUnavailable', retry.message, { kind: 'onListing', atMost: untilRetry(s, retry) }),
    };
  }
  const nextAskAt = lastNotFound === undefined ? s.monotonic : laterBy(lastNotFound, NOT_FOUND_SPACING);
  if (nextAskAt > s.monotonic) return doubt(elapsed(s.monotonic, nextAskAt));
  return { kind: 'proving', decision: ask({ kind: 'getServer', server: uuid }) };
}
