import { assertNever } from '../../../src/base/assert-never.ts';
import { parseServerUuid } from '../../../src/base/ids.ts';
import { seconds } from '../../../src/base/time.ts';
import type { Millis } from '../../../src/base/time.ts';
import { ANNOTATION, FINALIZER, readMarks } from '../../../src/resources/names.ts';
import { FaultRule } from '../../../src/simulator/faults.ts';
import type { ServerLife } from '../../../src/simulator/retrospect.ts';
import { fieldsOf, isList, textOf, toJsonObject } from '../../support/api-server/json.ts';
import type { JsonObject } from '../../support/api-server/json.ts';
import { UserRefused } from '../../support/api-server/user.ts';
import { AN_ORDER } from '../../support/simulated-world.ts';
import { CANARIES } from '../../support/simulation/canaries.ts';
import { aServer, SECRET } from '../../support/simulation/scenarios.ts';
import type { Simulation } from '../../support/simulation/simulation.ts';
import { conditionOf } from '../../support/simulation/simulation.ts';
import { evaluate } from '../schema/cel.ts';
import { CHANGE_RULES } from '../schema/crd.ts';
import { OPERATORS_ORDER } from './fates.ts';
import type { Step } from './steps.ts';
import { NAMES } from './steps.ts';

/**
 * Everybody but the operator: carries out steps. What the checks cannot see in the objects' own history is noted where they
 * look for it: objects that lost their finalizer are abandoned, servers ordered by hand are strangers.
 */
export class Everybody {
  readonly #sim: Simulation;
  readonly #backups = new Map<string, JsonObject>();
  readonly #mends: (() => unknown)[] = [];
  #troubledUntil = -Infinity;
  readonly #recreated = new Set<string>();
  readonly #doubled: { readonly uid: string; readonly server: string; readonly at: number }[] = [];
  /** Uid and server: somebody put that uid's tag on a server that was never its object's. */
  readonly mislabelled: (readonly [uid: string, server: string])[] = [];

  constructor(sim: Simulation) {
    this.#sim = sim;
  }

  /** One deed, at once. What the API server refuses did not happen. */
  do(step: Step): void {
    try {
      this.#do(step);
    } catch (error) {
      if (!(error instanceof UserRefused)) throw error;
    }
  }

