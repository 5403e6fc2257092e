import type { Clock } from '../../base/clock.ts';
import type { ObjectKey, ObjectUid, ServerUuid } from '../../base/ids.ts';
import { parseAttemptId, splitKey } from '../../base/ids.ts';
import type { Random } from '../../base/random.ts';
import type { Secret } from '../../base/secret.ts';
import type { Monotonic } from '../../base/time.ts';
import { formatInstant, seconds } from '../../base/time.ts';
import type { Decision, Effect, Query, Rest } from '../../core/model/decision.ts';
import { wait } from '../../core/model/decision.ts';
import { readLedger } from '../../core/model/ledger.ts';
import type { AccountFact, Memory, ServerSnapshot, Settings } from '../../core/model/snapshot.ts';
import { EMPTY_MEMORY } from '../../core/model/snapshot.ts';
import type { Result } from '../../core/server/absorb.ts';
import { absorb } from '../../core/server/absorb.ts';
import { ruling } from '../../core/server/decide.ts';
import { maybeSentAttempt, ownServer } from '../../core/server/facts.ts';
import { learn } from '../../core/server/learn.ts';
import { STILL_RECHECK } from '../../core/server/limits.ts';
import { refresh } from '../../core/server/refresh.ts';
import { restingPoint, stamp, statusOf } from '../../core/server/status.ts';
import type { KubeClient } from '../../kube/client.ts';
import { keyOf } from '../../kube/object.ts';
import type { OwnWrites } from '../../kube/own-writes.ts';
import type { ObjectStore } from '../../kube/store.ts';
import type { WorkQueue } from '../../kube/work-queue.ts';
import type { Brake } from '../../observability/happening.ts';
import type { Teller } from '../../observability/tell.ts';
import type { Poller } from '../account-view.ts';
import type { Brakes } from '../brakes.ts';
import type { Verdict } from '../fence.ts';
import type { Controller, Look, PassEnd } from '../reconcile.ts';
import { brakeOf, standingOf, tellResult, tellRuling, tellTransitions } from './happenings.ts';
import { readInputs } from './inputs.ts';
import { FLEXMETALSERVERS, refOf } from './object.ts';
import { perform } from './perform.ts';
import type { VendorPort } from './ports.ts';
import { specHash } from './spec-hash.ts';
import { DroppedFields } from '../../kube/dropped-fields.ts';
import { ObjectWriter, parseRaw } from './writes.ts';

export interface ServerControllerOptions {
  readonly client: KubeClient;
  readonly vendor: VendorPort;
  readonly store: ObjectStore;
  readonly ownWrites: OwnWrites;
  readonly queue: WorkQueue<ObjectKey>;
  readonly poller: Poller;
  readonly brakes: Brakes;
  readonly teller: Teller;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly random: Random;
  /** The last check before money, synchronous: whether this process may still spend any. */
  readonly mayAct: () => Verdict;
  /** Told of every secret that passes through, so that no log line can show it. */
  readonly onSecret: (secret: Secret) => void;
}

/** What metrics and the poller want to know of an object between its passes. */
interface Standing {
  readonly phase: string;
  readonly reason: string;
  readonly orderUnclear: boolean;
  readonly server: ServerUuid | undefined;
  /** What holds its order back. */
  readonly brake: Brake | undefined;
}

/** Talks for FlexMetalServers: gathers what core decides on, does what it decided, and writes down what came of it. */
export class ServerController implements Controller<ServerSnapshot, Query, Effect, Rest> {
  readonly #o: ServerControllerOptions;
  readonly #writer: ObjectWriter;
  readonly #memories = new Map<ObjectUid, Memory>();
  /** When the last news of each object came. */
  readonly #newsAt = new Map<ObjectUid, Monotonic>();
  readonly #standing = new Map<ObjectUid, Standing>();
  readonly #owners = new Map<ServerUuid, ObjectKey>();
  readonly #dropped = new DroppedFields();
  /** Objects that went with their last finalizer, by the version that the cache still has: another look would tell it all again. */
  readonly #letGo = new Map<ObjectUid, string>();
  /** Objects that wait for the next listing. */
  readonly #moving = new Set<ObjectKey>();

  constructor(options: ServerControllerOptions) {
    this.#o = options;
    this.#writer = new ObjectWriter(options.client, options.ownWrites, (sent, kept) => this.#tellDropped(sent, kept));
  }

  get moving(): ReadonlySet<ObjectKey> {
    return this.#moving;
  }

  /** Whose server this is, as far as this process has seen. */
  ownerOf(server: ServerUuid): ObjectKey | undefined {
    return this.#owners.get(server);
  }

  standing(): Iterable<Standing> {
    return this.#standing.values();
  }

  /** Objects whose order has an answer that only this process knows: they need one more look before it ends. */
  unrecorded(): readonly ObjectKey[] {
    const keys: ObjectKey[] = [];
    for (const [uid, { intent }] of this.#memories) {
      const object = this.#o.store.getByUid(uid);
      const isKnown = intent?.outcome?.kind === 'created' || intent?.outcome?.kind === 'refused';
      if (isKnown && object !== undefined) keys.push(keyOf(object));
    }
    return keys;
  }

