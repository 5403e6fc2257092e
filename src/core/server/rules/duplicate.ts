import type { ObjectUid } from '../../../base/ids.ts';
import type { Rule } from '../../model/decision.ts';
import { block } from '../../model/decision.ts';
import type { ServerRecord } from '../../model/server-record.ts';
import type { ServerSnapshot } from '../../model/snapshot.ts';
import { formerOwners, liveServers, livesBeside, otherUids, ownServer, recordOf } from '../facts.ts';
import { answerWith, listUuids, uuidsOf } from '../wording.ts';

/** More than one live server claims the object, or another object claims its server: a person must say which is which. */
export const duplicate: Rule = (s) => {
  const live = liveServers(s);
  const own = ownServer(s);
  const surplus = live.filter((server) => server.uuid !== own);
  const [first] = surplus;
  if (live.length > 1 && first !== undefined) {
    return block(
      'DuplicateServers',
      `${live.length} live servers carry this object's tags: ${listUuids(uuidsOf(live))}. Nothing is released by itself. ${releasable(s, surplus) ?? noneReleasable(s, live, first)}`,
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

/** Asks for nothing that would be refused: what is released on an answer is ours alone, and so is another one that stays. */
function releasable(s: ServerSnapshot, surplus: readonly ServerRecord[]): string | undefined {
  const ours = surplus.find((server) => otherUids(s, server).length === 0 && livesBeside(s, server.uuid));
  if (ours === undefined) return undefined;
  return `Name the one to release: ${answerWith(s, `release=${ours.uuid}`)} (or forget=<uuid> to let it live on its own; adopt=<uuid> only says which one is the object's, and the other is still to be named).`;
}

function noneReleasable(s: ServerSnapshot, live: readonly ServerRecord[], surplus: ServerRecord): string {
  const claimed = live.filter((server) => otherUids(s, server).length > 0);
  const [left = surplus] = claimed;
  const claims = claimed.map((server) => `${server.uuid} also carries ${otherUids(s, server).join(', ')}`);
  const why =
    claims.length === 0
      ? 'The object owns none but one of them for certain, so none can be released'
      : `Other objects' uids are on them (${claims.slice(0, CLAIMS_MAX).join('; ')}), so none can be released: take the wrong tag off`;
  return `${why}, or let one live on its own: ${answerWith(s, `forget=${left.uuid}`)}`;
}

/** So that a message stays within its bounds. */
const CLAIMS_MAX = 5;
