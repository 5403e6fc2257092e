import type { ServerUuid } from '../../base/ids.ts';
import type { Millis, Monotonic } from '../../base/time.ts';
import type { FlexMetalServerWithoutSpec } from '../../resources/flexmetalserver/parse.ts';
import { ANNOTATION, FINALIZER } from '../../resources/names.ts';
import type { Effect } from '../model/decision.ts';
import { readLedger } from '../model/ledger.ts';
import type { CreateOutcome, ReleaseOutcome, TagOutcome } from '../model/outcomes.ts';
import type { IntentMemory, Memory, ServerSnapshot } from '../model/snapshot.ts';
import { entryOf, hasFinalizer, intentOf, isDeleting, otherUids } from './facts.ts';
import { forgive, holdBack, withMemory, withRead } from './learn.ts';
import { tagKey } from './rules/tags.ts';

/** What came of writing to the object. */
export type WriteOutcome =
  | { readonly kind: 'written'; readonly object: FlexMetalServerWithoutSpec }
  /** The object is gone: there is nothing more to do for it. */
  | { readonly kind: 'gone' }
  /** Somebody else wrote first; look again. */
  | { readonly kind: 'conflict' }
  | { readonly kind: 'failed'; readonly message: string };

/** The last checks, or the way to the vendor, said no: nothing was sent. */
export interface NotSent {
  readonly kind: 'notSent';
  readonly message: string;
  readonly retryAfter: Millis | undefined;
}

/** What came of an effect. `at`: when it ended, on the monotonic clock. */
export type Result =
  | {
      readonly kind: 'writeLedger';
      readonly effect: EffectOf<'writeLedger'>;
      readonly outcome: WriteOutcome;
      readonly at: Monotonic;
    }
  | {
      readonly kind: 'dropFinalizer';
      readonly effect: EffectOf<'dropFinalizer'>;
      readonly outcome: WriteOutcome;
      readonly at: Monotonic;
    }
  | {
      readonly kind: 'createServer';
      readonly effect: EffectOf<'createServer'>;
      readonly outcome: CreateOutcome | NotSent;
      readonly at: Monotonic;
    }
  | {
      readonly kind: 'releaseServer';
      readonly effect: EffectOf<'releaseServer'>;
      readonly outcome: ReleaseOutcome | NotSent;
      readonly at: Monotonic;
    }
  | {
      readonly kind: 'changeTag';
      readonly effect: EffectOf<'addTag' | 'removeTag'>;
      readonly outcome: TagOutcome | NotSent;
      readonly at: Monotonic;
    };

type EffectOf<Kind extends Effect['kind']> = Extract<Effect, { readonly kind: Kind }>;
type ResultOf<Kind extends Result['kind']> = Extract<Result, { readonly kind: Kind }>;

/** The snapshot after an effect: what is known now, and when to try again what did not come through. Pure. */
export function absorb(s: ServerSnapshot, result: Result): ServerSnapshot {
  const later = { ...s, monotonic: result.at };
  switch (result.kind) {
    case 'writeLedger':
      return absorbLedger(later, result);
    case 'dropFinalizer':
      return absorbWrite(later, 'finalizer', result.outcome);
    case 'createServer':
      return absorbCreate(later, result);
    case 'releaseServer':
      return absorbRelease(later, result);
    case 'changeTag':
      return absorbTag(later, result);
  }
}

function absorbLedger(s: ServerSnapshot, { effect, outcome, at }: ResultOf<'writeLedger'>): ServerSnapshot {
  if (outcome.kind !== 'written') return absorbWrite(s, 'ledger', outcome);
  const written = kept(s, outcome.object);
  const { entry } = effect;
  if (entry.outcome.kind !== 'open') return withMemory(written, { intent: undefined });
  // An attempt that was in the ledger before is only put back, by whoever sent it or not.
  if (entryOf(s)?.attempt === entry.attempt) return withMemory(written, { intent: intentOf(s, entry) });
  // The process that wrote a new intent is the only one that knows that it was not sent.
  const fresh: IntentMemory = { attempt: entry.attempt, progress: 'unsent', seenAt: at, outcome: undefined };
  return withMemory(written, { intent: fresh });
}

