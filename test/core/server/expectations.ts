import { expect } from 'vitest';
import type { Millis } from '../../../src/base/time.ts';
import { seconds } from '../../../src/base/time.ts';
import type { Effect, Query, WakeUp } from '../../../src/core/model/decision.ts';
import type { Entry, Outcome } from '../../../src/core/model/ledger.ts';
import { STILL_RECHECK } from '../../../src/core/server/limits.ts';
import type { Reason } from '../../../src/resources/names.ts';

/** Whole decisions, with the part of the message that matters. */

/** A decision in which some texts are matched by a part of them. */
export type Expected = object;

export const POLL: WakeUp = { kind: 'onListing', atMost: seconds(15) };
export const STILL: WakeUp = { kind: 'onListing', atMost: STILL_RECHECK };
export const after = (delay: Millis): WakeUp => ({ kind: 'after', delay });

export const waits = (reason: Reason, said: string, wakeUp: WakeUp = POLL): Expected => ({
  kind: 'rest',
  reason,
  message: expect.stringContaining(said),
  wakeUp,
  stalled: false,
});

export const blocks = (reason: Reason, said: string, wakeUp: WakeUp = POLL): Expected => ({
  kind: 'rest',
  reason,
  message: expect.stringContaining(said),
  wakeUp,
  stalled: true,
});

export const asks = (query: Query): Expected => ({ kind: 'ask', query });

/** Any reason will do, but there is one. */
export const acts = (effect: Effect): Expected => ({ kind: 'act', effect, why: expect.stringContaining(' ') });

export const writes = (entry: Entry): Expected => acts({ kind: 'writeLedger', entry });

/** The next revision of an entry, with another outcome and what else differs. */
export const next = (entry: Entry, outcome: Outcome, differing: Partial<Entry> = {}): Entry => ({
  ...entry,
  outcome,
  revision: entry.revision + 1,
  ...differing,
});
