import { parseAttemptId, parseObjectUid, parseServerUuid } from '../../base/ids.ts';
import type { AttemptId, ObjectUid, ServerUuid } from '../../base/ids.ts';
import { formatInstant, parseInstant } from '../../base/time.ts';
import type { Instant } from '../../base/time.ts';
import type { LedgerEntry } from '../../resources/flexmetalserver/schema.ts';
import type { Refusal, RefusalClass } from './outcomes.ts';

/** Which of the vendor's accounts an order was for. A fingerprint is salted and tells nothing about the token. */
export interface Account {
  readonly baseUrl: string;
  readonly tokenFingerprint: string;
}

export const sameAccount = (left: Account, right: Account): boolean =>
  left.baseUrl === right.baseUrl && left.tokenFingerprint === right.tokenFingerprint;

/** How the uuid of the object's server was learned. Only `reply` owns a server that does not carry our uid tag. */
export type Proof = 'reply' | 'settled' | 'found' | 'adopted';

/** What is durably known about the newest attempt. */
export type Outcome =
  /** Written before the order; the order may have been sent. */
  | { readonly kind: 'open' }
  | { readonly kind: 'created'; readonly server: ServerUuid; readonly proof: Proof; readonly at: Instant }
  /** The vendor said no: no server came of it. */
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly at: Instant }
  /** Closed by the process that wrote it, before anything was sent. */
  | { readonly kind: 'withdrawn'; readonly at: Instant }
  /** Listings proved that no server came of it, or a person decided so. */
  | { readonly kind: 'absent'; readonly at: Instant }
  /** The server went without our doing. Never ordered again by itself. */
  | { readonly kind: 'lost'; readonly server: ServerUuid; readonly at: Instant }
  /** A person told us to stop caring. Never ordered again by itself. */
  | { readonly kind: 'forgotten'; readonly at: Instant };

/** The order ledger of one object: its newest attempt, and what people answered. Stands in two places, see `readLedger`. */
export interface Entry {
  readonly objectUid: ObjectUid;
  readonly attempt: AttemptId;
  /** How many attempts there were, this one included; 0 while a person's answer is all there is. */
  readonly attempts: number;
  /** Counts the writes of this ledger. */
  readonly revision: number;
  readonly specHash: string;
  /** By the vendor's clock where it is known, so that it can be compared with a server's createdAt. */
  readonly requestedAt: Instant;
  /** The process that wrote the intent. */
  readonly holder: string;
  readonly account: Account;
  readonly outcome: Outcome;
  /** Some attempt of this object had no clear answer, so its deletion needs a complete listing. */
  readonly everUnclear: boolean;
  /** Servers that a person allowed to be released. */
  readonly releases: readonly ServerUuid[];
  /** Servers with our uid tag that a person told us to leave alone. */
  readonly forgotten: readonly ServerUuid[];
  /** Answers that were acted on, newest last, at most ANSWERED_MAX. */
  readonly answered: readonly string[];
}

/** Old answers fall out of the ledger; the newest are the ones that may still stand in somebody's Git. */
export const ANSWERED_MAX = 20;

export type Ledger =
  | { readonly kind: 'none' }
  /** Something is written there that we cannot read: an order may stand behind it. */
  | { readonly kind: 'unreadable' }
  /** `inAnnotation`, `inStatus`: whether that copy says exactly this. */
  | { readonly kind: 'entry'; readonly entry: Entry; readonly inAnnotation: boolean; readonly inStatus: boolean };

/** One stored copy as the parser of the object gives it. */
export type StoredEntry =
  | { readonly kind: 'none' }
  | { readonly kind: 'entry'; readonly entry: LedgerEntry }
  | { readonly kind: 'unreadable' };

/**
 * Merges the two copies of an object's ledger. A user can drop one and a backup the other, so either alone counts in full.
 * An entry of another object (a copied manifest, a restore) is history and does not count.
 */
export function readLedger(uid: ObjectUid, annotation: StoredEntry, status: StoredEntry): Ledger {
  const first = ownEntry(uid, annotation);
  const second = ownEntry(uid, status);
  const entry = newer(asEntry(first), asEntry(second));
  if (entry === undefined) {
    return first.kind === 'unreadable' || second.kind === 'unreadable' ? { kind: 'unreadable' } : { kind: 'none' };
  }
  return { kind: 'entry', entry, inAnnotation: says(first, entry), inStatus: says(second, entry) };
}

type Copy =
  | { readonly kind: 'none' }
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'own'; readonly entry: Entry };

const asEntry = (copy: Copy): Entry | undefined => (copy.kind === 'own' ? copy.entry : undefined);
const says = (copy: Copy, entry: Entry): boolean => copy.kind === 'own' && sameEntry(copy.entry, entry);

function ownEntry(uid: ObjectUid, stored: StoredEntry): Copy {
  if (stored.kind !== 'entry') return stored;
  const entry = parseEntry(stored.entry);
  if (entry === undefined) return stored.entry.objectUid === uid ? { kind: 'unreadable' } : { kind: 'none' };
  return entry.objectUid === uid ? { kind: 'own', entry } : { kind: 'none' };
}

