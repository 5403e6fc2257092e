import type { Decision } from '../../model/decision.ts';
import { wait } from '../../model/decision.ts';
import type { ServerSnapshot } from '../../model/snapshot.ts';
import { lostLedgerSettled, lostLedgerSettlesAt } from '../facts.ts';
import { countsAsAbsent } from '../wording.ts';

/**
 * Somebody dropped both copies of the ledger and left the finalizer: an order may be on its way, and its server may not be
 * listed yet. Nothing is concluded before what an unclear order would have to wait for as well; a server that turns up is adopted.
 */
export function lostLedger(s: ServerSnapshot): Decision | undefined {
  if (lostLedgerSettled(s)) return undefined;
  return wait(
    'OrderUnclear',
    `The order ledger of this object was removed (annotation and status), so a server may have been ordered for it. It is looked for in every listing and taken up when it shows; ${countsAsAbsent(s, lostLedgerSettlesAt(s))}`,
    { kind: 'onListing', atMost: s.settings.pollInterval },
  );
}