  /** The object left the cache: whatever was kept about it goes. */
  forget(uid: ObjectUid, key: ObjectKey): void {
    const standing = this.#standing.get(uid);
    this.#disown(standing?.server, key);
    this.#memories.delete(uid);
    this.#newsAt.delete(uid);
    this.#letGo.delete(uid);
    this.#standing.delete(uid);
    this.#tellReleased(standing?.brake);
    this.#moving.delete(key);
    this.#o.brakes.release(uid);
    this.#o.ownWrites.forget(uid);
    this.#o.queue.forget(key);
    this.#o.teller.forget(refOf({ key, uid }));
  }

  async gather(look: Look): Promise<ServerSnapshot | undefined> {
    const { store, ownWrites, client, clock, random, settings, poller, brakes, vendor } = this.#o;
    const cached = store.get(look.key);
    if (cached === undefined) {
      // Failures that were counted for it would otherwise stay for ever.
      this.#o.queue.forget(look.key);
      return undefined;
    }
    if (this.#letGo.get(cached.metadata.uid) === cached.metadata.resourceVersion) return undefined;
    const newest = ownWrites.newest(cached);
    const live = newest.kind === 'object' ? undefined : await client.get(FLEXMETALSERVERS, splitKey(look.key));
    if (live !== undefined && live.kind !== 'ok') return this.#later(look);
    const raw = newest.kind === 'object' ? newest.object : live?.object;
    if (raw === undefined) return undefined;
    const parsed = parseRaw(raw);
    if (parsed.object === undefined) return undefined;
    const { object } = parsed;
    const account = await vendor.account();
    const view = poller.view();
    const now = clock.now();
    const attempt = parseAttemptId(random.hex(8));
    if (attempt === undefined) throw new Error('the random source gave no sixteen hex digits');
    return refresh({
      now,
      monotonic: clock.monotonic(),
      queuedAt: look.queuedAt,
      newsAt: this.#newsOf(object.uid, look),
      jitter: random.next(),
      nextAttempt: attempt,
      object,
      spec:
        parsed.kind === 'ok'
          ? { kind: 'valid', spec: parsed.object.spec, hash: specHash(parsed.object.spec) }
          : { kind: 'invalid', message: parsed.message },
      ledger: readLedger(object.uid, object.annotationLedger, object.statusLedger),
      settings,
      account,
      view,
      memory: this.#memories.get(object.uid) ?? EMPTY_MEMORY,
      brakes: brakes.facts(view.latest, now, object.uid),
      inputs: { kind: 'notAsked' },
      livingUids: { has: (uid) => store.getByUid(uid) !== undefined },
    });
  }

  /** A look by rhythm brings none; the first one that is known of an object does in any case. */
  #newsOf(uid: ObjectUid, look: Look): Monotonic {
    const known = look.priority === 'resync' ? this.#newsAt.get(uid) : undefined;
    const newsAt = known ?? look.queuedAt;
    this.#newsAt.set(uid, newsAt);
    return newsAt;
  }

