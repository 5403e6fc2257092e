import type { Rule } from '../../model/decision.ts';
import { act, block, wait } from '../../model/decision.ts';
import { blankEntry, revised } from '../entries.ts';
import { entryOf, heldBack, liveServers, otherUids, ownServer, untilRetry } from '../facts.ts';
import { answerWith } from '../wording.ts';

/** Exactly one live server carries our uid and the ledger does not know it: a lost ledger, a late commit, a server that came back. */
export const adopt: Rule = (s) => {
  const entry = entryOf(s);
  if (entry?.outcome.kind === 'open' || entry?.outcome.kind === 'forgotten') return undefined;
  const [server] = liveServers(s);
  if (server === undefined || server.uuid === ownServer(s)) return undefined;
  const retry = heldBack(s, 'ledger');
  if (retry !== undefined) return wait('Ordering', retry.message, { kind: 'after', delay: untilRetry(s, retry) });
  const strangers = otherUids(s, server);
  if (strangers.length > 0) {
    return block(
      'OwnershipUnproven',
      `Server ${server.uuid} carries this object's uid tag and another object's (${strangers.join(', ')}). Take the wrong one off the server, or let it be: ${answerWith(s, `forget=${server.uuid}`)}`,
      { kind: 'onListing', atMost: s.settings.pollInterval },
    );
  }
  if (s.account.kind !== 'known') return undefined;
  const base = entry ?? blankEntry(s, s.account.account, s.spec.kind === 'valid' ? s.spec.hash : '');
  const outcome = { kind: 'created', server: server.uuid, proof: 'found', at: s.now } as const;
  return act(
    { kind: 'writeLedger', entry: revised(base, { outcome, account: s.account.account }) },
    "a live server carries this object's uid",
  );
};
