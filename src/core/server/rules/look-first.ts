import type { ServerUuid } from '../../../base/ids.ts';
import { addMillis, formatInstant, laterBy, latestOf, millis, since } from '../../../base/time.ts';
import type { Instant, Millis, Monotonic } from '../../../base/time.ts';
import { clusterTag, objectHash, readMarks } from '../../../resources/names.ts';
import type { Reason } from '../../../resources/names.ts';
import type { Decision, Rule } from '../../model/decision.ts';
import { act, ask, block, wait } from '../../model/decision.ts';
import type { Entry } from '../../model/ledger.ts';
import type { RefusalClass } from '../../model/outcomes.ts';
import type { ServerRecord } from '../../model/server-record.ts';
import { livenessOf } from '../../model/server-record.ts';
import type { ServerSnapshot } from '../../model/snapshot.ts';
import { readAnswer } from '../answers.ts';
import { needListing } from '../asking.ts';
import { newAttempt } from '../entries.ts';
import { accountRelation, entryOf, heldBack, latestListing, untilRetry } from '../facts.ts';
import { INPUTS_RETRY, LOOK_FIRST_MAX_AGE, ORDER_RETRY, STILL_RECHECK } from '../limits.ts';
import { answerWith, listUuids, uuidsOf } from '../wording.ts';
import { accountChanged } from './account-changed.ts';
import { lostLedger } from './lost-ledger.ts';

/**
 * A server is wanted and none is known. Everything that could forbid the order is asked before the intent is written, so that
 * a blocked object holds no intent and can be deleted without the API. Ends in the intent of a new attempt.
 */
export const lookFirst: Rule = (s) => {
  const entry = entryOf(s);
  if (entry !== undefined && !mayOrderAgain(entry)) return undefined;
  if (s.spec.kind === 'invalid') return block('InvalidSpec', s.spec.message, { kind: 'onChange' });
  if (s.settings.mode === 'observe') {
    return wait(
      'ObserveMode',
      'A server would be ordered for this object, but the operator runs with mode observe. Run it with mode normal to order.',
      // Nothing moves here: the poller may keep its slow rhythm.
      { kind: 'onListing', atMost: STILL_RECHECK },
    );
  }
  if (s.account.kind !== 'known') {
    return block('CredentialsInvalid', s.account.message, { kind: 'onListing', atMost: s.settings.pollInterval });
  }
  if (entry !== undefined && mayHaveServersElsewhere(entry) && accountRelation(s, entry) === 'changed')
    return accountChanged(s, entry);
  return (
    answerFirst(s) ??
    tooSoon(s, entry, s.spec.hash) ??
    needListing(s, lookedSince(s)) ??
    previousServer(s) ??
    lostLedger(s) ??
    inputs(s) ??
    braked(s) ??
    intend(s)
  );

  function intend(snapshot: ServerSnapshot): Decision | undefined {
    if (snapshot.account.kind !== 'known' || snapshot.spec.kind !== 'valid') return undefined;
    const retry = heldBack(snapshot, 'ledger');
    if (retry !== undefined)
      return wait('Ordering', retry.message, { kind: 'after', delay: untilRetry(snapshot, retry) });
    return act(
      { kind: 'writeLedger', entry: newAttempt(snapshot, snapshot.account.account, snapshot.spec.hash) },
      "no server carries this object's uid; the intent comes before the order",
    );
  }
};

/** Somebody said which server is the object's and that server could not be read yet: an order now would be one too many. */
function answerFirst(s: ServerSnapshot): Decision | undefined {
  if (readAnswer(s).kind !== 'waiting') return undefined;
  return wait('Pending', 'Nothing is ordered before the answer in the annotation resolve is taken up.', {
    kind: 'onListing',
    atMost: s.settings.pollInterval,
  });
}

const mayOrderAgain = (entry: Entry): boolean =>
  entry.outcome.kind === 'absent' || entry.outcome.kind === 'withdrawn' || entry.outcome.kind === 'refused';

/** A definite no leaves no server behind in any account; an attempt that was once unclear might have. */
const mayHaveServersElsewhere = (entry: Entry): boolean => entry.everUnclear || entry.outcome.kind === 'absent';

/**
 * A listing must have begun after the last news of the object, and not too long ago. A look by rhythm brings no news: were it to want
 * a listing of its own, each listing would ask for the next, as fast as the vendor's rate allows.
 */
const lookedSince = (s: ServerSnapshot): Monotonic =>
  latestOf([s.newsAt, laterBy(s.monotonic, millis(0 - LOOK_FIRST_MAX_AGE))]);

const REASON_AFTER = {
  credentials: 'CredentialsInvalid',
  quota: 'QuotaExceeded',
  invalid: 'OrderRefused',
  notFound: 'OrderRefused',
  inTransition: 'CapacityLimited',
  notConnected: 'ApiUnavailable',
} as const satisfies Record<RefusalClass, Reason>;