  #later(look: Look): undefined {
    this.#o.queue.addRateLimited(look.key);
  }

  decide(snapshot: ServerSnapshot): Decision {
    const ruled = ruling(snapshot);
    for (const happening of tellRuling(snapshot, ruled)) this.#o.teller.tell(happening);
    return ruled.decision;
  }

  async answer(s: ServerSnapshot, query: Query): Promise<ServerSnapshot> {
    const { poller, vendor, client, brakes, clock } = this.#o;
    switch (query.kind) {
      case 'list': {
        const failed = await poller.begunAfter(query.begunAfter);
        const view = poller.view();
        const account: AccountFact = await vendor.account();
        const later = { ...this.#timed(s), account, brakes: brakes.facts(view.latest, clock.now(), s.object.uid) };
        return refresh(learn(later, { kind: 'list', view, failed }));
      }
      case 'getServer': {
        const at = clock.monotonic();
        const outcome = await vendor.getServer(query.server, 'settle');
        return learn(this.#timed(s), { kind: 'getServer', server: query.server, outcome, at });
      }
      case 'inputs': {
        const inputs = await readInputs(client, s, this.#o.onSecret);
        return learn(this.#timed(s), { kind: 'inputs', inputs });
      }
    }
  }

  #timed(s: ServerSnapshot): ServerSnapshot {
    return { ...s, now: this.#o.clock.now(), monotonic: this.#o.clock.monotonic() };
  }

  async perform(s: ServerSnapshot, effect: Effect): Promise<ServerSnapshot> {
    const result = await this.#performOrDoubt(s, effect);
    for (const happening of tellResult(s, result)) this.#o.teller.tell(happening);
    return absorb({ ...s, now: this.#o.clock.now() }, result);
  }

  /** Should anything throw on the way, the order counts as sent from now on: only an outcome that says otherwise takes that back. */
  async #performOrDoubt(s: ServerSnapshot, effect: Effect): Promise<Result> {
    try {
      return await perform({ ...this.#o, writer: this.#writer }, s, effect);
    } catch (error) {
      if (effect.kind === 'createServer') {
        const { attempt } = effect.entry;
        const intent = {
          attempt,
          progress: 'maybeSent',
          seenAt: this.#o.clock.monotonic(),
          outcome: undefined,
        } as const;
        this.#memories.set(s.object.uid, { ...s.memory, intent });
      }
      throw error;
    }
  }

  async conclude(look: Look, end: PassEnd<ServerSnapshot, Effect, Rest>): Promise<void> {
    const { snapshot: s, rest } = resting(end);
    const { uid } = s.object;
    const gone =
      end.kind === 'acted' && end.effect.kind === 'dropFinalizer' && s.memory.retries['finalizer'] === undefined;
    // With its last finalizer the object is gone; what is left of it is the event in the cache, or was.
    if (gone && s.object.finalizers.length <= 1) {
      const left = this.#o.store.getByUid(uid)?.metadata.resourceVersion;
      if (!this.#forgetIfGone(uid, look.key) && left !== undefined) this.#letGo.set(uid, left);
      return;
    }
    this.#remember(look.key, s, rest);
    for (const happening of tellTransitions(s, rest)) this.#o.teller.tell(happening);
    this.#o.teller.standing(refOf(s.object), standingOf(s, rest));
    const written = await this.#writer.writeStatus(s.object, stamp(statusOf(s, rest), s), formatInstant(s.now));
    if (this.#forgetIfGone(uid, look.key)) return;
    if (written !== undefined && written.kind !== 'written') {
      this.#o.queue.addRateLimited(look.key);
      return;
    }
    this.#o.queue.forget(look.key);
    this.#arrange(look.key, rest.wakeUp);
  }

  /**
   * What left the cache during the pass leaves nothing behind, though the pass told and remembered something after that: it must not
   * hold the poller to its quick rhythm, hide an orphan, or stay in memory.
   */
  #forgetIfGone(uid: ObjectUid, key: ObjectKey): boolean {
    if (this.#o.store.getByUid(uid) !== undefined) return false;
    this.forget(uid, key);
    return true;
  }

  #remember(key: ObjectKey, s: ServerSnapshot, rest: Rest): void {
    const server = ownServer(s);
    const before = this.#standing.get(s.object.uid);
    this.#memories.set(s.object.uid, s.memory);
    const { phase = '', conditions } = statusOf(s, rest);
    this.#standing.set(s.object.uid, {
      phase,
      reason: conditions.find(({ type }) => type === 'Ready')?.reason ?? '',
      orderUnclear: maybeSentAttempt(s) !== undefined,
      server,
      brake: brakeOf(s, rest),
    });
    this.#tellReleased(before?.brake);
    this.#disown(before?.server, key);
    if (server !== undefined) this.#owners.set(server, key);
  }

  /** A server that another object has taken over meanwhile stays that one's. */
  #disown(server: ServerUuid | undefined, key: ObjectKey): void {
    if (server !== undefined && this.#owners.get(server) === key) this.#owners.delete(server);
  }

  #tellDropped(sent: unknown, kept: unknown): void {
    this.#dropped.seen(sent, kept);
    const { fields } = this.#dropped;
    this.#o.teller.tell(fields.length > 0 ? { kind: 'crdOutdated', fields } : { kind: 'crdFits' });
  }

  /** A brake that held an object back is released when it holds none any more. */
  #tellReleased(brake: Brake | undefined): void {
    if (brake === undefined) return;
    for (const standing of this.#standing.values()) if (standing.brake === brake) return;
    this.#o.teller.tell({ kind: 'brakeReleased', brake });
  }

  #arrange(key: ObjectKey, wakeUp: Rest['wakeUp']): void {
    const isMoving = wakeUp.kind === 'onListing' && wakeUp.atMost < STILL_RECHECK;
    if (isMoving && !this.#moving.has(key)) {
      this.#moving.add(key);
      this.#o.poller.hurry();
    }
    if (!isMoving) this.#moving.delete(key);
    switch (wakeUp.kind) {
      case 'now':
        return this.#o.queue.add(key, 'continue');
      case 'after':
        return this.#o.queue.addAfter(key, wakeUp.delay);
      case 'onListing':
        return this.#o.queue.addAfter(key, wakeUp.atMost);
      case 'onChange':
        return undefined;
    }
  }
}

/** A pass that kept asking has met two rules that ask in turn: it must not spin. */
const UNFINISHED_PAUSE = seconds(30);

function resting(end: PassEnd<ServerSnapshot, Effect, Rest>): {
  readonly snapshot: ServerSnapshot;
  readonly rest: Rest;
} {
  switch (end.kind) {
    case 'rested':
      return { snapshot: end.snapshot, rest: end.rest };
    case 'acted':
      return { snapshot: end.after, rest: restingPoint(end.after, end.effect) };
    case 'unfinished':
      return {
        snapshot: end.snapshot,
        rest: wait('Progressing', 'The operator could not come to a decision in one look and looks again.', {
          kind: 'after',
          delay: UNFINISHED_PAUSE,
        }),
      };
  }
}
