import type { ObjectUid } from '../../../base/ids.ts';
import type { Rule } from '../../model/decision.ts';
import { block } from '../../model/decision.ts';
import { formerOwners, otherUids, ownServer, liveServers, recordOf } from '../facts.ts';
import { answerWith, listUuids, uuidsOf } from '../wording.ts';

/** More than one live server claims the object, or another object claims its server: a person must say which is which. */
export const duplicate: Rule = (s) => {
  const live = liveServers(s);
  const own = ownServer(s);
  const surplus = live.find((server) => server.uuid !== own) ?? live[0];
  if (live.length > 1 && surplus !== undefined) {
    return block(
      'DuplicateServers',
      `${live.length} live servers carry this object's tags: ${listUuids(uuidsOf(live))}. Nothing is released by itself. Name the one to release: ${answerWith(s, `release=${surplus.uuid}`)} (or forget=<uuid> to let it live on its own; adopt=<uuid> only says which one is the object's, and the other is still to be named).`,
      { kind: 'onListing', atMost: s.settings.pollInterval },
    );
  }
  const server = own === undefined ? undefined : recordOf(s, own)?.server;
  const strangers: readonly ObjectUid[] =
    server === undefined ? [] : otherUids(s, server).filter((uid) => !formerOwners(s, server).includes(uid));
  if (server === undefined || strangers.length === 0) return undefined;
  return block(
    'OwnershipUnproven',
    `Server ${server.uuid} also carries the uid of another object (${strangers.join(', ')}), so it is neither changed nor released. Take the wrong tag off the server, or give it up: ${answerWith(s, `forget=${server.uuid}`)}`,
    { kind: 'onListing', atMost: s.settings.pollInterval },
  );
};
