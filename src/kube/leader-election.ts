import { assertNever } from '../base/assert-never.ts';
import type { Clock } from '../base/clock.ts';
import { sleep } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Instant, Millis, Monotonic } from '../base/time.ts';
import { elapsed, millis, seconds, since } from '../base/time.ts';
import type { ApiFailure } from './classify.ts';
import type { KubeClient, ObjectResult } from './client.ts';
import { formatMicroTime } from './micro-time.ts';
import type { KubeObject } from './object.ts';
import { isJsonObject } from './object.ts';
import type { ObjectRef } from './resource.ts';
import { LEASES } from './resource.ts';

export interface LeaseTimes {
  /** How long others leave the lease alone after they last saw it renewed. Whole seconds: the lease says it in seconds. */
  readonly leaseDuration: Millis;
  /** Without a renewal for so long the leader gives up. Well below leaseDuration: the difference is the margin of `check`. */
  readonly renewDeadline: Millis;
  /** Between two attempts to get or renew it. */
  readonly retryPeriod: Millis;
}

export interface LeaderHooks {
  /** The gauge of leader_election_master_status. */
  transition?(isLeader: boolean): void;
  renewed?(took: Millis): void;
  /** A renewal, an acquisition or a release did not work; `cause` is a short word. */
  failed?(what: 'read' | 'acquire' | 'renew' | 'release', cause: string): void;
  /** Who leads, as far as we can see; told when it changes. */
  observed?(holder: string): void;
}

export interface LeaderElectorOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly lease: Required<ObjectRef>;
  /** For people, such as the pod's name. A random part is added: no two processes may ever have the same identity. */
  readonly name: string;
  readonly times?: LeaseTimes;
  readonly hooks?: LeaderHooks;
}

export type NotLeaderReason = 'notElected' | 'renewalTooOld' | 'lost' | 'released';
export type Leadership = { readonly kind: 'leader' } | { readonly kind: 'notLeader'; readonly reason: NotLeaderReason };

/** How it ended: `lost` means that another may lead by now, so the process should end. */
export type LeadershipEnd = { readonly kind: 'stopped' } | { readonly kind: 'lost'; readonly reason: string };

export const LEASE_TIMES: LeaseTimes = {
  leaseDuration: seconds(15),
  renewDeadline: seconds(10),
  retryPeriod: seconds(2),
};

/** One request may use this part of the deadline, so that a dead connection leaves time for other tries. */
const TRIES_PER_DEADLINE = 4;

/** Both clocks at one moment, taken before a renewal is sent: others count from when it arrived, which is later. */
interface Moment {
  readonly monotonic: Monotonic;
  readonly wall: Instant;
}

/** What the lease looked like when it last changed, by our own clock. Other machines' clocks are never compared. */
interface Observation {
  readonly lease: LeaseView;
  readonly at: Monotonic;
}

interface LeaseView {
  readonly object: KubeObject;
  readonly holder: string;
  readonly duration: Millis;
  readonly transitions: number;
  /** Any renewal or change of holder gives another one. */
  readonly fingerprint: string;
}

/**
 * One leader among several processes, by a Lease.
 *
 * `run` waits for the lease, holds it, and ends when it is lost or `stop` is called. Nobody can fence the vendor's API, so the last
 * check before money is `check`: it refuses from `renewDeadline` after the last successful renewal was sent, by the larger of
 * monotonic and wall time, while others wait `leaseDuration`. A process that was frozen, or whose machine slept, finds itself refused.
 * What must still happen between check and the request's last byte has the difference of the two (5 s) as its margin.
 */
export class LeaderElector {
  readonly identity: string;
  readonly #options: LeaderElectorOptions;
  readonly #times: LeaseTimes;
  readonly #stopping = new AbortController();
  readonly #lost = new AbortController();
  #ended: Promise<LeadershipEnd> | undefined;
  #observed: Observation | undefined;
  #renewal: Moment | undefined;
  #notLeader: NotLeaderReason = 'notElected';

  constructor(options: LeaderElectorOptions) {
    this.#options = options;
    this.#times = options.times ?? LEASE_TIMES;
    const { leaseDuration, renewDeadline, retryPeriod } = this.#times;
    if (leaseDuration % 1_000 !== 0 || renewDeadline >= leaseDuration || retryPeriod * 2 > renewDeadline) {
      throw new Error(
        'lease times: leaseDuration in whole seconds > renewDeadline >= 2 × retryPeriod, such as 15 s, 10 s, 2 s',
      );
    }
    this.identity = `${options.name}_${options.random.hex(8)}`;
  }

