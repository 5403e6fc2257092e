import { addMillis, elapsed, millis } from '../../base/time.ts';
import type { Instant } from '../../base/time.ts';
import type { Account, Entry } from '../model/ledger.ts';
import { ANSWERED_MAX } from '../model/ledger.ts';
import type { ServerSnapshot } from '../model/snapshot.ts';
import { entryOf, latestListing } from './facts.ts';

/** The ledger's next state: every write counts the revision up. */
export const revised = (entry: Entry, changes: Partial<Omit<Entry, 'revision' | 'objectUid'>>): Entry => ({
  ...entry,
  ...changes,
  revision: entry.revision + 1,
});

/** A new attempt: open before anything is sent. What people answered and what was forgotten stays. */
export function newAttempt(s: ServerSnapshot, account: Account, specHash: string): Entry {
  const before = entryOf(s) ?? blankEntry(s, account, specHash);
  return revised(before, {
    attempt: s.nextAttempt,
    attempts: before.attempts + 1,
    specHash,
    requestedAt: apiNow(s),
    holder: s.settings.holder,
    account,
    outcome: { kind: 'open' },
  });
}

/** A ledger for an object that never had one: for what was found or answered before any order. Its attempt id was never sent. */
export const blankEntry = (s: ServerSnapshot, account: Account, specHash: string): Entry => ({
  objectUid: s.object.uid,
  attempt: s.nextAttempt,
  attempts: 0,
  revision: 0,
  specHash,
  requestedAt: apiNow(s),
  holder: s.settings.holder,
  account,
  outcome: { kind: 'withdrawn', at: s.now },
  everUnclear: false,
  releases: [],
  forgotten: [],
  answered: [],
});

/** The answers after one more was acted on. */
export const answeredToo = (entry: Entry, answer: string): readonly string[] =>
  [...entry.answered.filter((known) => known !== answer), answer].slice(-ANSWERED_MAX);

/** The vendor's time now, from its last Date header; ours when it sent none. A server's createdAt is compared with this. */
function apiNow(s: ServerSnapshot): Instant {
  const listing = latestListing(s);
  if (listing?.apiDate === undefined) return s.now;
  return addMillis(listing.apiDate, millis(Math.round(elapsed(listing.begunAt, s.monotonic))));
}
