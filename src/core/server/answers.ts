import { parseServerUuid } from '../../base/ids.ts';
import type { ServerUuid } from '../../base/ids.ts';
import { ANNOTATION, clusterTag, readMarks, uidTag } from '../../resources/names.ts';
import type { Decision } from '../model/decision.ts';
import { act, ask } from '../model/decision.ts';
import type { Account, Entry, Outcome } from '../model/ledger.ts';
import { livenessOf } from '../model/server-record.ts';
import type { ServerSnapshot } from '../model/snapshot.ts';
import { answeredToo, blankEntry, revised } from './entries.ts';
import {
  accountRelation,
  carryingOurUid,
  entryOf,
  heldBack,
  latestListing,
  liveServers,
  livesBeside,
  maybeSentAttempt,
  mayExist,
  otherUids,
  ownServer,
  recordOf,
} from './facts.ts';
import { provedWithoutResult, suspectsOf } from './rules/settle.ts';

/** What the annotation `resolve` asks for, and whether it can be done. */
export type AnswerReading =
  | { readonly kind: 'none' }
  /** Acted on before; it may stay in somebody's Git. */
  | { readonly kind: 'done' }
  | { readonly kind: 'accepted'; readonly decision: Decision }
  /** Not now: what has to come first. It is taken up then. */
  | { readonly kind: 'waiting'; readonly message: string }
  /** Never as it stands: what is wrong with it. */
  | { readonly kind: 'refused'; readonly message: string };

/** Reads a person's answer. It names the attempt or server it is about, so that it never answers another question. */
export function readAnswer(s: ServerSnapshot): AnswerReading {
  const answer = s.object.annotations[ANNOTATION.resolve]?.trim();
  if (answer === undefined || answer === '') return { kind: 'none' };
  if (entryOf(s)?.answered.includes(answer) === true) return { kind: 'done' };
  const [verb, ...rest] = answer.split('=');
  // All that follows the verb: with a tail cut off, the text that is recorded as answered could be of any length.
  const subject = rest.join('=').replace(ASKED_AGAIN, '');
  if (heldBack(s, 'ledger') !== undefined) return waiting('The ledger could not be written yet.');
  switch (verb) {
    case 'reorder':
      return reorder(s, answer, subject);
    case 'adopt':
      return withUuid(subject, (uuid) => adopt(s, answer, uuid));
    case 'release':
      return withUuid(subject, (uuid) => release(s, answer, uuid));
    case 'forget':
      return forget(s, answer, subject);
    default:
      return refused(
        `"${answer}" is no answer. Use reorder=<attempt>, adopt=<uuid>, release=<uuid> or forget=<attempt or uuid>.`,
      );
  }
}

/** The tail of an answer to a question that was asked again: `answerWith` counts it. */
const ASKED_AGAIN = /\/(?:[2-9]|[1-9]\d)$/;

const waiting = (message: string): AnswerReading => ({ kind: 'waiting', message });
const refused = (message: string): AnswerReading => ({ kind: 'refused', message });

function withUuid(text: string, use: (uuid: ServerUuid) => AnswerReading): AnswerReading {
  const uuid = parseServerUuid(text);
  return uuid === undefined ? refused(`"${text}" is no server's uuid.`) : use(uuid);
}

/** The guarded write in which the answer takes effect and is recorded as answered. */
function write(entry: Entry, answer: string, changes: Parameters<typeof revised>[1], why: string): AnswerReading {
  const next = revised(entry, { ...changes, answered: answeredToo(entry, answer) });
  return { kind: 'accepted', decision: act({ kind: 'writeLedger', entry: next }, why) };
}

const mayOrder = (s: ServerSnapshot): Outcome => ({ kind: 'absent', at: s.now });

/** Order again: never past look-first or an open settling, and never beside a live server. */
function reorder(s: ServerSnapshot, answer: string, attempt: string): AnswerReading {
  const entry = entryOf(s);
  if (entry === undefined || entry.attempt !== attempt) {
    return refused(
      `The answer is about attempt ${attempt}, but the object's last attempt is ${entry?.attempt ?? 'none'}.`,
    );
  }
  const why = 'a person said to order again';
  if (s.account.kind === 'known' && accountRelation(s, entry) === 'changed') {
    return write(entry, answer, { account: s.account.account }, 'a person said that this account is right');
  }
  switch (entry.outcome.kind) {
    case 'open':
      return reorderOpen(s, entry, answer);
    case 'created': {
      const server = recordOf(s, entry.outcome.server)?.server;
      const dead = server !== undefined && (livenessOf(server) === 'failed' || livenessOf(server) === 'released');
      if (dead) return write(entry, answer, { outcome: mayOrder(s), everUnclear: true }, why);
      return refused(
        `Server ${entry.outcome.server} is not known to be gone or failed; a second one is not ordered beside it. Delete the object to release it.`,
      );
    }
    case 'lost':
      // What is dead or lost may come back, so a later deletion looks at a listing before it lets go.
      return write(entry, answer, { outcome: mayOrder(s), everUnclear: true }, why);
    case 'refused':
    case 'withdrawn':
    case 'absent':
    case 'forgotten':
      return write(entry, answer, { outcome: mayOrder(s) }, why);
  }
}

function reorderOpen(s: ServerSnapshot, entry: Entry, answer: string): AnswerReading {
  const settled = maybeSentAttempt(s) !== undefined && provedWithoutResult(s, entry);
  if (!settled)
    return waiting('The order is still being settled; the answer is taken up after that, if it is still needed.');
  if (suspectsOf(s, entry).length === 0) return waiting('The order is being settled without it.');
  return write(
    entry,
    answer,
    { outcome: mayOrder(s), everUnclear: true },
    'a person said that the suspect is not the one',
  );
}

