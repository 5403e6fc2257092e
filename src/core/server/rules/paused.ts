import { ANNOTATION } from '../../../resources/names.ts';
import type { Rule } from '../../model/decision.ts';
import { wait } from '../../model/decision.ts';
import { isDeleting, isPaused } from '../facts.ts';
import { STILL_RECHECK } from '../limits.ts';

/** A person wants hands off: nothing is ordered, changed or released. The server is still observed, from the shared listing. */
export const paused: Rule = (s) => {
  if (!isPaused(s)) return undefined;
  const consequence = isDeleting(s)
    ? 'The object waits and its server keeps costing money'
    : 'Nothing is ordered, changed or released';
  return wait('Paused', `${consequence} until the annotation ${ANNOTATION.paused} is removed.`, {
    kind: 'onListing',
    atMost: STILL_RECHECK,
  });
};