/** After a refusal the next order waits, by the class of the refusal; a changed spec or token is tried at once. */
function tooSoon(s: ServerSnapshot, entry: Entry | undefined, specHash: string): Decision | undefined {
  if (entry?.outcome.kind !== 'refused' || entry.specHash !== specHash) return undefined;
  if (entry.outcome.refusal.class === 'credentials' && accountRelation(s, entry) !== 'same') return undefined;
  const { first, longest } = ORDER_RETRY[entry.outcome.refusal.class];
  const pause = millis(Math.min(longest, first * 2 ** Math.min(entry.attempts - 1, 20)));
  const nextAt = addMillis(entry.outcome.at, pause);
  const left = since(s.now, nextAt);
  // A wall clock that was set back must not hold an order up for longer than the pause itself.
  if (left <= 0 || left > pause) return undefined;
  return refused(entry, left, nextAt);
}

function refused(entry: Entry, left: Millis, at: Instant): Decision | undefined {
  if (entry.outcome.kind !== 'refused') return undefined;
  const { refusal } = entry.outcome;
  const reason = REASON_AFTER[refusal.class];
  const wakeUp = { kind: 'after', delay: left } as const;
  const said = `Attempt ${entry.attempts} was refused: ${refusal.message} Nothing was ordered; it is tried again at ${formatInstant(at)}`;
  switch (refusal.class) {
    case 'invalid':
    case 'notFound':
      return block(
        reason,
        entry.everUnclear ? `${said}. ${FIXED}` : `${said}, or at once when the spec is corrected.`,
        wakeUp,
      );
    case 'credentials':
      return block(
        reason,
        `${said}, or at once when the token file changes. Check the token, its expiry date and its list of allowed addresses.`,
        wakeUp,
      );
    case 'quota':
      return wait(
        reason,
        entry.everUnclear
          ? `${said}. Ask i3D.net for more quota, or release servers. ${FIXED}`
          : `${said}. Ask i3D.net for more quota, release servers, or choose another location or type.`,
        wakeUp,
      );
    case 'inTransition':
    case 'notConnected':
      return wait(reason, `${said}.`, wakeUp);
  }
}

/** The CRD takes no other spec any more: the server of the unclear order, should it turn up, must be what the spec says. */
const FIXED =
  'The spec is fixed, because an order before had no clear answer: to order something else, delete this object and create another.';

/** A server of a former object of the same name: after a restore or a recreation, ordering another would leave it without an owner. */
function previousServer(s: ServerSnapshot): Decision | undefined {
  const { live, going } = previousServers(s);
  const first = live[0];
  if (first !== undefined) {
    return block(
      'PreviousServerExists',
      `A former object of this name left a live server behind: ${listUuids(uuidsOf(live))}. To take it over, answer ${answerWith(s, `adopt=${first.uuid}`)}; to leave it alone and order another, ${answerWith(s, `forget=${first.uuid}`)}`,
      { kind: 'onListing', atMost: s.settings.pollInterval },
    );
  }
  if (going.length === 0) return undefined;
  return wait(
    'PreviousServerExists',
    `The server of the former object of this name is being released (${listUuids(uuidsOf(going))}); the order follows.`,
    {
      kind: 'onListing',
      atMost: s.settings.pollInterval,
    },
  );
}

/** Servers of this cluster that a former object of this name marked, without those that a person told us to leave alone. */
export function previousServers(s: ServerSnapshot): {
  readonly live: readonly ServerRecord[];
  readonly going: readonly ServerRecord[];
} {
  const forgotten: readonly ServerUuid[] = entryOf(s)?.forgotten ?? [];
  const previous = (latestListing(s)?.byObject.get(objectHash(s.object.namespace, s.object.name)) ?? []).filter(
    (server) =>
      server.tags.includes(clusterTag(s.settings.cluster)) &&
      !readMarks(server.tags).uids.includes(s.object.uid) &&
      !forgotten.includes(server.uuid),
  );
  return {
    live: previous.filter((server) => livenessOf(server) === 'live'),
    going: previous.filter((server) => livenessOf(server) === 'releasing'),
  };
}

function inputs(s: ServerSnapshot): Decision | undefined {
  if (s.inputs.kind === 'ready') return undefined;
  if (s.inputs.kind === 'notAsked') return ask({ kind: 'inputs' });
  return block('InputsMissing', s.inputs.message, { kind: 'after', delay: INPUTS_RETRY });
}

/** Finite limits on servers and orders, so that a mistake in Git or in us costs a bounded sum. */
function braked(s: ServerSnapshot): Decision | undefined {
  const { serversMax, ordersPerHourMax } = s.settings;
  const { servers, ordersLastHour } = s.brakes;
  if (servers < serversMax && ordersLastHour < ordersPerHourMax) return undefined;
  const which =
    servers >= serversMax
      ? `this cluster has ${servers} servers and open orders, the limit is ${serversMax} (setting serversMax)`
      : `${ordersLastHour} orders were made in the last hour, the limit is ${ordersPerHourMax} (setting ordersPerHourMax)`;
  return wait('BrakeEngaged', `Nothing is ordered: ${which}. Delete objects that are not needed or raise the limit.`, {
    kind: 'onListing',
    atMost: s.settings.pollInterval,
  });
}
