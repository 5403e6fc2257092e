import type { Millis } from '../../../base/time.ts';
import { elapsed, formatDuration, laterBy, latestOf, minutes } from '../../../base/time.ts';
import type { ServerUuid } from '../../../base/ids.ts';
import type { Decision, Farewell, Rule } from '../../model/decision.ts';
import type { Entry } from '../../model/ledger.ts';
import { act, block, wait } from '../../model/decision.ts';
import type { ServerRecord } from '../../model/server-record.ts';
import { livenessOf } from '../../model/server-record.ts';
import type { ServerSnapshot } from '../../model/snapshot.ts';
import { lookFor, needListing } from '../asking.ts';
import { revised } from '../entries.ts';
import {
  accountRelation,
  carryingOurUid,
  entryOf,
  hasFinalizer,
  heldBack,
  isDeleting,
  latestListing,
  liveServers,
  livesBeside,
  maybeSentAttempt,
  otherUids,
  ownServer,
  owns,
  recordOf,
  untilRetry,
} from '../facts.ts';
import { FAILED_LET_GO_AFTER, RELEASE_RESEND_AFTER, RELEASE_STUCK_AFTER, STILL_RECHECK } from '../limits.ts';
import { forceForgetWith, listUuids, uuidsOf } from '../wording.ts';
import { accountChanged } from './account-changed.ts';
import { lostLedger } from './lost-ledger.ts';
import { applyFirst, claimChanges } from './tags.ts';

/** A deleted object releases every server that carries its uid and goes last; a person's `release=<uuid>` releases that one. */
export const release: Rule = (s) => (isDeleting(s) ? releaseDeleted(s) : releaseAnswered(s));

function releaseAnswered(s: ServerSnapshot): Decision | undefined {
  if (s.settings.mode === 'observe') return undefined;
  const entry = entryOf(s);
  for (const uuid of entry?.releases ?? []) {
    const server = recordOf(s, uuid)?.server;
    if (entry === undefined || server === undefined || livenessOf(server) !== 'live' || !owns(s, server)) continue;
    if (livesBeside(s, uuid)) return releaseLive(s, server, 'answered');
    if (heldBack(s, 'ledger') === undefined) return takeBack(entry, uuid);
  }
  return undefined;
}

/**
 * The other server went, or somebody else claims it, before this one was released. The answer counts as not given, so that it is looked at anew and status
 * says why it is refused.
 */
function takeBack(entry: Entry, uuid: ServerUuid): Decision {
  const releases = entry.releases.filter((other) => other !== uuid);
  const answered = entry.answered.filter((text) => !text.startsWith(`release=${uuid}`));
  return act(
    { kind: 'writeLedger', entry: revised(entry, { releases, answered }) },
    'it is the last live server of the object by now',
  );
}

function releaseDeleted(s: ServerSnapshot): Decision | undefined {
  if (!hasFinalizer(s)) return wait('Releasing', 'The object is going.', { kind: 'onChange' });
  return letGo(s) ?? held(s) ?? releaseAll(s);
}

/** The ways in which a deleted object goes without a server of its own being asked about. */
function letGo(s: ServerSnapshot): Decision | undefined {
  const entry = entryOf(s);
  if (carryingOurUid(s).some((server) => livenessOf(server) !== 'released')) return undefined;
  // The finalizer came with a ledger, so a ledger was lost: only a listing tells whether a server is left.
  if (entry === undefined) return undefined;
  // Only this process knows that the intent was not sent; it withdraws it by letting the object go.
  const unsent = entry.outcome.kind === 'open' && maybeSentAttempt(s) === undefined;
  const noServer = unsent || entry.outcome.kind === 'withdrawn' || entry.outcome.kind === 'refused';
  if (noServer && !entry.everUnclear) return dropFinalizer(s, { kind: 'neverOrdered' });
  if (entry.outcome.kind !== 'forgotten') return undefined;
  // One server was forgotten, and another one of the object may live: a process that has seen no list yet cannot know.
  return (
    needListing(s, s.memory.deletionSeenAt ?? s.monotonic) ??
    dropFinalizer(s, { kind: 'forgotten', what: entry.attempt })
  );
}

