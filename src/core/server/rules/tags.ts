import type { ServerUuid } from '../../../base/ids.ts';
import { ownerTags, readMarks, uidTag } from '../../../resources/names.ts';
import type { Rule } from '../../model/decision.ts';
import { act } from '../../model/decision.ts';
import type { ServerRecord } from '../../model/server-record.ts';
import { livenessOf } from '../../model/server-record.ts';
import type { ServerSnapshot } from '../../model/snapshot.ts';
import { entryOf, formerOwners, heldBack, ownServer, recordOf } from '../facts.ts';

/** Adds what is missing and removes only what we had applied ourselves; one call a pass, each tag with its own retry time. */
export const tags: Rule = (s) => {
  const server = taggable(s);
  if (server === undefined || s.settings.mode === 'observe') return undefined;
  const change = tagChanges(s, server).find(({ kind, tag }) => heldBack(s, tagKey(kind, tag)) === undefined);
  if (change === undefined) return undefined;
  return change.kind === 'add'
    ? act({ kind: 'addTag', server: server.uuid, tag: change.tag }, 'the tag is wanted and missing')
    : act({ kind: 'removeTag', server: server.uuid, tag: change.tag }, 'the tag was ours and is wanted no more');
};

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

const isAttemptTag = (tag: string): boolean => readMarks([tag]).attempts.length > 0;

const leftovers = (s: ServerSnapshot, server: ServerRecord): readonly string[] => formerOwners(s, server).map(uidTag);
