import type { ServerUuid } from '../../base/ids.ts';
import { laterBy, millis } from '../../base/time.ts';
import type { Millis, Monotonic } from '../../base/time.ts';
import type { ReadOutcome } from '../model/outcomes.ts';
import type { AccountView, InputsFact, Memory, Retry, ServerRead, ServerSnapshot } from '../model/snapshot.ts';
import { NOT_FOUNDS_NEEDED, NOT_FOUND_SPACING } from './limits.ts';

/** The reply to a query. */
export type Answer =
  /** `failed`: why the listing that was asked for did not come; the view is the newest there is. */
  | { readonly kind: 'list'; readonly view: AccountView; readonly failed: string | undefined }
  | { readonly kind: 'getServer'; readonly server: ServerUuid; readonly outcome: ReadOutcome; readonly at: Monotonic }
  | { readonly kind: 'inputs'; readonly inputs: InputsFact };

/** The snapshot with an answer learned. A failed query changes no belief; it only gets a time to ask again. Pure. */
export function learn(s: ServerSnapshot, answer: Answer): ServerSnapshot {
  switch (answer.kind) {
    case 'list': {
      const seen = { ...s, view: answer.view };
      return answer.failed === undefined ? forgive(seen, 'list') : holdBack(seen, 'list', answer.failed, undefined);
    }
    case 'inputs':
      return { ...s, inputs: answer.inputs };
    case 'getServer': {
      const key = `get:${answer.server}`;
      const { outcome } = answer;
      if (outcome.kind === 'unreadable') return holdBack(s, key, outcome.failure.message, outcome.failure.retryAfter);
      const read: ServerRead =
        outcome.kind === 'present'
          ? { server: outcome.server, at: answer.at, notFoundAt: [] }
          : { server: undefined, at: answer.at, notFoundAt: countNotFound(s.memory.reads[answer.server], answer.at) };
      return forgive(withRead(s, answer.server, read), key);
    }
  }
}

/** A not-found too soon after the last one says nothing new. */
function countNotFound(before: ServerRead | undefined, at: Monotonic): readonly Monotonic[] {
  const known = before?.notFoundAt ?? [];
  const last = known.at(-1);
  if (last !== undefined && at < laterBy(last, NOT_FOUND_SPACING)) return known;
  return [...known, at].slice(-NOT_FOUNDS_NEEDED);
}

export const withRead = (s: ServerSnapshot, uuid: ServerUuid, read: ServerRead): ServerSnapshot =>
  withMemory(s, { reads: { ...s.memory.reads, [uuid]: read } });

export const withMemory = (s: ServerSnapshot, changes: Partial<Memory>): ServerSnapshot => ({
  ...s,
  memory: { ...s.memory, ...changes },
});

const RETRY_FIRST_MS = 1_000;
const RETRY_LONGEST_MS = 300_000;

/** Gives an effect or query its next time: doubled with each failure, spread by up to a fifth, not before what the vendor asked for. */
export function holdBack(
  s: ServerSnapshot,
  key: string,
  message: string,
  retryAfter: Millis | undefined,
): ServerSnapshot {
  const failures = (s.memory.retries[key]?.failures ?? 0) + 1;
  const pause = Math.min(RETRY_LONGEST_MS, RETRY_FIRST_MS * 2 ** Math.min(failures, 20)) * (1 + s.jitter / 5);
  const notBefore = laterBy(s.monotonic, millis(Math.max(pause, retryAfter ?? 0)));
  const retry: Retry = { failures, notBefore, message };
  return withMemory(s, { retries: { ...s.memory.retries, [key]: retry } });
}

/** The effect or query came through: its next failure starts over. */
export function forgive(s: ServerSnapshot, key: string): ServerSnapshot {
  const { [key]: _, ...retries } = s.memory.retries;
  return withMemory(s, { retries });
}
