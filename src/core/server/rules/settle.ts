import type { ServerUuid } from '../../../base/ids.ts';
import { since } from '../../../base/time.ts';
import { readMarks } from '../../../resources/names.ts';
import type { Decision, Rule } from '../../model/decision.ts';
import { act, block, wait } from '../../model/decision.ts';
import type { Entry } from '../../model/ledger.ts';
import { livenessOf, sameName } from '../../model/server-record.ts';
import type { ServerRecord } from '../../model/server-record.ts';
import type { ServerSnapshot } from '../../model/snapshot.ts';
import { revised } from '../entries.ts';
import {
  accountRelation,
  carryingOurUid,
  heldBack,
  isDeleting,
  liveServers,
  maybeSentAttempt,
  otherUids,
  provedAbsentSince,
  settlesAt,
  untilRetry,
} from '../facts.ts';
import { CLOCK_SKEW } from '../limits.ts';
import { answerWith, countsAsAbsent, forceForgetWith, listUuids, uuidsOf } from '../wording.ts';
import { accountChanged } from './account-changed.ts';

/**
 * An order may have been sent and its answer is not known. Presence settles it at once; absence only after the settle
 * window, by two successive complete listings, and only when no server looks as if it might be the one.
 */
export const settle: Rule = (s) => {
  const entry = maybeSentAttempt(s);
  if (entry === undefined) return undefined;
  const retry = heldBack(s, 'ledger');
  if (retry !== undefined) return wait('OrderUnclear', retry.message, { kind: 'after', delay: untilRetry(s, retry) });
  // A deleted object releases whatever carries its uid first; what is left to settle is settled afterwards.
  if (isDeleting(s) && liveServers(s).length > 0) return undefined;
  return found(s, entry) ?? notFoundYet(s, entry) ?? provedAbsent(s, entry);
};

function found(s: ServerSnapshot, entry: Entry): Decision | undefined {
  const ours = carryingOurUid(s);
  const results = ours.filter((server) => readMarks(server.tags).attempts.includes(entry.attempt));
  const others = ours.filter((server) => !results.includes(server) && livenessOf(server) === 'live');
  const [result, ...more] = results;
  if (result !== undefined && ((more.length === 0 && others.length === 0) || isDeleting(s)))
    return adoptResult(s, entry, result);
  const all = [...results, ...others];
  const first = all[0];
  if (first === undefined) return undefined;
  return block(
    'DuplicateServers',
    `Attempt ${entry.attempt} has no clear answer, and these servers carry this object's tags: ${listUuids(uuidsOf(all))}. Choose the one to keep: ${answerWith(s, `adopt=${first.uuid}`)}`,
    { kind: 'onListing', atMost: s.settings.pollInterval },
  );
}

function adoptResult(s: ServerSnapshot, entry: Entry, server: ServerRecord): Decision {
  const strangers = otherUids(s, server);
  const asOrdered =
    s.spec.kind !== 'valid' ||
    (sameName(server.location, s.spec.spec.location) && sameName(server.instanceType, s.spec.spec.instanceType));
  if (isDeleting(s) ? strangers.length === 0 : strangers.length === 0 && asOrdered) {
    const outcome = { kind: 'created', server: server.uuid, proof: 'settled', at: s.now } as const;
    return act(
      { kind: 'writeLedger', entry: revised(entry, { outcome }) },
      'the list shows the server of the open attempt',
    );
  }
  const oddity =
    strangers.length > 0
      ? `it also carries the uid of another object (${strangers.join(', ')})`
      : `it is a ${server.instanceType} in ${server.location}, which is not what was ordered`;
  return block(
    'OwnershipUnproven',
    `Server ${server.uuid} carries the tag of the open attempt ${entry.attempt}, but ${oddity}. If it is this object's, answer ${answerWith(s, `adopt=${server.uuid}`)}; if not, answer ${answerWith(s, `forget=${server.uuid}`)} or take the tags off it.`,
    { kind: 'onListing', atMost: s.settings.pollInterval },
  );
}

function notFoundYet(s: ServerSnapshot, entry: Entry): Decision | undefined {
  if (accountRelation(s, entry) === 'changed') return accountChanged(s, entry);
  if (provedWithoutResult(s, entry)) return undefined;
  return wait(
    'OrderUnclear',
    `Attempt ${entry.attempt} may have ordered a server: there was no clear answer. Its server is looked for in every listing; ${countsAsAbsent(s, settlesAt(s, entry))}`,
    { kind: 'onListing', atMost: s.settings.pollInterval },
  );
}

/**
 * Neither of the two listings after the settle window shows a server of the attempt, or a live one of this object. Both are
 * asked: the vendor's list may flap, and not every object is looked at after every listing.
 */
export function provedWithoutResult(s: ServerSnapshot, entry: Entry): boolean {
  return provedAbsentSince(s, settlesAt(s, entry), ({ byUid }) =>
    (byUid.get(s.object.uid) ?? []).some(
      (server) =>
        !entry.forgotten.includes(server.uuid) &&
        (livenessOf(server) === 'live' || readMarks(server.tags).attempts.includes(entry.attempt)),
    ),
  );
}

function provedAbsent(s: ServerSnapshot, entry: Entry): Decision {
  const suspects = suspectsOf(s, entry);
  const suspect = suspects[0];
  if (suspect === undefined) {
    return act(
      { kind: 'writeLedger', entry: revised(entry, { outcome: { kind: 'absent', at: s.now }, everUnclear: true }) },
      'two complete listings after the settle window do not show the server',
    );
  }
  const wayOut = isDeleting(s)
    ? `If it is this object's, answer ${answerWith(s, `adopt=${suspect.uuid}`)} and it is released; if not, ${forceForgetWith(s, entry.attempt)}`
    : `If it is this object's, answer ${answerWith(s, `adopt=${suspect.uuid}`)}; if not, ${answerWith(s, `reorder=${entry.attempt}`)}`;
  return block(
    'SuspectServer',
    `Attempt ${entry.attempt} had no clear answer, and a server without any owner's tags looks like its result: ${listUuids(uuidsOf(suspects))}. ${wayOut}`,
    { kind: 'onListing', atMost: s.settings.pollInterval },
  );
}

/** Live servers that nobody's tags claim and that could be the open attempt's: as ordered, and created since. */
export function suspectsOf(s: ServerSnapshot, entry: Entry): readonly ServerRecord[] {
  if (s.spec.kind !== 'valid') return [];
  const { location, instanceType } = s.spec.spec;
  const name = s.spec.spec.name ?? s.object.name;
  return [...lastSeen(s).values()].filter(
    (server) =>
      livenessOf(server) === 'live' &&
      readMarks(server.tags).uids.length === 0 &&
      !entry.forgotten.includes(server.uuid) &&
      sameName(server.name, name) &&
      sameName(server.location, location) &&
      sameName(server.instanceType, instanceType) &&
      (server.createdAt === undefined || since(entry.requestedAt, server.createdAt) >= 0 - CLOCK_SKEW),
  );
}

/** Every server that one of the listings which are to prove something shows, as the newest of them shows it. */
const lastSeen = (s: ServerSnapshot): ReadonlyMap<ServerUuid, ServerRecord> =>
  new Map(s.view.run.flatMap(({ servers }) => [...servers]));
