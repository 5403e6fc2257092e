import type { ServerUuid } from '../../base/ids.ts';
import { addMillis, elapsed, formatInstant, nextMinute } from '../../base/time.ts';
import type { Monotonic } from '../../base/time.ts';
import { ANNOTATION } from '../../resources/names.ts';
import type { ServerRecord } from '../model/server-record.ts';
import type { ServerSnapshot } from '../model/snapshot.ts';
import { ANSWERED_MAX } from '../model/ledger.ts';
import { explain } from './asking.ts';
import { entryOf } from './facts.ts';

/**
 * From the intent until the API's answer is in the ledger. One text for all of it: a status write in between would tell nobody
 * anything for longer than a moment, and would hold up the order, and then the recording of its server.
 */
export const ORDER_UNDER_WAY = 'The order is being made.';

/**
 * The command that answers a block: what to type is part of every message that blocks. An answer is acted on once, so one that
 * was given before is asked for as `<answer>/2`, `<answer>/3` and so on.
 */
export function answerWith(s: ServerSnapshot, answer: string): string {
  const given = entryOf(s)?.answered ?? [];
  const again = Array.from({ length: ANSWERED_MAX }, (_, index) => `${answer}/${index + 2}`);
  const unspent = [answer, ...again].find((text) => !given.includes(text)) ?? answer;
  return `kubectl -n ${s.object.namespace} annotate fms ${s.object.name} --overwrite ${ANNOTATION.resolve}=${unspent}`;
}

export const forceForgetWith = (s: ServerSnapshot, what: string): string =>
  `kubectl -n ${s.object.namespace} annotate fms ${s.object.name} --overwrite ${ANNOTATION.forceForget}=${what}`;

/** When a missing server counts as not ordered, and what keeps listings from telling. To the minute, so that it reads the same at every look. */
export function countsAsAbsent(s: ServerSnapshot, settlesAt: Monotonic): string {
  const left = elapsed(s.monotonic, settlesAt);
  const when =
    left > 0
      ? `not before ${formatInstant(nextMinute(addMillis(s.now, left)))}`
      : 'once two complete listings in a row do not show it';
  const failure = explain(s.view.failure);
  return `it counts as not ordered ${when}.${failure === undefined ? '' : ` At the moment listings say nothing: ${withStop(failure.message)}`}`;
}

/** What others said ends in a full stop or does not. */
export const withStop = (text: string): string => (text.endsWith('.') ? text : `${text}.`);

const NAMED_MAX = 5;

/** `a, b and 3 more`, so that a message stays within its bounds. */
export function listUuids(uuids: readonly ServerUuid[]): string {
  const named = uuids.slice(0, NAMED_MAX).join(', ');
  return uuids.length > NAMED_MAX ? `${named} and ${uuids.length - NAMED_MAX} more` : named;
}

export const uuidsOf = (servers: readonly ServerRecord[]): readonly ServerUuid[] =>
  servers.map((server) => server.uuid);