/** Every write counts the revision up, so the copy that a restore or an old manifest put back is the lower one. */
function newer(annotation: Entry | undefined, status: Entry | undefined): Entry | undefined {
  if (annotation === undefined || status === undefined) return annotation ?? status;
  return status.revision > annotation.revision ? status : annotation;
}

/** Equal in all that is stored. */
export const sameEntry = (left: Entry, right: Entry): boolean =>
  JSON.stringify(formatEntry(left)) === JSON.stringify(formatEntry(right));

/** The wire form, with a fixed order of keys. */
export function formatEntry(entry: Entry): LedgerEntry {
  return {
    objectUid: entry.objectUid,
    attempt: entry.attempt,
    attempts: entry.attempts,
    revision: entry.revision,
    specHash: entry.specHash,
    requestedAt: formatInstant(entry.requestedAt),
    holder: entry.holder,
    account: { baseUrl: entry.account.baseUrl, tokenFingerprint: entry.account.tokenFingerprint },
    outcome: entry.outcome.kind,
    ...formatOutcome(entry.outcome),
    ...(entry.everUnclear ? { everUnclear: true } : {}),
    ...(entry.releases.length > 0 ? { releases: [...entry.releases] } : {}),
    ...(entry.forgotten.length > 0 ? { forgotten: [...entry.forgotten] } : {}),
    ...(entry.answered.length > 0 ? { answered: [...entry.answered] } : {}),
  };
}

type OutcomeFields = Pick<LedgerEntry, 'refusal' | 'settledAt' | 'serverUuid' | 'proof'>;

function formatOutcome(outcome: Outcome): OutcomeFields {
  switch (outcome.kind) {
    case 'open':
      return {};
    case 'created':
      return { settledAt: formatInstant(outcome.at), serverUuid: outcome.server, proof: outcome.proof };
    case 'refused':
      return {
        refusal: { class: outcome.refusal.class, message: outcome.refusal.message },
        settledAt: formatInstant(outcome.at),
      };
    case 'lost':
      return { settledAt: formatInstant(outcome.at), serverUuid: outcome.server };
    case 'withdrawn':
    case 'absent':
    case 'forgotten':
      return { settledAt: formatInstant(outcome.at) };
  }
}

/** Reads the wire form; undefined when any part that a decision rests on is not as we write it. */
export function parseEntry(wire: LedgerEntry): Entry | undefined {
  const objectUid = parseObjectUid(wire.objectUid);
  const attempt = parseAttemptId(wire.attempt);
  const requestedAt = parseInstant(wire.requestedAt);
  const outcome = parseOutcome(wire);
  const releases = parseUuids(wire.releases);
  const forgotten = parseUuids(wire.forgotten);
  if (objectUid === undefined || attempt === undefined || requestedAt === undefined || outcome === undefined)
    return undefined;
  if (releases === undefined || forgotten === undefined) return undefined;
  return {
    objectUid,
    attempt,
    attempts: wire.attempts,
    revision: wire.revision,
    specHash: wire.specHash,
    requestedAt,
    holder: wire.holder,
    account: wire.account,
    outcome,
    everUnclear: wire.everUnclear ?? false,
    releases,
    forgotten,
    answered: wire.answered ?? [],
  };
}

function parseOutcome(wire: LedgerEntry): Outcome | undefined {
  if (wire.outcome === 'open') return { kind: 'open' };
  const at = wire.settledAt === undefined ? undefined : parseInstant(wire.settledAt);
  const server = wire.serverUuid === undefined ? undefined : parseServerUuid(wire.serverUuid);
  if (at === undefined) return undefined;
  switch (wire.outcome) {
    case 'created':
      return server !== undefined && isProof(wire.proof)
        ? { kind: 'created', server, proof: wire.proof, at }
        : undefined;
    case 'lost':
      return server === undefined ? undefined : { kind: 'lost', server, at };
    case 'refused':
      return wire.refusal !== undefined && isRefusalClass(wire.refusal.class)
        ? { kind: 'refused', refusal: { class: wire.refusal.class, message: wire.refusal.message }, at }
        : undefined;
    case 'withdrawn':
    case 'absent':
    case 'forgotten':
      return { kind: wire.outcome, at };
    default:
      return undefined;
  }
}

const PROOFS: ReadonlySet<string> = new Set(['reply', 'settled', 'found', 'adopted'] satisfies Proof[]);
const isProof = (text: string | undefined): text is Proof => text !== undefined && PROOFS.has(text);

const REFUSAL_CLASSES: ReadonlySet<string> = new Set(
  Object.keys({
    credentials: true,
    invalid: true,
    notFound: true,
    quota: true,
    inTransition: true,
    notConnected: true,
  } satisfies Record<RefusalClass, true>),
);
const isRefusalClass = (text: string): text is RefusalClass => REFUSAL_CLASSES.has(text);

function parseUuids(texts: readonly string[] | undefined): readonly ServerUuid[] | undefined {
  const uuids = (texts ?? []).map(parseServerUuid);
  return uuids.every((uuid) => uuid !== undefined) ? uuids : undefined;
}
