import { ANNOTATION } from '../../../resources/names.ts';
import type { Rule } from '../../model/decision.ts';
import { block } from '../../model/decision.ts';

/** Something is written where the ledger stands, and we cannot read it: an order may stand behind it, so nothing is done. */
export const unreadableLedger: Rule = (s) => {
  if (s.ledger.kind !== 'unreadable') return undefined;
  return block(
    'OrderUnclear',
    `The order ledger (annotation ${ANNOTATION.order} and status.order) cannot be read, so nothing is ordered or released. Restore it from a backup, or remove the unreadable copy: the operator then looks for servers with this object's uid tag before it does anything else.`,
    { kind: 'onChange' },
  );
};
