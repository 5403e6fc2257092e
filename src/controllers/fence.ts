import type { Millis } from '../base/time.ts';
import type { Account } from '../core/model/ledger.ts';
import type { NotSent } from '../core/server/absorb.ts';

/** A connection to the vendor that is open and has carried nothing: budget and connecting are done, the checks are not. */
export interface OpenCall<Outcome> {
  readonly kind: 'open';
  /** Whose token the call carries. */
  readonly account: Account;
  /** Writes the request at once, without waiting for anything first. */
  send(): Promise<Outcome>;
  close(): void;
}

export type Opening<Outcome> =
  | OpenCall<Outcome>
  | { readonly kind: 'notConnected'; readonly cause: string }
  | { readonly kind: 'denied'; readonly message: string; readonly retryAfter: Millis | undefined };

/** go, or why not: a sentence for people, and a short word for metrics. */
export type Verdict =
  | { readonly kind: 'go' }
  | { readonly kind: 'stop'; readonly word: string; readonly message: string };

export const GO: Verdict = { kind: 'go' };
export const stop = (word: string, message: string): Verdict => ({ kind: 'stop', word, message });

export interface FenceChecks {
  /** Reads object and server live and compares them with what was decided. */
  readonly live: () => Promise<Verdict>;
  /** The last look, synchronous: between it and the first byte nothing else runs. */
  readonly now: (account: Account) => Verdict;
  readonly onStop: (word: string, message: string) => void;
}

/**
 * The last checks before money: the same for an order and a release. Connects first, then checks, then writes, so that no
 * slow name look-up or handshake lies between the check and the write.
 * @returns the call's outcome, or `notSent` with the reason: nothing has reached the vendor then
 */
export async function fenced<Outcome>(
  open: () => Promise<Opening<Outcome>>,
  checks: FenceChecks,
): Promise<Outcome | NotSent> {
  const call = await open();
  if (call.kind === 'denied') return { kind: 'notSent', message: call.message, retryAfter: call.retryAfter };
  if (call.kind === 'notConnected') {
    return {
      kind: 'notSent',
      message: `The FlexMetal API could not be reached (${call.cause}). Nothing was sent.`,
      retryAfter: undefined,
    };
  }
  try {
    const live = await checks.live();
    const verdict = live.kind === 'go' ? checks.now(call.account) : live;
    if (verdict.kind === 'go') return await call.send();
    checks.onStop(verdict.word, verdict.message);
    return { kind: 'notSent', message: verdict.message, retryAfter: undefined };
  } finally {
    call.close();
  }
}
