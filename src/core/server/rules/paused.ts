import { ANNOTATION } from '../../../resources/names.ts';
import type { Rule } from '../../model/decision.ts';
import { wait } from '../../model/decision.ts';
import { isDeleting, isPaused, liveServers } from '../facts.ts';
import { STILL_RECHECK } from '../limits.ts';
import { listUuids, uuidsOf } from '../wording.ts';

/** A person wants hands off: nothing is ordered, changed or released. The server is still observed, from the shared listing. */
export const paused: Rule = (s) => {
  if (!isPaused(s)) return undefined;
  const consequence = isDeleting(s)
    ? 'The object waits and its server keeps costing money'
    : 'Nothing is ordered, changed or released';
  const live = liveServers(s);
  const several = live.length > 1 ? ` It has ${live.length} live servers: ${listUuids(uuidsOf(live))}.` : '';
  return wait('Paused', `${consequence} until the annotation ${ANNOTATION.paused} is removed.${several}`, {
    kind: 'onListing',
    atMost: STILL_RECHECK,
  });
};
