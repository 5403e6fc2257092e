import type { ServerUuid } from '../../base/ids.ts';
import { ANNOTATION } from '../../resources/names.ts';
import type { ServerRecord } from '../model/server-record.ts';
import type { ServerSnapshot } from '../model/snapshot.ts';

/** The command that answers a block: what to type is part of every message that blocks. */
export const answerWith = (s: ServerSnapshot, answer: string): string =>
  `kubectl -n ${s.object.namespace} annotate fms ${s.object.name} --overwrite ${ANNOTATION.resolve}=${answer}`;

export const forceForgetWith = (s: ServerSnapshot, what: string): string =>
  `kubectl -n ${s.object.namespace} annotate fms ${s.object.name} --overwrite ${ANNOTATION.forceForget}=${what}`;

const NAMED_MAX = 5;

/** `a, b and 3 more`, so that a message stays within its bounds. */
export function listUuids(uuids: readonly ServerUuid[]): string {
  const named = uuids.slice(0, NAMED_MAX).join(', ');
  return uuids.length > NAMED_MAX ? `${named} and ${uuids.length - NAMED_MAX} more` : named;
}

export const uuidsOf = (servers: readonly ServerRecord[]): readonly ServerUuid[] =>
  servers.map((server) => server.uuid);