  /** Whether money may be spent now. Synchronous, so that nothing happens between it and the write that follows. */
  check(): Leadership {
    if (this.#renewal === undefined) return { kind: 'notLeader', reason: this.#notLeader };
    if (this.#sinceRenewal() >= this.#times.renewDeadline) return { kind: 'notLeader', reason: 'renewalTooOld' };
    return { kind: 'leader' };
  }

  /** Fires when leadership was lost; never on an orderly stop. */
  get lostSignal(): AbortSignal {
    return this.#lost.signal;
  }

  /** Takes part until the lease is lost or `stop` was called. Once only. `onElected` is called when it leads. */
  run(onElected: () => void): Promise<LeadershipEnd> {
    if (this.#ended !== undefined) throw new Error('a leader elector runs once');
    this.#ended = this.#run(onElected);
    return this.#ended;
  }

  /**
   * Gives the lease back, so that another can lead at once, and waits for the end of `run`. To be called when nothing that
   * needs leadership is under way any more: the lease is kept until then.
   */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  async #run(onElected: () => void): Promise<LeadershipEnd> {
    const { signal } = this.#stopping;
    while (signal.aborted || !(await this.#tryAcquire())) {
      if (signal.aborted) return { kind: 'stopped' };
      await this.#pause();
    }
    this.#options.hooks?.transition?.(true);
    if (!signal.aborted) onElected();
    const lostBy = await this.#hold();
    this.#renewal = undefined;
    this.#notLeader = lostBy === undefined ? 'released' : 'lost';
    this.#options.hooks?.transition?.(false);
    if (lostBy === undefined) {
      await this.#release();
      return { kind: 'stopped' };
    }
    this.#lost.abort();
    return { kind: 'lost', reason: lostBy };
  }

  /** Spread by a fifth, so that candidates do not ask in step. */
  #pause(): Promise<void> {
    const spread = millis(this.#times.retryPeriod * (1 + this.#options.random.next() / 5));
    return sleep(this.#options.clock, spread, this.#stopping.signal);
  }

  async #tryAcquire(): Promise<boolean> {
    const read = await this.#read();
    // A lease that somebody deleted says nothing about its holder, who may not have noticed yet.
    if (read.kind === 'notFound')
      return this.#observed === undefined || this.#isFree(this.#observed) ? this.#create() : false;
    if (read.kind !== 'ok') return this.#failed('read', read);
    const seen = this.#observe(read.object);
    if (seen === undefined) return this.#failed('read', 'the lease is not readable');
    if (!this.#isFree(seen)) return false;
    return this.#write('acquire', seen.lease);
  }

  /** Free when given back, or not renewed for as long as it says (or as we do, whichever is longer) while we watched. */
  #isFree({ lease, at }: Observation): boolean {
    // Ours already: the reply to our own write was lost.
    if (lease.holder === '' || lease.holder === this.identity) return true;
    return elapsed(at, this.#options.clock.monotonic()) >= Math.max(lease.duration, this.#times.leaseDuration);
  }

  async #create(): Promise<boolean> {
    const { client, lease } = this.#options;
    const sent = this.#moment();
    const spec = this.#spec(0, this.#options.clock.now());
    const object = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: lease.name, namespace: lease.namespace },
      spec,
    };
    return this.#settle('acquire', sent, await client.create(LEASES, lease.namespace, object, this.#callOptions()));
  }

  /** Keeps the lease until it is lost (returns why) or it shall be given back (undefined). */
  async #hold(): Promise<string | undefined> {
    const { signal } = this.#stopping;
    let pause = this.#times.retryPeriod;
    while (!signal.aborted) {
      await sleep(this.#options.clock, this.#untilDeadlineOr(pause), signal);
      if (signal.aborted) return undefined;
      // Also after a freeze: the lease may be another's since, and even if not, what we know of the world is old.
      if (this.#sinceRenewal() >= this.#times.renewDeadline)
        return `not renewed for ${this.#times.renewDeadline / 1_000} s`;
      const isRenewed = await this.#renew();
      if (!isRenewed && this.#isTakenByAnother()) return `taken by ${this.#observed?.lease.holder}`;
      // While it is in danger it is tried twice as often.
      pause = isRenewed ? this.#times.retryPeriod : millis(this.#times.retryPeriod / 2);
    }
    return undefined;
  }

  /** Never later than the moment at which leadership ends without a renewal. */
  #untilDeadlineOr(pause: Millis): Millis {
    return millis(Math.max(0, Math.min(pause, this.#times.renewDeadline - this.#sinceRenewal())));
  }

  async #renew(): Promise<boolean> {
    if (this.#observed !== undefined && (await this.#write('renew', this.#observed.lease))) return true;
    // Whatever went wrong, our version of the lease may be old: look before the next try.
    const read = await this.#read();
    if (read.kind === 'ok') this.#observe(read.object);
    if (read.kind === 'notFound') return this.#create();
    return false;
  }

  #isTakenByAnother(): boolean {
    return this.#observed !== undefined && this.#observed.lease.holder !== this.identity;
  }

  async #release(): Promise<void> {
    const read = await this.#read();
    const seen = read.kind === 'ok' ? readLease(read.object) : undefined;
    if (seen === undefined || seen.holder !== this.identity) return;
    const spec = {
      ...specOf(seen.object),
      holderIdentity: '',
      leaseDurationSeconds: 1,
      renewTime: formatMicroTime(this.#options.clock.now()),
    };
    const result = await this.#options.client.replace(LEASES, { ...seen.object, spec }, this.#callOptions());
    // Not given back, it runs out by itself; the next leader only waits longer.
    if (result.kind !== 'ok') this.#failed('release', result);
  }

  #read(): Promise<ObjectResult> {
    return this.#options.client.get(LEASES, this.#options.lease, this.#callOptions());
  }

  async #write(what: 'acquire' | 'renew', lease: LeaseView): Promise<boolean> {
    const sent = this.#moment();
    const now = this.#options.clock.now();
    const isNew = lease.holder !== this.identity;
    const spec = isNew
      ? { ...specOf(lease.object), ...this.#spec(lease.transitions + 1, now) }
      : {
          ...specOf(lease.object),
          leaseDurationSeconds: this.#times.leaseDuration / 1_000,
          renewTime: formatMicroTime(now),
        };
    return this.#settle(
      what,
      sent,
      await this.#options.client.replace(LEASES, { ...lease.object, spec }, this.#callOptions()),
    );
  }

  #settle(what: 'acquire' | 'renew', sent: Moment, result: ObjectResult): boolean {
    if (result.kind !== 'ok') return this.#failed(what, result);
    if (this.#observe(result.object)?.lease.holder !== this.identity)
      return this.#failed(what, 'another holder in the reply');
    this.#renewal = sent;
    this.#options.hooks?.renewed?.(elapsed(sent.monotonic, this.#options.clock.monotonic()));
    return true;
  }

  /** One attempt, with a part of what is left until leadership ends; the loop above is the retry. */
  #callOptions(): { readonly timeout: Millis; readonly attempts: number } {
    const share = this.#times.renewDeadline / TRIES_PER_DEADLINE;
    const left = this.#renewal === undefined ? share : this.#times.renewDeadline - this.#sinceRenewal();
    return { timeout: millis(Math.max(1, Math.min(share, left))), attempts: 1 };
  }

  #observe(object: KubeObject): Observation | undefined {
    const lease = readLease(object);
    if (lease === undefined) return undefined;
    const known = this.#observed;
    if (known?.lease.holder !== lease.holder) this.#options.hooks?.observed?.(lease.holder);
    const at = known?.lease.fingerprint === lease.fingerprint ? known.at : this.#options.clock.monotonic();
    this.#observed = { lease, at };
    return this.#observed;
  }