/** What keeps a deleted object's servers: policy and protection, the user's own words. */
function held(s: ServerSnapshot): Decision | undefined {
  if (s.spec.kind === 'invalid') {
    return block(
      'InvalidSpec',
      `${s.spec.message} Until then its server is not released, since deletionPolicy cannot be trusted.`,
      { kind: 'onChange' },
    );
  }
  if (s.spec.spec.deletionProtection === true) {
    return wait(
      'Protected',
      `The object is being deleted, but spec.deletionProtection is true: ${kept(s)} running and costing money. Set it to false to release what is there.`,
      { kind: 'onListing', atMost: s.settings.pollInterval },
    );
  }
  // While an order is unclear its server is waited for, so that what is left behind can be named.
  const canName = maybeSentAttempt(s) === undefined || liveServers(s).length > 0;
  if (s.spec.spec.deletionPolicy === 'Retain' && canName) {
    const own = ownServer(s);
    const servers = new Set([...(own === undefined ? [] : [own]), ...carryingOurUid(s).map((server) => server.uuid)]);
    return dropFinalizer(s, { kind: 'retained', servers: [...servers] });
  }
  if (s.settings.mode === 'observe') {
    return wait(
      'ObserveMode',
      'The operator runs with mode observe, so nothing is released. Run it with mode normal to release the server.',
      { kind: 'onListing', atMost: STILL_RECHECK },
    );
  }
  return undefined;
}

/** More servers than one are named: while the object is held nobody else says that there are several. */
function kept(s: ServerSnapshot): string {
  const live = liveServers(s);
  return live.length > 1 ? `its ${live.length} live servers (${listUuids(uuidsOf(live))}) keep` : 'its server keeps';
}

/** One victim per pass: the first server that something can be done about; else the wait of the first that is not over. */
function releaseAll(s: ServerSnapshot): Decision {
  const own = ownServer(s);
  const uuids = new Set<ServerUuid>([
    ...(own === undefined ? [] : [own]),
    ...carryingOurUid(s).map((server) => server.uuid),
  ]);
  const steps = [...uuids].map((uuid) => stepFor(s, uuid));
  const pending = steps.filter((step) => step.kind === 'pending').map((step) => step.decision);
  const next = pending.find((decision) => decision.kind !== 'rest') ?? pending[0];
  if (next !== undefined) return next;
  // Servers with our uid that appeared meanwhile are found by a listing begun after the last thing we did.
  const lastDeeds = Object.values(s.memory.releases).map((sent) => sent.lastSentAt);
  const unseen = needListing(s, latestOf([s.memory.deletionSeenAt ?? s.monotonic, ...lastDeeds]));
  if (unseen !== undefined) return unseen;
  if (maybeSentAttempt(s) !== undefined) {
    return wait('OrderUnclear', 'The last order of this object is not settled yet.', {
      kind: 'onListing',
      atMost: s.settings.pollInterval,
    });
  }
  const unsettled = lostLedger(s);
  if (unsettled !== undefined) return unsettled;
  if (entryOf(s) === undefined && uuids.size === 0) return dropFinalizer(s, { kind: 'neverOrdered' });
  const failed = steps.flatMap((step) => (step.kind === 'failed' ? [step.uuid] : []));
  return dropFinalizer(
    s,
    failed.length > 0 ? { kind: 'failedLetGo', servers: failed } : { kind: 'released', servers: [...uuids] },
  );
}

type Step =
  | { readonly kind: 'pending'; readonly decision: Decision }
  | { readonly kind: 'released'; readonly uuid: ServerUuid }
  | { readonly kind: 'failed'; readonly uuid: ServerUuid };

function stepFor(s: ServerSnapshot, uuid: ServerUuid): Step {
  const entry = entryOf(s);
  const place = lookFor(s, uuid);
  if (place.kind === 'present') return stepForPresent(s, place.server);
  if (entry !== undefined && accountRelation(s, entry) === 'changed')
    return { kind: 'pending', decision: accountChanged(s, entry) };
  return place.kind === 'gone' ? { kind: 'released', uuid } : { kind: 'pending', decision: place.decision };
}

function stepForPresent(s: ServerSnapshot, server: ServerRecord): Step {
  const liveness = livenessOf(server);
  if (liveness === 'released') return { kind: 'released', uuid: server.uuid };
  if (!owns(s, server)) {
    // Adopted, and deleted before its tags were put right: that comes first.
    const claim = applyFirst(s, server, claimChanges(s, server));
    return { kind: 'pending', decision: claim ?? unproven(s, server) };
  }
  if (liveness === 'releasing') return { kind: 'pending', decision: stuckOrWaiting(s, server) };
  if (liveness === 'live') return { kind: 'pending', decision: releaseLive(s, server, 'deleted') };
  return stepForFailed(s, server);
}

