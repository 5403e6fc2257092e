import type { Rule } from '../../model/decision.ts';
import { act, ask, block, wait } from '../../model/decision.ts';
import { revised } from '../entries.ts';
import { accountRelation, entryOf, heldBack, isDeleting, liveServers, maybeSentAttempt, untilRetry } from '../facts.ts';
import { INPUTS_RETRY, SOON } from '../limits.ts';
import { ORDER_UNDER_WAY } from '../wording.ts';

/** The intent names the account it is for; while the token cannot be read, it may still be that one. */
const OTHER_ACCOUNT: ReadonlySet<ReturnType<typeof accountRelation>> = new Set(['changed', 'continued'] as const);

/** This process wrote the intent and has not begun to send it: when both copies are durable and still true, the order goes out. */
export const order: Rule = (s) => {
  const entry = entryOf(s);
  if (entry?.outcome.kind !== 'open' || maybeSentAttempt(s) !== undefined || s.ledger.kind !== 'entry' || isDeleting(s))
    return undefined;
  const outdated =
    s.spec.kind === 'invalid' ||
    s.spec.hash !== entry.specHash ||
    s.settings.mode === 'observe' ||
    OTHER_ACCOUNT.has(accountRelation(s, entry)) ||
    // A server of ours has turned up since we looked: adopting it comes next, not another one.
    liveServers(s).length > 0;
  if (outdated && heldBack(s, 'ledger') === undefined) {
    const withdrawn = revised(entry, { outcome: { kind: 'withdrawn', at: s.now } });
    return act({ kind: 'writeLedger', entry: withdrawn }, 'what the intent rests on changed before the order');
  }
  if (s.object.statusLedger.kind === 'unreadable') {
    return block(
      'OrderUnclear',
      'The copy of the order ledger in status.order cannot be read and is not overwritten, so nothing is ordered. Remove it (kubectl edit --subresource=status): the annotation holds the same, and the operator goes on from there.',
      { kind: 'onChange' },
    );
  }
  if (!s.ledger.inAnnotation || !s.ledger.inStatus) {
    return wait('Ordering', ORDER_UNDER_WAY, {
      kind: 'after',
      delay: SOON,
    });
  }
  const retry = heldBack(s, 'create') ?? heldBack(s, 'ledger');
  if (retry !== undefined) return wait('Ordering', retry.message, { kind: 'after', delay: untilRetry(s, retry) });
  if (s.inputs.kind === 'notAsked') return ask({ kind: 'inputs' });
  if (s.inputs.kind === 'missing')
    return block('InputsMissing', s.inputs.message, { kind: 'after', delay: INPUTS_RETRY });
  return act(
    { kind: 'createServer', entry, request: s.inputs.request },
    'the intent is durable in both places and was not sent',
  );
};
