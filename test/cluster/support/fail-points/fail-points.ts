import { setTimeout as delay } from 'node:timers/promises';
import { effectNameOf } from './effect-name.ts';
import type { Answer, HeldCall } from './intercepting-proxy.ts';

/**
 * What goes wrong at one outside effect of a real process; each means what the simulation's fault of the same name means.
 * - killBefore, killAfter: SIGKILL before the call arrives, or when it was carried out and nobody knows yet.
 * - replyLost: carried out, and the connection is reset.
 * - errorWithout, errorWith: 503 although, or because, it was (not) carried out.
 * - delayed: nothing comes, and the call is carried out some time after its sender gave up.
 * - frozen: SIGSTOP at the call until a standby leads; the call arrives, then SIGCONT.
 * - leaseTaken: the Lease goes to the standby while the call is on its way; it arrives when the standby leads.
 */
export const REAL_FAULTS = [
  'killBefore',
  'killAfter',
  'replyLost',
  'errorWithout',
  'errorWith',
  'delayed',
  'frozen',
  'leaseTaken',
] as const;
export type RealFault = (typeof REAL_FAULTS)[number];

/** One effect of a run. */
export interface EffectSeen {
  readonly effect: string;
  /** Which object of its name was the last to be created by then, from 1. What is left to do for one that is gone is its own. */
  readonly object: number;
}

/** The `nth` effect of this name while this object was there, counted from 1. */
export interface EffectPlace extends EffectSeen {
  readonly nth: number;
}

export interface FailPoint extends EffectPlace {
  readonly fault: RealFault;
}

/** Whether two processes must be alive for it. */
export const needsStandby = (point: FailPoint | undefined): boolean =>
  point?.fault === 'frozen' || point?.fault === 'leaseTaken';

/** What can be done to the processes whose calls are held. */
export interface Grip {
  /** SIGKILL to the leader; resolves when it has ended. */
  kill(): Promise<void>;
  /** SIGSTOP to the leader. Resolves when a standby leads, with what wakes the sleeper. */
  freeze(): Promise<() => void>;
  /** Gives the Lease to the standby; resolves when that leads. */
  takeLease(): Promise<void>;
}

/** How much later than its sender's patience a delayed call arrives: well within a settle window of seconds. */
const DELAYED_BY_MS = 1_000;

/** On loopback; whoever takes longer to answer does so on purpose. */
const ARRIVES_WITHIN_MS = 300;

/** Counts the effects that pass two proxies, and strikes at one of them. */
export class FailPoints {
  readonly #grip: Grip;
  #point: FailPoint | undefined;
  #seen: EffectSeen[] = [];
  #object = 0;
  #isHit = false;
  readonly #underWay = new Set<Promise<void>>();

  constructor(grip: Grip) {
    this.#grip = grip;
  }

  /** Begins to count anew. */
  arm(point: FailPoint | undefined): void {
    this.#point = point;
    this.#seen = [];
    this.#object = 0;
    this.#isHit = false;
  }

  /** To be called right before an object is created. */
  nextObject(): void {
    this.#object += 1;
  }

  /** Nothing goes wrong any more; the counting goes on. */
  disarm(): void {
    this.#point = undefined;
  }

  /** The effects so far, in their order. */
  get seen(): readonly EffectSeen[] {
    return [...this.#seen];
  }

  /** Whether the armed point was reached. */
  get isHit(): boolean {
    return this.#isHit;
  }

  /** Resolves when every call that left has arrived, or never will. */
  async quiet(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  /** For a proxy's `onHeld`. */
  pass(to: 'kube' | 'vendor', call: HeldCall): Promise<void> {
    const passing = this.#pass(to, call);
    const noted = passing.catch(() => undefined).finally(() => this.#underWay.delete(noted));
    this.#underWay.add(noted);
    return passing;
  }

  async #pass(to: 'kube' | 'vendor', call: HeldCall): Promise<void> {
    switch (this.#next(effectNameOf(to, call.method, call.path) ?? '')) {
      case undefined:
        call.answer(await call.carryOut());
        return;
      case 'killBefore':
        await this.#grip.kill();
        return;
      case 'killAfter':
        // An order that is never answered is carried out when its sender has given up, at the latest.
        await call.carryOut().catch(() => undefined);
        await this.#grip.kill();
        return;
      case 'replyLost':
        await call.carryOut();
        call.reset();
        return;
      case 'errorWithout':
        call.answer(UNAVAILABLE[to]);
        return;
      case 'errorWith':
        await call.carryOut();
        call.answer(UNAVAILABLE[to]);
        return;
      case 'delayed':
        await call.abandoned;
        await delay(DELAYED_BY_MS);
        await call.carryOut();
        return;
      case 'frozen': {
        const wake = await this.#grip.freeze();
        const answer = call.carryOut();
        // It wakes in any case: the call may be one that is never answered.
        await Promise.race([answer.catch(() => undefined), delay(ARRIVES_WITHIN_MS)]);
        wake();
        call.answer(await answer);
        return;
      }
      case 'leaseTaken':
        await this.#grip.takeLease();
        call.answer(await call.carryOut());
        return;
    }
  }

  #next(effect: string): RealFault | undefined {
    const [object, point] = [this.#object, this.#point];
    this.#seen.push({ effect, object });
    if (point === undefined || this.#isHit || point.effect !== effect || point.object !== object) return undefined;
    const nth = this.#seen.filter((each) => each.effect === effect && each.object === object).length;
    if (nth !== point.nth) return undefined;
    this.#isHit = true;
    return point.fault;
  }
}

/** As a load balancer says it for the vendor, and as the API server says it itself. */
const UNAVAILABLE: Readonly<Record<'kube' | 'vendor', Answer>> = {
  vendor: { status: 503, headers: {}, body: Buffer.alloc(0) },
  kube: {
    status: 503,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(
      JSON.stringify({
        kind: 'Status',
        apiVersion: 'v1',
        status: 'Failure',
        reason: 'ServiceUnavailable',
        message: 'the server is currently unable to handle the request',
        code: 503,
      }),
    ),
  },
};