/** A claim: refused for a server that another living object or another cluster has marked. */
function adopt(s: ServerSnapshot, answer: string, uuid: ServerUuid): AnswerReading {
  const own = ownServer(s);
  if (own === uuid) return refused(`Server ${uuid} is this object's server already.`);
  const live = liveServers(s);
  const living = live.find((server) => server.uuid === own);
  if (living !== undefined && !live.some((server) => server.uuid === uuid)) {
    return refused(`This object has the live server ${living.uuid}; release or forget that one first.`);
  }
  const read = s.memory.reads[uuid];
  if (read === undefined || read.at < s.queuedAt) {
    const retry = heldBack(s, `get:${uuid}`);
    if (retry !== undefined) return waiting(`Server ${uuid} cannot be read at the moment: ${retry.message}`);
    return { kind: 'accepted', decision: ask({ kind: 'getServer', server: uuid }) };
  }
  if (read.server === undefined) return refused(`The vendor does not know a server ${uuid}.`);
  const word = livenessOf(read.server);
  if (word !== 'live') return refused(`Server ${uuid} is ${read.server.status}; only a live server can be adopted.`);
  const { server } = read;
  const owners = otherUids(s, server).filter((uid) => s.livingUids.has(uid));
  if (owners.length > 0)
    return refused(`Server ${uuid} belongs to another object that exists (uid ${owners.join(', ')}).`);
  const unseen = otherUids(s, server).filter((uid) => mayExist(s, server, uid));
  if (unseen.length > 0) {
    return refused(
      `Server ${uuid} carries the uid of an object of another name, and this operator watches some namespaces only, so that object may exist. If it does not, take the tag off the server first: ${unseen.map(uidTag).join(', ')}.`,
    );
  }
  const clusters = readMarks(server.tags).clusters.filter((cluster) => cluster !== s.settings.cluster);
  if (clusters.length > 0) {
    return refused(
      `Server ${uuid} carries the tag of another cluster (${clusters.map(clusterTag).join(', ')}). Take that tag off it first, if that cluster no longer exists.`,
    );
  }
  if (s.account.kind !== 'known') return waiting(s.account.message);
  const entry = entryOf(s) ?? blankEntry(s, s.account.account, s.spec.kind === 'valid' ? s.spec.hash : '');
  const outcome: Outcome = { kind: 'created', server: uuid, proof: 'adopted', at: s.now };
  return write(
    entry,
    answer,
    {
      outcome,
      account: s.account.account,
      releases: without(entry.releases, uuid),
      forgotten: without(entry.forgotten, uuid),
    },
    'a person said that this server is the one',
  );
}

/** Only a server that is surely ours, and only beside another one: the last server goes by deleting the object. */
function release(s: ServerSnapshot, answer: string, uuid: ServerUuid): AnswerReading {
  const entry = entryOf(s);
  const server = carryingOurUid(s).find((candidate) => candidate.uuid === uuid);
  if (latestListing(s) === undefined) return waiting('The first listing is not there yet.');
  if (server === undefined || otherUids(s, server).length > 0) {
    return refused(`Server ${uuid} does not carry this object's uid tag alone, so it is not ours to release.`);
  }
  if (livenessOf(server) !== 'live') return refused(`Server ${uuid} is ${server.status} already.`);
  if (!livesBeside(s, uuid)) {
    return refused(
      `Server ${uuid} is the object's only live server that is surely its own. Delete the object to release it.`,
    );
  }
  if (s.account.kind !== 'known') return waiting(s.account.message);
  const base = entry ?? afterLostLedger(s, s.account.account);
  return write(
    base,
    answer,
    { releases: [...without(base.releases, uuid), uuid].slice(-RELEASES_MAX) },
    'a person said to release it',
  );
}

/** Gives up an attempt or a server: it is neither followed nor released any more. */
function forget(s: ServerSnapshot, answer: string, subject: string): AnswerReading {
  const entry = entryOf(s);
  if (entry !== undefined && subject === entry.attempt) {
    const own = ownServer(s);
    const forgotten = own === undefined ? entry.forgotten : withForgotten(entry, own);
    const releases = own === undefined ? entry.releases : without(entry.releases, own);
    return write(
      entry,
      answer,
      { outcome: { kind: 'forgotten', at: s.now }, forgotten, releases, everUnclear: true },
      'a person said to forget it',
    );
  }
  return withUuid(subject, (uuid) => {
    if (s.account.kind !== 'known') return waiting(s.account.message);
    const base = entry ?? afterLostLedger(s, s.account.account);
    const outcome: Outcome = ownServer(s) === uuid ? { kind: 'forgotten', at: s.now } : base.outcome;
    return write(
      base,
      answer,
      { outcome, forgotten: withForgotten(base, uuid), releases: without(base.releases, uuid) },
      'a person said to forget it',
    );
  });
}

const RELEASES_MAX = 20;
const FORGOTTEN_MAX = 20;
const without = (uuids: readonly ServerUuid[], uuid: ServerUuid): readonly ServerUuid[] =>
  uuids.filter((known) => known !== uuid);
const withForgotten = (entry: Entry, uuid: ServerUuid): readonly ServerUuid[] =>
  [...without(entry.forgotten, uuid), uuid].slice(-FORGOTTEN_MAX);

/** A person answers about servers of an object without a ledger: what there was is not known, so its deletion must look. */
const afterLostLedger = (s: ServerSnapshot, account: Account): Entry => ({
  ...blankEntry(s, account, s.spec.kind === 'valid' ? s.spec.hash : ''),
  everUnclear: true,
});
