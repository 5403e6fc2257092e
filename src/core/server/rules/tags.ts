import type { ServerUuid } from '../../../base/ids.ts';
import { ownerTags, readMarks, uidTag } from '../../../resources/names.ts';
import type { Decision, Rule } from '../../model/decision.ts';
import { act } from '../../model/decision.ts';
import type { ServerRecord } from '../../model/server-record.ts';
import { livenessOf } from '../../model/server-record.ts';
import type { ServerSnapshot } from '../../model/snapshot.ts';
import { entryOf, formerOwners, heldBack, otherUids, ownServer, recordOf } from '../facts.ts';

/** Adds what is missing and removes only what we had applied ourselves; one call a pass, each tag with its own retry time. */
export const tags: Rule = (s) => {
  const server = taggable(s);
  if (server === undefined || s.settings.mode === 'observe') return undefined;
  return applyFirst(s, server, tagChanges(s, server));
};

/** The first of the changes that may be tried now. */
export function applyFirst(
  s: ServerSnapshot,
  server: ServerRecord,
  changes: readonly TagChange[],
): Decision | undefined {
  const change = changes.find(({ kind, tag }) => heldBack(s, tagKey(kind, tag)) === undefined);
  if (change === undefined) return undefined;
  return change.kind === 'add'
    ? act({ kind: 'addTag', server: server.uuid, tag: change.tag }, 'the tag is wanted and missing')
    : act({ kind: 'removeTag', server: server.uuid, tag: change.tag }, 'the tag was ours and is wanted no more');
}

export interface TagChange {
  readonly kind: 'add' | 'remove';
  readonly tag: string;
}

export const tagKey = (kind: TagChange['kind'], tag: string): string => `tag:${kind === 'add' ? '+' : '-'}${tag}`;

function taggable(s: ServerSnapshot): ServerRecord | undefined {
  const own: ServerUuid | undefined = ownServer(s);
  const server = own === undefined ? undefined : recordOf(s, own)?.server;
  return server !== undefined && livenessOf(server) === 'live' ? server : undefined;
}

/** What keeps the server's tags from being as wanted, in the order in which it is mended: our own marks first. */
export function tagChanges(s: ServerSnapshot, server: ServerRecord): readonly TagChange[] {
  const entry = entryOf(s);
  if (entry === undefined || s.spec.kind === 'invalid') return [];
  const ours = ownerTags({
    cluster: s.settings.cluster,
    uid: s.object.uid,
    attempt: entry.attempt,
    namespace: s.object.namespace,
    name: s.object.name,
  });
  // A second attempt tag would tell nothing new; the one from the order stays.
  const missingMarks = ours.filter(
    (tag) => !server.tags.includes(tag) && !(isAttemptTag(tag) && readMarks(server.tags).attempts.length > 0),
  );
  const wanted = s.spec.spec.tags ?? [];
  const missing = wanted.filter((tag) => !server.tags.includes(tag));
  const surplus = (s.object.status.appliedTags ?? []).filter(
    (tag) => !wanted.includes(tag) && server.tags.includes(tag),
  );
  return [
    ...leftovers(s, server).map((tag) => ({ kind: 'remove', tag }) as const),
    ...[...missingMarks, ...missing].map((tag) => ({ kind: 'add', tag }) as const),
    ...surplus.map((tag) => ({ kind: 'remove', tag }) as const),
  ];
}

/**
 * What keeps the tags of a live server that a person had us take over from saying so. Our own mark comes first: between the two
 * it must not be nobody's. Nothing when anybody else who exists has a claim on it.
 */
export function claimChanges(s: ServerSnapshot, server: ServerRecord): readonly TagChange[] {
  const outcome = entryOf(s)?.outcome;
  const takenOver = outcome?.kind === 'created' && outcome.server === server.uuid && outcome.proof === 'adopted';
  const former = leftovers(s, server);
  if (!takenOver || livenessOf(server) !== 'live' || otherUids(s, server).length > former.length) return [];
  const ours = uidTag(s.object.uid);
  return [
    ...(server.tags.includes(ours) ? [] : [{ kind: 'add', tag: ours } as const]),
    ...former.map((tag) => ({ kind: 'remove', tag }) as const),
  ];
}

const isAttemptTag = (tag: string): boolean => readMarks([tag]).attempts.length > 0;

const leftovers = (s: ServerSnapshot, server: ServerRecord): readonly string[] => formerOwners(s, server).map(uidTag);
