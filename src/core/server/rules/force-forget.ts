import { ANNOTATION } from '../../../resources/names.ts';
import type { Rule } from '../../model/decision.ts';
import { carryingOurUid, entryOf, hasFinalizer, isDeleting, ownServer } from '../facts.ts';
import { dropFinalizer } from './release.ts';

/**
 * A person wants a deleted object gone although its server may live on. Stands before settling, for an order that cannot be
 * settled is what this is the way out of. It must name the attempt or a server of this very object.
 */
export const forceForget: Rule = (s) => {
  const target = s.object.annotations[ANNOTATION.forceForget]?.trim();
  if (target === undefined || !isDeleting(s) || !hasFinalizer(s)) return undefined;
  const subjects: readonly (string | undefined)[] = [
    entryOf(s)?.attempt,
    ownServer(s),
    ...carryingOurUid(s).map((server) => server.uuid),
  ];
  return subjects.includes(target) ? dropFinalizer(s, { kind: 'forgotten', what: target }) : undefined;
};
