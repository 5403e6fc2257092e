import type { ServerUuid } from '../../../base/ids.ts';
import { elapsed, since } from '../../../base/time.ts';
import type { Decision, Rule } from '../../model/decision.ts';
import { act, block, wait } from '../../model/decision.ts';
import type { Entry } from '../../model/ledger.ts';
import { livenessOf } from '../../model/server-record.ts';
import type { ServerSnapshot } from '../../model/snapshot.ts';
import { lookFor } from '../asking.ts';
import { revised } from '../entries.ts';
import { accountRelation, entryOf, heldBack, latestListing, ownServer, untilRetry } from '../facts.ts';
import { OBSERVATION_STALE_AFTER, STILL_RECHECK } from '../limits.ts';
import { answerWith } from '../wording.ts';
import { accountChanged } from './account-changed.ts';

/** The object's server went without our doing, or a person told us to forget it: said, and never ordered again by itself. */
export const lost: Rule = (s) => {
  const entry = entryOf(s);
  const own = ownServer(s);
  if (entry?.outcome.kind === 'lost') return reportLost(s, entry, entry.outcome.server);
  if (entry?.outcome.kind === 'forgotten') return reportForgotten(s, entry);
  if (entry === undefined || own === undefined) return undefined;
  const place = lookFor(s, own);
  if (place.kind === 'present') return livenessOf(place.server) === 'released' ? writeLost(s, entry, own) : undefined;
  if (accountRelation(s, entry) === 'changed') return accountChanged(s, entry);
  if (place.kind === 'gone') return tooYoung(s, entry) ?? writeLost(s, entry, own);
  // While listings are too old to speak, the last rule says so with the time of the last look.
  return stale(s) && place.decision.kind === 'rest' ? undefined : place.decision;
};

/** A server that was ordered just now may not be shown yet, by lists and by single reads alike. */
function tooYoung(s: ServerSnapshot, entry: Entry): Decision | undefined {
  if (entry.outcome.kind !== 'created' || since(entry.outcome.at, s.now) >= s.settings.settleWindow) return undefined;
  return wait(
    'ObservationStale',
    `Server ${entry.outcome.server} was ordered a short time ago and the vendor does not show it yet.`,
    {
      kind: 'onListing',
      atMost: s.settings.pollInterval,
    },
  );
}

function writeLost(s: ServerSnapshot, entry: Entry, server: ServerUuid): Decision {
  const retry = heldBack(s, 'ledger');
  if (retry !== undefined) return wait('Lost', retry.message, { kind: 'after', delay: untilRetry(s, retry) });
  return act(
    { kind: 'writeLedger', entry: revised(entry, { outcome: { kind: 'lost', server, at: s.now } }) },
    'the server is gone and this operator did not release it',
  );
}

const reportLost = (s: ServerSnapshot, entry: Entry, server: string): Decision =>
  block(
    'Lost',
    `Server ${server} is gone, and this operator did not release it. Nothing is ordered in its place by itself. To order a new one: ${answerWith(s, `reorder=${entry.attempt}`)}; or delete the object.`,
    { kind: 'onListing', atMost: STILL_RECHECK },
  );

const reportForgotten = (s: ServerSnapshot, entry: Entry): Decision =>
  block(
    'Forgotten',
    `A person told the operator to forget this object's server or order. Nothing is ordered by itself. To order a new one: ${answerWith(s, `reorder=${entry.attempt}`)}; or delete the object.`,
    { kind: 'onListing', atMost: STILL_RECHECK },
  );

function stale(s: ServerSnapshot): boolean {
  const listing = latestListing(s);
  return listing === undefined || elapsed(listing.begunAt, s.monotonic) > OBSERVATION_STALE_AFTER;
}
