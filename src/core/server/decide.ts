import type { Decision, Rule } from '../model/decision.ts';
import type { ServerSnapshot } from '../model/snapshot.ts';
import { adopt } from './rules/adopt.ts';
import { duplicate } from './rules/duplicate.ts';
import { follow } from './rules/follow.ts';
import { forceForget } from './rules/force-forget.ts';
import { lookFirst } from './rules/look-first.ts';
import { lost } from './rules/lost.ts';
import { order } from './rules/order.ts';
import { paused } from './rules/paused.ts';
import { record } from './rules/record.ts';
import { release } from './rules/release.ts';
import { resolve } from './rules/resolve.ts';
import { settle } from './rules/settle.ts';
import { tags } from './rules/tags.ts';
import { unreadableLedger } from './rules/unreadable-ledger.ts';

/**
 * The chain, first answer wins. Release stands before duplicate and look-first: a deleted object must never wait for a person
 * to sort out servers that are all to be released anyway.
 */
const CHAIN: Readonly<Record<string, Rule>> = {
  record,
  paused,
  unreadableLedger,
  resolve,
  forceForget,
  settle,
  release,
  duplicate,
  adopt,
  lookFirst,
  order,
  lost,
  tags,
};
const RULES = Object.entries(CHAIN);

/** Every name that a ruling can have, in the order of the chain. */
export const RULE_NAMES: readonly string[] = [...Object.keys(CHAIN), 'follow'];

/** A decision, and the rule that made it: for people who read the log, nothing decides by it. */
export interface Ruling {
  readonly rule: string;
  readonly decision: Decision;
}

/** Decides the next step for one FlexMetalServer. Pure and total: every snapshot has exactly one ruling. */
export function ruling(snapshot: ServerSnapshot): Ruling {
  for (const [name, rule] of RULES) {
    const decision = rule(snapshot);
    if (decision !== undefined) return { rule: name, decision };
  }
  return { rule: 'follow', decision: follow(snapshot) };
}

export const decide = (snapshot: ServerSnapshot): Decision => ruling(snapshot).decision;