  #do(step: Step): void {
    const { user } = this.#sim;
    switch (step.do) {
      case 'apply':
        return void user.apply(aServer(step.name, { tags: tagsOf(step.tags) }));
      case 'replace':
        return this.#replace(step.name);
      case 'edit':
        return this.edit(step.name, step.what, step.value);
      case 'pause':
        return this.annotate(step.name, ANNOTATION.paused, 'true');
      case 'resume':
        return this.annotate(step.name, ANNOTATION.paused, null);
      case 'lookNow':
        return this.annotate(step.name, ANNOTATION.reconcileRequestedAt, String(this.#sim.clock.now()));
      case 'answer':
        return this.answer(step.name, this.#answerText(step));
      case 'forceForget':
        return this.forceForget(step.name, this.#subject(step.name, 'forget', step.about));
      case 'delete':
        return this.delete(step.name);
      case 'recreate':
        return this.#recreate(step.name);
      case 'backup':
        return this.#backUp(step.name);
      case 'restore':
        return this.#restore(step.name);
      case 'dropStatus':
        return this.#unlessLastTrace(step.name, 'status', () =>
          user.edit(aServer(step.name), { status: null }, 'status'),
        );
      case 'dropLedger':
        return this.#unlessLastTrace(step.name, 'annotation', () => this.annotate(step.name, ANNOTATION.order, null));
      case 'dropFinalizers':
        return this.#unlessLastTrace(step.name, 'finalizer', () => {
          this.#noteLetGo(step.name);
          user.dropFinalizers(aServer(step.name));
        });
      case 'spoilLedger':
        return this.annotate(step.name, ANNOTATION.order, '{"attempt":');
      case 'dropSecret':
        return user.delete(SECRET);
      case 'releaseAtVendor':
        return this.#atVendor(step.name, (uuid) => this.#sim.world.release(this.#sim.clock.now(), uuid));
      case 'failAtVendor':
        return this.#atVendor(step.name, (uuid) => this.#sim.world.setStatus(this.#sim.clock.now(), uuid, 'failed'));
      case 'stickAtVendor':
        return this.#atVendor(step.name, (uuid) =>
          this.#sim.world.setStatus(this.#sim.clock.now(), uuid, 'provisioning'),
        );
      case 'untagAtVendor':
        return this.#untag(step.name);
      case 'mislabelAtVendor':
        return this.#mislabel(step.name);
      case 'orderAtVendor':
        return this.#orderByHand(step.name, []);
      case 'doubleAtVendor':
        return this.#atVendor(step.name, (_uuid, tags) =>
          this.#orderByHand(
            step.name,
            tags.filter((tag) => !tag.startsWith(OPERATORS_ORDER)),
          ),
        );
      case 'outage':
        return this.#outage(seconds(step.seconds));
      case 'revokeToken':
        return this.#revoke(seconds(step.seconds));
      case 'kill':
        for (const process of this.#sim.processes.filter(({ isLeading }) => isLeading)) process.kill();
        return undefined;
      case 'terminate':
        for (const process of this.#sim.processes.filter(({ isLeading }) => isLeading)) process.stop();
        return undefined;
      default:
        return assertNever(step, 'step');
    }
  }

  annotate(name: string, annotation: string, value: string | null): void {
    if (this.#object(name) !== undefined) this.#sim.user.annotate(aServer(name), { [annotation]: value });
  }

  answer(name: string, answer: string): void {
    const object = this.#object(name);
    // Nobody can say which server a forgotten attempt would have had.
    if (object !== undefined && answer === `forget=${statusAttempt(object)}`) this.#abandon(object);
    this.annotate(name, ANNOTATION.resolve, answer);
  }

  forceForget(name: string, subject: string): void {
    this.annotate(name, ANNOTATION.forceForget, subject);
  }

  delete(name: string): void {
    this.#noteUnguarded(name);
    this.#sim.user.delete(aServer(name));
  }

  /** An edit that the CRD's rules forbid is refused by a real API server, so it does not happen here. */
  edit(name: string, what: Extract<Step, { do: 'edit' }>['what'], value: number): void {
    const object = this.#object(name);
    if (object === undefined) return;
    const spec = toJsonObject({ ...fieldsOf(object['spec']), ...EDITS[what](value) });
    const isTaken = CHANGE_RULES.every(({ rule }) => evaluate(rule, { ...object, spec }, object));
    if (isTaken) this.#sim.user.edit(aServer(name), { spec });
  }

  createSecret(): void {
    if (this.#sim.user.get(SECRET) === undefined) this.#sim.user.create(SECRET);
  }

  /** Somebody puts a tag on a server, or takes one off, in the vendor's portal. */
  tag(method: 'POST' | 'DELETE', uuid: string, tag: string): void {
    this.#sim.world.apply(this.#sim.clock.now(), {
      method,
      path: `/v3/flexMetal/servers/${uuid}/tag/${tag}`,
      headers: { 'private-token': CANARIES.token },
    });
  }

  #object(name: string): JsonObject | undefined {
    return this.#sim.object(name);
  }

  /** Once for each object: the next one is created when this one goes. */
  #recreate(name: string): void {
    const object = this.#object(name);
    if (object !== undefined && this.#recreated.has(uidOf(object))) return;
    if (object !== undefined) this.#recreated.add(uidOf(object));
    this.#noteUnguarded(name);
    this.#sim.user.recreate(aServer(name));
  }

  #replace(name: string): void {
    const object = this.#object(name);
    if (object === undefined) return;
    // Without status and annotation nothing would be left of an order that no list may show yet.
    if (statusAttempt(object) === undefined && !this.#isSettled(object)) return;
    this.#noteLetGo(name);
    this.#sim.user.replace({ ...aServer(name), spec: fieldsOf(object['spec']) });
  }

  #backUp(name: string): void {
    const object = this.#object(name);
    if (object !== undefined && deletedAt(object) === undefined) this.#backups.set(name, object);
  }

  #restore(name: string): void {
    const backup = this.#backups.get(name);
    if (backup === undefined) return;
    const object = this.#object(name);
    if (object !== undefined) {
      this.#abandon(object);
      this.#sim.user.dropFinalizers(aServer(name));
      this.#sim.user.delete(aServer(name));
    }
    this.#sim.user.restore(backup);
  }

  /**
   * The documents except the loss of status, annotation and finalizer together while no list shows the server yet. So the last
   * trace is only removed when everything that was ordered can be seen by its tags.
   */
  #unlessLastTrace(name: string, trace: 'status' | 'annotation' | 'finalizer', remove: () => unknown): void {
    const object = this.#object(name);
    if (object === undefined) return;
    const left = [
      trace !== 'status' && statusAttempt(object) !== undefined,
      trace !== 'annotation' && annotationsOf(object)[ANNOTATION.order] !== undefined,
      trace !== 'finalizer' && hasFinalizer(object),
    ];
    if (left.includes(true) || this.#isSettled(object)) remove();
  }

  /** Whether every order of the object shows in lists by now, with the object's tag on its server. */
  #isSettled(object: JsonObject): boolean {
    const uid = uidOf(object);
    const orders = this.#sim.world.orders().filter(({ tags }) => readMarks(tags).uids.some((owner) => owner === uid));
    const now = this.#sim.clock.now();
    return (
      orders.every(({ at }) => now - at > SHOWN_AFTER) &&
      this.#livesOf(uid).every(({ tags }) => readMarks(tags).uids.some((owner) => owner === uid))
    );
  }

  /** Without its finalizer an object goes at once, and what it had is left to whoever took the finalizer away. */
  #noteUnguarded(name: string): void {
    const object = this.#object(name);
    if (object !== undefined && !hasFinalizer(object) && this.#mayHaveOrdered(object)) this.#abandon(object);
  }

  /** A deleted object goes with its last finalizer, whoever takes it away. */
  #noteLetGo(name: string): void {
    const object = this.#object(name);
    if (object !== undefined && deletedAt(object) !== undefined && this.#mayHaveOrdered(object)) this.#abandon(object);
  }

  #mayHaveOrdered(object: JsonObject): boolean {
    return (
      statusAttempt(object) !== undefined ||
      annotationsOf(object)[ANNOTATION.order] !== undefined ||
      this.#sim.world.orders().some(({ tags }) => readMarks(tags).uids.some((owner) => owner === uidOf(object)))
    );
  }

  #livesOf(uid: string): readonly ServerLife[] {
    return this.#sim.liveServers().filter(({ tagsEver }) => readMarks(tagsEver).uids.some((owner) => owner === uid));
  }

  #atVendor(name: string, act: (uuid: ServerLife['uuid'], tags: readonly string[]) => unknown): void {
    const object = this.#object(name);
    const server = object === undefined ? undefined : this.#livesOf(uidOf(object))[0];
    if (server !== undefined) act(server.uuid, server.tags);
  }

  /** To be called when nobody does anything any more: what no list showed before its object went was nobody's to release. */
  end(): void {
    const gone = this.#sim.api.history.filter(({ verb }) => verb === 'delete');
    for (const { uid, server, at } of this.#doubled) {
      const goneAt = gone.find(({ object }) => uidOf(object) === uid)?.at ?? Infinity;
      if (goneAt - at < SHOWN_AFTER) this.mislabelled.push([uid, server]);
    }
  }

  #mislabel(name: string): void {
    const other = this.#object(NAMES.find((candidate) => candidate !== name) ?? '');
    if (other === undefined) return;
    this.#atVendor(name, (uuid) => {
      this.mislabelled.push([uidOf(other), uuid]);
      this.tag('POST', uuid, `flexmetal-uid:${uidOf(other)}`);
    });
  }

  /** Nobody gets anything ordered while the vendor does not answer. */
  #orderByHand(name: string, tags: readonly string[]): void {
    if (this.#sim.clock.now() <= this.#troubledUntil) return;
    const { location, instanceType, os, sshKey } = AN_ORDER;
    const reply = this.#sim.world.apply(this.#sim.clock.now(), {
      method: 'POST',
      path: '/v3/flexMetal/servers',
      headers: { 'private-token': CANARIES.token },
      body: JSON.stringify({ name, location, instanceType, os, sshKey, tags }),
    });
    const ordered = this.#sim.world.lives().find(({ orderedBy }) => orderedBy === reply.requestId);
    if (ordered === undefined) return;
    this.#sim.strangers.add(ordered.uuid);
    for (const uid of readMarks(tags).uids) this.#doubled.push({ uid, server: ordered.uuid, at: ordered.orderedAt });
  }

  /** Only where the ledger names the server: one that is lost sight of and without tags is nobody's, as documented. */
  #untag(name: string): void {
    const object = this.#object(name);
    const own = parseServerUuid(object === undefined ? '' : (ownServer(object) ?? ''));
    const ledger = object === undefined ? undefined : annotationsOf(object)[ANNOTATION.order];
    if (object === undefined || own === undefined || !textOf(ledger)?.includes(own)) return;
    this.tag('DELETE', own, `flexmetal-uid:${uidOf(object)}`);
  }

  #outage(length: Millis): void {
    const rule = this.#sim.world.addFault(
      FaultRule.parse({ do: { answer: { kind: 'error', status: 503, body: 'html' } } }),
    );
    this.#endsAfter(length, () => this.#sim.world.removeFault(rule));
  }

  #revoke(length: Millis): void {
    this.#sim.world.revokeToken(CANARIES.token);
    this.#endsAfter(length, () => this.#sim.world.setToken('default', CANARIES.token));
  }

  #endsAfter(length: Millis, end: () => unknown): void {
    this.#mends.push(end);
    this.#troubledUntil = Math.max(this.#troubledUntil, this.#sim.clock.now() + length);
    this.#sim.clock.setTimer(length, () => void end());
  }

  /** The vendor answers again, whatever was to last longer. */
  mend(): void {
    for (const end of this.#mends) end();
  }

  #answerText({ name, verb, about }: Extract<Step, { do: 'answer' }>): string {
    const said =
      about === 'said' ? commandsIn(this.#object(name)).find(({ annotation }) => annotation === 'resolve') : undefined;
    return said?.value ?? `${verb}=${this.#subject(name, verb, about)}`;
  }

  #subject(name: string, verb: string, about: Extract<Step, { do: 'answer' }>['about']): string {
    const other = this.#object(NAMES.find((candidate) => candidate !== name) ?? '');
    const own = this.#object(name);
    switch (about) {
      case 'said':
      case 'ownServer':
        return (verb === 'reorder' ? statusAttempt(own) : ownServer(own)) ?? NOBODY;
      case 'ownAttempt':
        return statusAttempt(own) ?? NOBODY;
      case 'othersServer':
        return ownServer(other) ?? NOBODY;
      case 'othersAttempt':
        return statusAttempt(other) ?? NOBODY;
      case 'nobody':
        return NOBODY;
      case 'nonsense':
        return 'web';
      default:
        return assertNever(about, 'subject');
    }
  }

  #abandon(object: JsonObject): void {
    this.#sim.abandoned.add(uidOf(object));
  }
}