function releaseLive(s: ServerSnapshot, server: ServerRecord, cause: 'deleted' | 'answered'): Decision {
  const sent = s.memory.releases[server.uuid];
  const retry = heldBack(s, `release:${server.uuid}`);
  if (retry !== undefined) {
    const after = sent === undefined ? '' : ` Tried for ${wholeMinutes(elapsed(sent.firstSentAt, s.monotonic))}.`;
    return (
      stuck(s, server) ??
      wait(
        'Releasing',
        `Server ${server.uuid} could not be released yet: ${retry.message}${after} It is tried again.`,
        {
          kind: 'onListing',
          atMost: untilRetry(s, retry),
        },
      )
    );
  }
  const failedBefore = s.memory.retries[`release:${server.uuid}`] !== undefined;
  const due = sent === undefined || failedBefore || laterBy(sent.lastSentAt, RELEASE_RESEND_AFTER) <= s.monotonic;
  if (due)
    return act(
      { kind: 'releaseServer', server: server.uuid, cause },
      sent === undefined ? 'its object is going' : 'the last DELETE had no effect',
    );
  return stuckOrWaiting(s, server);
}

/** In whole minutes, so that a waiting object's status is not written at every look. */
const wholeMinutes = (length: Millis): string =>
  length < minutes(1) ? 'less than a minute' : `${Math.floor(length / minutes(1))} min`;

const stuckOrWaiting = (s: ServerSnapshot, server: ServerRecord): Decision =>
  stuck(s, server) ??
  wait('Releasing', `Server ${server.uuid} is being released (the vendor says ${server.status}).`, {
    kind: 'onListing',
    atMost: s.settings.pollInterval,
  });

function stuck(s: ServerSnapshot, server: ServerRecord): Decision | undefined {
  const since = s.memory.releases[server.uuid]?.firstSentAt ?? s.memory.deletionSeenAt;
  if (since === undefined || elapsed(since, s.monotonic) < RELEASE_STUCK_AFTER) return undefined;
  return block(
    'ReleaseStuck',
    `Server ${server.uuid} is still ${server.status} more than ${formatDuration(RELEASE_STUCK_AFTER)} after the release was asked for. The operator goes on trying; ask i3D.net support about this server. To let the object go all the same: ${forceForgetWith(s, server.uuid)}`,
    { kind: 'onListing', atMost: s.settings.pollInterval },
  );
}

/** The vendor keeps a failed server as failed whatever is asked: one DELETE is sent, and two looks at its lists end the matter. */
function stepForFailed(s: ServerSnapshot, server: ServerRecord): Step {
  const sent = s.memory.releases[server.uuid];
  const retry = heldBack(s, `release:${server.uuid}`);
  if (sent === undefined && retry === undefined) {
    return {
      kind: 'pending',
      decision: act(
        { kind: 'releaseServer', server: server.uuid, cause: 'deleted' },
        'a failed server is released once',
      ),
    };
  }
  const since = sent?.failedSince;
  const latest = latestListing(s);
  if (since !== undefined && latest !== undefined && elapsed(since, latest.begunAt) >= FAILED_LET_GO_AFTER) {
    return { kind: 'failed', uuid: server.uuid };
  }
  return {
    kind: 'pending',
    decision: wait(
      'Releasing',
      `Server ${server.uuid} failed to be delivered, and the vendor does not release failed servers. A release was asked for; when it is still failed ${formatDuration(FAILED_LET_GO_AFTER)} later, the object goes and says so.`,
      { kind: 'onListing', atMost: s.settings.pollInterval },
    ),
  };
}

const unproven = (s: ServerSnapshot, server: ServerRecord): Decision =>
  block(
    'OwnershipUnproven',
    `Server ${server.uuid} is not released: ${
      otherUids(s, server).length > 0
        ? `it carries the uid of another object (${otherUids(s, server).join(', ')})`
        : "this object's uid tag is not on it"
    }. Put the tag flexmetal-uid:${s.object.uid} on it (and take the other off) to have it released, or let it live: ${forceForgetWith(s, server.uuid)}`,
    { kind: 'onListing', atMost: s.settings.pollInterval },
  );

/** Lets the object go, when it may be written to. */
export function dropFinalizer(s: ServerSnapshot, because: Farewell): Decision {
  const retry = heldBack(s, 'finalizer');
  if (retry !== undefined) return wait('Releasing', retry.message, { kind: 'after', delay: untilRetry(s, retry) });
  return act({ kind: 'dropFinalizer', because }, whyFarewell(because));
}

function whyFarewell(because: Farewell): string {
  switch (because.kind) {
    case 'neverOrdered':
      return 'nothing was ever ordered';
    case 'released':
      return `all servers are released (${listUuids(because.servers)})`;
    case 'retained':
      return 'deletionPolicy is Retain';
    case 'forgotten':
      return 'a person said to forget it';
    case 'failedLetGo':
      return 'failed servers cannot be released';
  }
}
