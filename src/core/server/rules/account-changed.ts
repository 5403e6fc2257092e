import type { Rest } from '../../model/decision.ts';
import { block } from '../../model/decision.ts';
import type { Entry } from '../../model/ledger.ts';
import type { ServerSnapshot } from '../../model/snapshot.ts';
import { isDeleting, ownServer } from '../facts.ts';
import { answerWith, forceForgetWith } from '../wording.ts';

/** The token or the base URL is not the one that the ledger's order was for: what this account does not show may live in the other. */
export function accountChanged(s: ServerSnapshot, entry: Entry): Rest {
  const subject = ownServer(s) ?? entry.attempt;
  const wayOut = isDeleting(s)
    ? `bring the former token back, or, if no server of this object lives there, ${forceForgetWith(s, subject)}`
    : `bring the former token back, or, if it is the same account or no server of this object lives in the former one, answer ${answerWith(s, `reorder=${entry.attempt}`)}`;
  return block(
    'AccountChanged',
    `The order was made with another token or base URL (${entry.account.baseUrl}, fingerprint ${entry.account.tokenFingerprint}), so not seeing its server proves nothing. The block ends by itself when this token lists a server that the operator recorded under the former one; otherwise ${wayOut}`,
    { kind: 'onListing', atMost: s.settings.pollInterval },
  );
}