const NOBODY = '00000000-0000-4000-8000-000000000000';

/** The list lag of simulated worlds, a reply that was delayed, and some more. */
const SHOWN_AFTER = seconds(360);

const tagsOf = (value: number): readonly string[] => ['team:web', `round:${value}`].slice(0, (value % 3) + 0);

const EDITS = {
  tags: (value: number) => ({ tags: tagsOf(value) }),
  policy: (value: number) => ({ deletionPolicy: value % 2 === 0 ? 'Retain' : 'Release' }),
  protection: (value: number) => ({ deletionProtection: value % 2 === 0 }),
  timeout: (value: number) => ({ provisioningTimeout: `${5 + value * 10}m` }),
  location: (value: number) => ({ location: ['EU: Rotterdam', 'JP: Tokyo', 'Atlantis'][value % 3] }),
  type: (value: number) => ({ instanceType: ['bm7.std.8', 'bm8.std.32', 'bm0.none'][value % 3] }),
} as const;

export const uidOf = (object: JsonObject): string => textOf(fieldsOf(object['metadata'])['uid']) ?? '';

export const deletedAt = (object: JsonObject | undefined): string | undefined =>
  textOf(fieldsOf(object?.['metadata'])['deletionTimestamp']);

const annotationsOf = (object: JsonObject | undefined): JsonObject =>
  fieldsOf(fieldsOf(object?.['metadata'])['annotations']);

const orderOf = (object: JsonObject | undefined): JsonObject => fieldsOf(fieldsOf(object?.['status'])['order']);

const statusAttempt = (object: JsonObject | undefined): string | undefined => textOf(orderOf(object)['attempt']);

export const ownServer = (object: JsonObject | undefined): string | undefined => textOf(orderOf(object)['serverUuid']);

function hasFinalizer(object: JsonObject): boolean {
  const finalizers = fieldsOf(object['metadata'])['finalizers'];
  return isList(finalizers) && finalizers.includes(FINALIZER);
}

/** The commands that an object's message ends in, as a person reads them. */
export function commandsIn(
  object: JsonObject | undefined,
): readonly { readonly annotation: 'resolve' | 'force-forget'; readonly value: string }[] {
  const message = textOf(conditionOf(object, 'Ready')['message']) ?? '';
  return [...message.matchAll(/flexmetal\.i3d\.net\/(resolve|force-forget)=([^\s,;)]+)/g)].map(
    ([, annotation, value = '']) => ({
      annotation: annotation === 'resolve' ? 'resolve' : 'force-forget',
      value: value.replace(/\.$/, ''),
    }),
  );
}
