import type { Rule } from '../../model/decision.ts';
import { act, wait } from '../../model/decision.ts';
import { entryOf, hasFinalizer, heldBack, intentOf, isDeleting, untilRetry } from '../facts.ts';
import { revised } from '../entries.ts';

/**
 * What was done is written down before anything else, also while paused or deleting: until then only this process knows the
 * uuid. The same write puts back a copy or a finalizer that somebody removed.
 */
export const record: Rule = (s) => {
  const entry = entryOf(s);
  if (entry === undefined || s.ledger.kind !== 'entry') return undefined;
  const retry = heldBack(s, 'ledger');
  const outcome = entry.outcome.kind === 'open' ? intentOf(s, entry).outcome : undefined;

  if (outcome?.kind === 'created' || outcome?.kind === 'refused') {
    if (retry !== undefined) return wait('Ordering', retry.message, { kind: 'after', delay: untilRetry(s, retry) });
    const settled =
      outcome.kind === 'created'
        ? ({ kind: 'created', server: outcome.server.uuid, proof: 'reply', at: s.now } as const)
        : ({ kind: 'refused', refusal: outcome.refusal, at: s.now } as const);
    return act({ kind: 'writeLedger', entry: revised(entry, { outcome: settled }) }, `the order was ${outcome.kind}`);
  }
  // An API server refuses new finalizers on an object that is being deleted.
  const finalizerGone = !hasFinalizer(s) && !isDeleting(s);
  if ((finalizerGone || !s.ledger.inAnnotation) && retry === undefined) {
    return act(
      { kind: 'writeLedger', entry },
      finalizerGone ? 'the finalizer is gone' : 'the annotation does not hold the ledger',
    );
  }
  return undefined;
};
