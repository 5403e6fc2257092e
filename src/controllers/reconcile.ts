import type { ObjectKey } from '../base/ids.ts';
import type { Monotonic } from '../base/time.ts';
import type { Priority } from '../kube/work-queue.ts';

/**
 * What one kind of object brings to the loop. Everything that decides is pure and lives in core; these only talk.
 * @template Snapshot what a decision rests on
 */
export interface Controller<Snapshot, Query, Effect, Rest> {
  /** One whole look at the object; undefined when it does not exist (any more), or must be looked at later (it says when itself). */
  gather(item: Look): Promise<Snapshot | undefined>;
  decide(snapshot: Snapshot): Step<Query, Effect, Rest>;
  /** Fetches a fact. Changes nothing anywhere. */
  answer(snapshot: Snapshot, query: Query): Promise<Snapshot>;
  /** Does the one thing of this pass and returns what is known afterwards. */
  perform(snapshot: Snapshot, effect: Effect): Promise<Snapshot>;
  /** Writes status, tells what happened, and arranges the next look. */
  conclude(look: Look, end: PassEnd<Snapshot, Effect, Rest>): Promise<void>;
}

export interface Look {
  readonly key: ObjectKey;
  readonly queuedAt: Monotonic;
  /** `resync`: a look by rhythm, without news. */
  readonly priority: Priority;
}

export type Step<Query, Effect, Rest> =
  | { readonly kind: 'ask'; readonly query: Query }
  | { readonly kind: 'act'; readonly effect: Effect; readonly why: string }
  | Rest;

/** How a pass ended: at rest, after an effect, or still asking when its bound was reached. */
export type PassEnd<Snapshot, Effect, Rest> =
  | { readonly kind: 'rested'; readonly snapshot: Snapshot; readonly rest: Rest }
  | { readonly kind: 'acted'; readonly before: Snapshot; readonly effect: Effect; readonly after: Snapshot }
  | { readonly kind: 'unfinished'; readonly snapshot: Snapshot };

/** A pass needs one listing, one server and the inputs; twice that is room, and more means that two rules ask in turn for ever. */
const QUESTIONS_MAX = 8;

/**
 * The one loop: gather, decide, and either ask and decide again, or do one thing, or rest. At most one outside effect a pass,
 * so that every point at which the process can die lies between two durable states that a new process can read.
 * @returns how the pass ended, which has been concluded by then
 */
export async function reconcile<Snapshot, Query, Effect, Rest extends { readonly kind: 'rest' }>(
  controller: Controller<Snapshot, Query, Effect, Rest>,
  look: Look,
): Promise<PassEnd<Snapshot, Effect, Rest> | undefined> {
  const end = await pass(controller, look);
  if (end !== undefined) await controller.conclude(look, end);
  return end;
}

async function pass<Snapshot, Query, Effect, Rest extends { readonly kind: 'rest' }>(
  controller: Controller<Snapshot, Query, Effect, Rest>,
  look: Look,
): Promise<PassEnd<Snapshot, Effect, Rest> | undefined> {
  let snapshot = await controller.gather(look);
  if (snapshot === undefined) return undefined;
  for (let questions = 0; questions < QUESTIONS_MAX; questions += 1) {
    const step = controller.decide(snapshot);
    if (step.kind === 'rest') return { kind: 'rested', snapshot, rest: step };
    if (step.kind === 'act') {
      const after: Snapshot = await controller.perform(snapshot, step.effect);
      return { kind: 'acted', before: snapshot, effect: step.effect, after };
    }
    snapshot = await controller.answer(snapshot, step.query);
  }
  return { kind: 'unfinished', snapshot };
}