  #failed(what: 'read' | 'acquire' | 'renew' | 'release', failure: ApiFailure | string): false {
    this.#options.hooks?.failed?.(what, typeof failure === 'string' ? failure : causeOf(failure));
    return false;
  }

  #spec(transitions: number, now: Instant): Readonly<Record<string, unknown>> {
    const at = formatMicroTime(now);
    const leaseDurationSeconds = this.#times.leaseDuration / 1_000;
    return {
      holderIdentity: this.identity,
      leaseDurationSeconds,
      acquireTime: at,
      renewTime: at,
      leaseTransitions: transitions,
    };
  }

  #moment(): Moment {
    return { monotonic: this.#options.clock.monotonic(), wall: this.#options.clock.now() };
  }

  /**
   * The larger of both clocks: monotonic time stands still on some systems while the machine sleeps, wall time can be set back.
   * Wall time that is set forward ends leadership too early, which is safe.
   */
  #sinceRenewal(): Millis {
    const now = this.#moment();
    if (this.#renewal === undefined) return millis(Number.POSITIVE_INFINITY);
    return millis(Math.max(elapsed(this.#renewal.monotonic, now.monotonic), since(this.#renewal.wall, now.wall)));
  }
}

function readLease(object: KubeObject): LeaseView | undefined {
  const spec = specOf(object);
  const {
    holderIdentity: holder = '',
    leaseDurationSeconds: duration = 0,
    leaseTransitions: transitions = 0,
    renewTime,
  } = spec;
  if (typeof holder !== 'string' || typeof duration !== 'number' || typeof transitions !== 'number') return undefined;
  // Labels and annotations may change without a renewal, so the resourceVersion does not tell.
  const fingerprint = JSON.stringify([object.metadata.uid, holder, renewTime, transitions]);
  return { object, holder, duration: seconds(duration), transitions, fingerprint };
}

function specOf(object: KubeObject): Readonly<Record<string, unknown>> {
  return isJsonObject(object['spec']) ? object['spec'] : {};
}

function causeOf(failure: ApiFailure): string {
  switch (failure.kind) {
    case 'unavailable':
      return failure.cause;
    case 'notFound':
    case 'alreadyExists':
    case 'conflict':
    case 'invalid':
    case 'unauthorized':
    case 'forbidden':
    case 'gone':
      return failure.kind;
    default:
      return assertNever(failure, 'failure');
  }
}