/** A write that was taken and changed on its way in is a failed one: what is put back at every look would be put back for ever. */
function kept(s: ServerSnapshot, object: FlexMetalServerWithoutSpec): ServerSnapshot {
  const stored = withObject(s, object);
  const hasLedger = stored.ledger.kind === 'entry' && stored.ledger.inAnnotation;
  if (hasLedger && (hasFinalizer(stored) || isDeleting(stored))) return forgive(stored, 'ledger');
  return holdBack(
    stored,
    'ledger',
    `The API server took a write of this object and did not keep it all: probably an admission webhook removes the finalizer ${FINALIZER} or the annotation ${ANNOTATION.order}. Let both stand; nothing is ordered without them.`,
    undefined,
  );
}

function absorbWrite(s: ServerSnapshot, key: string, outcome: WriteOutcome): ServerSnapshot {
  switch (outcome.kind) {
    case 'written':
      return forgive(withObject(s, outcome.object), key);
    case 'gone':
      // The cache shows it until it hears of it; until then the same write must not be tried over and over.
      return holdBack(s, key, 'The object is gone.', undefined);
    case 'conflict':
      return holdBack(s, key, 'Somebody else changed the object at the same moment; it is looked at again.', undefined);
    case 'failed':
      return holdBack(s, key, outcome.message, undefined);
  }
}

const withObject = (s: ServerSnapshot, object: FlexMetalServerWithoutSpec): ServerSnapshot => ({
  ...s,
  object,
  ledger: readLedger(object.uid, object.annotationLedger, object.statusLedger),
});

function absorbCreate(s: ServerSnapshot, { effect, outcome, at }: ResultOf<'createServer'>): ServerSnapshot {
  if (outcome.kind === 'notSent') return holdBack(s, 'create', outcome.message, outcome.retryAfter);
  // A reply that was mixed up on its way must not make somebody else's server ours.
  if (outcome.kind === 'created' && otherUids(s, outcome.server).length > 0) {
    const cause = "the reply names a server with another object's uid tag";
    return absorbCreate(s, { kind: 'createServer', effect, outcome: { kind: 'unclear', cause }, at });
  }
  const sent = withMemory(s, {
    // The settle window runs from the order's end, however long before the intent was written.
    intent: { attempt: effect.entry.attempt, progress: 'maybeSent', seenAt: at, outcome },
  });
  if (outcome.kind !== 'created') return forgive(sent, 'create');
  return forgive(withRead(sent, outcome.server.uuid, { server: outcome.server, at, notFoundAt: [] }), 'create');
}

function absorbRelease(s: ServerSnapshot, { effect, outcome, at }: ResultOf<'releaseServer'>): ServerSnapshot {
  const key = `release:${effect.server}`;
  if (outcome.kind === 'notSent') return holdBack(s, key, outcome.message, outcome.retryAfter);
  const sent = withMemory(s, {
    releases: { ...s.memory.releases, [effect.server]: sentAgain(s.memory, effect.server, at) },
  });
  switch (outcome.kind) {
    case 'accepted': {
      const accepted = forgive(sent, key);
      return outcome.server === undefined
        ? accepted
        : withRead(accepted, outcome.server.uuid, { server: outcome.server, at, notFoundAt: [] });
    }
    case 'notFound':
      return forgive(sent, key);
    case 'refused':
      return holdBack(sent, key, outcome.refusal.message, undefined);
    case 'unclear':
      return holdBack(sent, key, `there was no clear answer (${outcome.cause}).`, outcome.retryAfter);
  }
}

function sentAgain(memory: Memory, server: ServerUuid, at: Monotonic): Memory['releases'][string] {
  const before = memory.releases[server];
  return {
    firstSentAt: before?.firstSentAt ?? at,
    lastSentAt: at,
    failedSince: before?.failedSince,
  };
}

function absorbTag(s: ServerSnapshot, { effect, outcome, at }: ResultOf<'changeTag'>): ServerSnapshot {
  const kind = effect.kind === 'addTag' ? 'add' : 'remove';
  const key = tagKey(kind, effect.tag);
  switch (outcome.kind) {
    case 'applied': {
      const done = forgive(s, key);
      const server = outcome.server;
      return server === undefined ? done : withRead(done, server.uuid, { server, at, notFoundAt: [] });
    }
    case 'refused':
      return holdBack(
        s,
        key,
        `The vendor refused to ${kind} the tag ${effect.tag}: ${outcome.refusal.message}`,
        undefined,
      );
    case 'unclear':
      return holdBack(
        s,
        key,
        `There was no clear answer to ${kind} the tag ${effect.tag} (${outcome.cause}).`,
        outcome.retryAfter,
      );
    case 'notSent':
      return holdBack(s, key, outcome.message, outcome.retryAfter);
  }
}
